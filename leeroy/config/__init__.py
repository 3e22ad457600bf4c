"""The settings: config.json -> typed, frozen, with all faults at once, each with its path.

Start reading at :mod:`leeroy.config.models` for what may be said, at :mod:`leeroy.config.load` for
how it is read, and at :mod:`leeroy.config.resolved` for what holds where.
"""

from leeroy.config.choices import (
    Approval,
    BuildCommits,
    Dashboard,
    GitHubEvents,
    IfJobMissing,
    Mode,
    Trust,
    UnstableAs,
)
from leeroy.config.contexts import OwnContext, own_contexts
from leeroy.config.load import load_config, parse_config
from leeroy.config.merge_groups import MergeGroup
from leeroy.config.models import (
    DEFAULT_SERVER,
    Branch,
    Build,
    Comments,
    Conflicts,
    Job,
    Notify,
    RepoSettings,
    Server,
    Settings,
)
from leeroy.config.not_yet import NOT_YET
from leeroy.config.notes import Note, notes
from leeroy.config.resolved import Config
from leeroy.config.schema import config_schema
from leeroy.config.templates import ParameterSet, fill
from leeroy.config.web_url import github_web_url

__all__ = [
    "DEFAULT_SERVER",
    "NOT_YET",
    "Approval",
    "Branch",
    "Build",
    "BuildCommits",
    "Comments",
    "Config",
    "Conflicts",
    "Dashboard",
    "GitHubEvents",
    "IfJobMissing",
    "Job",
    "MergeGroup",
    "Mode",
    "Note",
    "Notify",
    "OwnContext",
    "ParameterSet",
    "RepoSettings",
    "Server",
    "Settings",
    "Trust",
    "UnstableAs",
    "config_schema",
    "fill",
    "github_web_url",
    "load_config",
    "notes",
    "own_contexts",
    "parse_config",
]
