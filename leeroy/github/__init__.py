"""GitHub's REST API: one method for each thing asked; facts out, effects in, never dicts.

Start reading at :mod:`leeroy.github.client`.
"""

from leeroy.github.client import GitHub
from leeroy.github.gate import GITHUB_COM_BUDGETS, Gate
from leeroy.github.transport import GitHubConnection

__all__ = ["GITHUB_COM_BUDGETS", "Gate", "GitHub", "GitHubConnection"]
