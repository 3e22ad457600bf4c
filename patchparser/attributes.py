"""``.gitattributes``: only the ``linguist-*`` attributes that say what kind a file is."""

from collections.abc import Mapping


class Attributes:
    """The attributes of a checkout."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        """``files``: the path of each ``.gitattributes`` in the checkout, and what is in it."""
        self._files = dict(files or {})

    def value_of(self, path: str, attribute: str) -> tuple[bool, str] | None:
        """Whether the attribute is set, and the rule saying so; None where nothing is said."""
        raise NotImplementedError
