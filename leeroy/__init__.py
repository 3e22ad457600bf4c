"""Leeroy joins GitHub and Jenkins.

It builds every pull request and every push to a watched branch, reports each build as a commit
status, and says once what a pull request is missing. Start reading at :mod:`leeroy.deciding.plan`.
"""

__version__ = "0.1.0"
