"""Who somebody is and what he may do: the part of the client that trust rests on."""

from leeroy.github import answers
from leeroy.github.calls import Answer, Call
from leeroy.github.transport import Transport
from leeroy.model import Permission


class People:
    """Asks about logins; every question is asked with the token of a repository."""

    _transport: Transport

    def whoami(self, repo: str) -> str:
        """The login of the repository's token; an app's installation token has none (403)."""
        return self._user(repo).read(lambda said: str(said["login"]))

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

    def is_org_member(self, repo: str, org: str, login: str) -> bool:
        """The login belongs to the organization, as far as the repository's token can see.

        A token of an outsider is redirected to the public members, and they are what counts then.
        """
        # https://docs.github.com/en/rest/orgs/members#check-organization-membership-for-a-user
        call = Call(
            method="GET",
            path="/orgs/{org}/members/{login}",
            values={"org": org, "login": login},
            repo=repo,
            doing=f"ask whether {login} is a member of {org}",
        )
        return self._transport.send_unless_gone(call) is not None

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
        return answer is not None and answer.read(lambda said: bool(said["state"] == "active"))

    def _user(self, repo: str) -> Answer:
        # https://docs.github.com/en/rest/users/users#get-the-authenticated-user
        call = Call(
            method="GET",
            path="/user",
            repo=repo,
            doing=f"ask whose the token of {repo} is",
        )
        return self._transport.send(call)
