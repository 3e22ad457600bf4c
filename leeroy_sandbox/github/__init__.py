"""A GitHub with state, over real git repositories: `GitHub(root)`, then `with github.serve():`."""

from leeroy_sandbox.github.lag import Resource
from leeroy_sandbox.github.repositories import NotAFastForward, Work
from leeroy_sandbox.github.world import GitHub

__all__ = ["GitHub", "NotAFastForward", "Resource", "Work"]
