"""How the sandbox GitHub shows its state: JSON shapes as GitHub's, the same in answers and payloads.

Each function takes the state, for addresses and names, and what it shows. Nothing is changed here.
"""
