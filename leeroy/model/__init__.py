"""What GitHub, Jenkins and our own store say: frozen data that the rules compare and never change."""

from leeroy.model.branches import Channel, News, Notice, Push
from leeroy.model.builds import Build, BuildState, Result
from leeroy.model.causes import Cause, CauseKind, Reason, ReasonKind, cause_of
from leeroy.model.github import (
    Comment,
    CommentKind,
    Hook,
    OddEntry,
    OpenPull,
    OwnComment,
    Permission,
    PullRequest,
    Reaction,
    Status,
    StatusState,
)
from leeroy.model.jenkins import (
    BuildDetails,
    FailedTests,
    JenkinsBuild,
    JobInfo,
    JobKind,
    QueueItem,
    Sighting,
)
from leeroy.model.names import (
    FOLLOW_BUILDS,
    SWEEP,
    BranchRef,
    BuildRef,
    PullRef,
    RepoRef,
    Subject,
    lane_of,
    parse_subject,
)
from leeroy.model.sweeps import KnownPull, SweptPull, SweptRepo
from leeroy.model.trust import Approval, AuditEntry, SeenHead

__all__ = [
    "FOLLOW_BUILDS", "SWEEP", "Approval", "AuditEntry", "BranchRef", "Build", "BuildDetails",
    "BuildRef", "BuildState", "Cause", "CauseKind", "Channel", "Comment", "CommentKind", "FailedTests", "Hook",
    "JenkinsBuild", "JobInfo", "JobKind", "KnownPull", "News", "Notice", "OddEntry",
    "OpenPull", "OwnComment", "Permission", "PullRef", "PullRequest", "Push", "QueueItem", "Reaction", "Reason", "ReasonKind",
    "RepoRef", "Result", "SeenHead", "Sighting", "Status", "StatusState", "Subject",
    "SweptPull", "SweptRepo", "cause_of", "lane_of", "parse_subject",
]  # fmt: skip
