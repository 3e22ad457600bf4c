"""Who somebody is and what he may do: the part of the client that trust rests on."""

from leeroy import shapes
from leeroy.errors import Permanent, Transient
from leeroy.github import answers
from leeroy.github.calls import Answer, Call
from leeroy.github.transport import Transport
from leeroy.model import Permission


class People:
    """Asks about logins; every question is asked with the token of a repository."""

    _transport: Transport

    def whoami(self, repo: str) -> str:
        """The login of the repository's token; empty where GitHub does not say (403).

        So it is with an app's installation token, which is nobody's.
        """
        try:
            answer = self._user(repo)
        except Permanent as exc:
            if exc.status != 403:
                raise
            return ""
        return answer.read(lambda said: shapes.text(said["login"]))

    def token_scopes(self, repo: str) -> frozenset[str] | None:
        """The scopes of a classic token; None for the other kinds, which GitHub does not tell."""
        # https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
        scopes = self._user(repo).headers.get("x-oauth-scopes", "")
        return frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()) or None

    def permission(self, repo: str, login: str) -> Permission:
        """What a login may do in the repository; none where GitHub knows nothing of him."""
        # https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        call = Call(
            method="GET",
            path="/repos/{repo}/collaborators/{login}/permission",
            values={"repo": repo, "login": login},
            repo=repo,
            doing=f"read what {login} may do in {repo}",
        )
        answer = self._transport.send_unless_gone(call)
        return answer.read(answers.parse_permission) if answer else Permission.NONE

    def user_id(self, repo: str, login: str) -> int | None:
        """The id of whoever has the login now, asked with the repository's token; None: nobody."""
        # https://docs.github.com/en/rest/users/users#get-a-user
        call = Call(
            method="GET",
            path="/users/{login}",
            values={"login": login},
            repo=repo,
            doing=f"ask whose the login {login} is",
        )
        answer = self._transport.send_unless_gone(call)
        return answer.read(lambda said: shapes.id_number(said["id"])) if answer else None

    def is_org_member(self, repo: str, org: str, login: str) -> bool:
        """The login belongs to the organization, as far as the repository's token can see.

        Only 204 with nothing in it says so. A page of somebody in between is no yes.

        A token of an outsider is redirected to the public members, and they are what counts then.
        """
        # https://docs.github.com/en/rest/orgs/members#check-organization-membership-for-a-user
        call = Call(
            method="GET",
            path="/orgs/{org}/members/{login}",
            values={"org": org, "login": login},
            repo=repo,
            doing=f"ask whether {login} is a member of {org}",
            only_redirect="/orgs/{org}/public_members/{login}",
        )
        answer = self._transport.send_unless_gone(call)
        if answer is None:
            return False
        if not answer.is_empty_yes:
            raise Transient(f"{call.doing}: GitHub's answer makes no sense", status=answer.status)
        return True

    def is_team_member(self, repo: str, org: str, team: str, login: str) -> bool:
        """The login belongs to the team, or a team below it; an open invitation does not count."""
        # https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user
        call = Call(
            method="GET",
            path="/orgs/{org}/teams/{team}/memberships/{login}",
            values={"org": org, "team": team, "login": login},
            repo=repo,
            doing=f"ask whether {login} is a member of {org}/{team}",
        )
        answer = self._transport.send_unless_gone(call)
        return answer is not None and answer.read(answers.parse_membership)

    def _user(self, repo: str) -> Answer:
        # https://docs.github.com/en/rest/users/users#get-the-authenticated-user
        call = Call(
            method="GET",
            path="/user",
            repo=repo,
            doing=f"ask whose the token of {repo} is",
        )
        return self._transport.send(call)
