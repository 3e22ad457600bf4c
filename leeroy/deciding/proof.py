"""What a build in Jenkins proves: of which commit it is, and whether it may stand for an attempt.

A job that does not take the parameter, or checks out something else whatever it was given, silently
builds another commit. Its result must never be told of ours.
"""

from collections.abc import Collection, Iterable

from leeroy.deciding.parameters import (
    BASE_NAMES,
    BUILD_ID,
    GHPRB_NAMES,
    NUMBER_NAMES,
    OUR_NAMES,
    SHA_NAMES,
)
from leeroy.model import Build, JenkinsBuild, Reason, ReasonKind, Result

#: What Leeroy always sends and that says something else than the commit.
_OTHER_NAMES = (OUR_NAMES | GHPRB_NAMES) - SHA_NAMES


def carriers(build: Build) -> dict[str, str]:
    """The parameters of an attempt that carry its commit, or the merge of it, and their values.

    Those that are made for it, and those of the settings that are nothing but the sha.

    >>> row = Build(id="", server="", job="j", repo="a/b", pull=1, sha="c0", context="ci",
    ...     attempt=1, parameters={"GIT_SHA1": "c0", "REVISION": "c0", "BASE_SHA": "c0", "PR": "1"})
    >>> sorted(carriers(row))
    ['GIT_SHA1', 'REVISION']
    """
    commits = _commits(build)
    return {
        name: value
        for name, value in build.parameters.items()
        if value in commits and name not in _OTHER_NAMES
    }


def was_given(build: Build, seen: JenkinsBuild) -> bool:
    """Jenkins shows that it was given our commit, in a parameter that carries it."""
    return any(seen.parameters.get(name) == value for name, value in carriers(build).items())


def checked_out(build: Build, seen: JenkinsBuild) -> bool:
    """Jenkins shows that it checked out our commit, or the merge of it."""
    return not seen.revisions.isdisjoint(_commits(build))


def objection(build: Build, seen: JenkinsBuild) -> Reason | None:
    """Why what Jenkins built says nothing of our commit; None: it does, or it may yet.

    What it checked out counts for more than what it was given. Only a pipeline may show no more
    than the commit of its library or its Jenkinsfile.
    """
    if checked_out(build, seen):
        return None
    is_given = was_given(build, seen)
    if seen.is_building and (is_given or not seen.revisions):
        return None  # what it will check out may yet be ours
    if not is_given and carriers(build):
        return Reason(ReasonKind.TAKES_NO_SHA, build.job)
    if seen.revisions and not (is_given and seen.is_pipeline):
        return Reason(ReasonKind.BUILT_OTHER, f"{min(seen.revisions)} {build.job}")
    if is_given or seen.result not in (Result.SUCCESS, Result.UNSTABLE):
        # What failed before it checked anything out proves nothing, but it is no success either.
        return None
    return Reason(ReasonKind.SHOWS_NO_COMMIT, str(seen.number))


def may_stand_for(
    attempt: Build, earlier: Iterable[Build], seen: JenkinsBuild, own: Collection[str]
) -> bool:
    """A build that somebody started in Jenkins is what Leeroy would start for this attempt.

    ``earlier`` are attempts for the same commit, context and base: what they were given is as good.
    ``own`` are the names of parameters that the settings set.
    """
    known = (attempt, *earlier)
    proven = any(checked_out(one, seen) for one in known)
    if not attempt.is_of_branch_job:
        if not proven and not any(was_given(one, seen) for one in known):
            return False
        if all(objection(one, seen) for one in known):
            return False
    deciding = {*NUMBER_NAMES, *BASE_NAMES, *own, *(n for one in known for n in carriers(one))}
    if attempt.is_of_branch_job:
        deciding = set()  # it builds what its own branch has, whatever it is given
    defaults = seen.defaults or {}
    for name, shown in seen.parameters.items():
        if name == BUILD_ID:
            continue
        if name not in attempt.parameters:
            if seen.defaults is None or shown != defaults.get(name, ""):
                return False
            continue
        sent = {one.parameters[name].strip() for one in known if name in one.parameters}
        is_left_out = proven and shown in ("", defaults.get(name, ""))
        if shown.strip() not in sent and (name in deciding or not is_left_out):
            return False
    return True


def _commits(build: Build) -> frozenset[str]:
    return frozenset({build.sha, build.merge} - {""})
