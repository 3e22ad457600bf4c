"""``leeroy demo``: a whole world on loopback, and a real Leeroy that works in it.

Read ``cast.py`` first (who and what there is), then ``story.py`` (what happens). ``stage.py`` runs
it, ``narrator.py`` tells it, ``expectations.py`` says what must stand on GitHub in the end.
"""
