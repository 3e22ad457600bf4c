"""``python -m patchparser`` is the command."""

from patchparser.cli import main

if __name__ == "__main__":
    main()
