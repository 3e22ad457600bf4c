"""patchparser reads a pull request's patch and says what it touches and what it is missing.

A library and a command. It knows nothing of Leeroy and opens no socket; start reading at
:mod:`patchparser.check`.
"""
