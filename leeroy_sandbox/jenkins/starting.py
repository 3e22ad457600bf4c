"""A Jenkins that starts: what it says to whom until it is up, stage by stage.

Seen of Jenkins 2.579, and read in its source. The crumb filter asks for an extension that is not
loaded yet, so every POST fails; later the settings are read, and with them that there are users, but
who they are is read only after all jobs are: meanwhile good credentials are refused.
"""

from dataclasses import dataclass
from enum import StrEnum

from flask import Request, Response

from leeroy_sandbox.jenkins import pages


class Stage(StrEnum):
    """How far a start has come, in order.

    ==========  ===================  =====================================  ====================
    stage       GET, credentials     POST                                   without credentials
    ==========  ===================  =====================================  ====================
    WEB_APP     503                  500, plain text                        503 (POST: 500)
    EXTENSIONS  503                  500, Jenkins' "Oops!" page             503 (POST: 500)
    JOBS        401                  401                                    503
    USERS       503                  503                                    503
    UP          as ever              as ever                                ``GET /login``: 200
    ==========  ===================  =====================================  ====================
    """

    WEB_APP = "the web application is up"
    EXTENSIONS = "extensions are found"
    JOBS = "settings are read, jobs are being loaded, users are not known"
    USERS = "users are known"
    UP = "it is up"


@dataclass(frozen=True, kw_only=True)
class Start:
    """How many seconds each stage of a start takes."""

    web_app: float = 0.0
    extensions: float = 0.0
    jobs: float = 0.0
    users: float = 0.0

    @classmethod
    def lasting(cls, seconds: float) -> "Start":
        """A whole start, divided about as it was seen: loading jobs takes half of it."""
        return cls(
            web_app=seconds * 0.15,
            extensions=seconds * 0.15,
            jobs=seconds * 0.5,
            users=seconds * 0.2,
        )

    def stage(self, elapsed: float) -> Stage:
        """Where it has come to after so many seconds.

        >>> Start(web_app=1, jobs=2).stage(1.5).name, Start(web_app=1, jobs=2).stage(3).name
        ('JOBS', 'UP')
        """
        if not self.seconds:
            return Stage.UP
        for stage, seconds in zip(
            Stage, (self.web_app, self.extensions, self.jobs, self.users), strict=False
        ):
            if elapsed < seconds:
                return stage
            elapsed -= seconds
        return Stage.UP

    @property
    def seconds(self) -> float:
        """How long it takes in all."""
        return self.web_app + self.extensions + self.jobs + self.users


def early_answer(stage: Stage, request: Request, version: str) -> Response:
    """What a Jenkins that is not up says."""
    is_post = request.method == "POST"
    if is_post and stage is Stage.WEB_APP:
        return Response("Jenkins is not ready: crumbs\n", 500, content_type="text/plain")
    if is_post and stage is Stage.EXTENSIONS:
        made = Response(pages.oops(), 500, content_type=pages.HTML)
        made.headers["X-Jenkins"] = version
        return made
    if stage is Stage.JOBS and "Authorization" in request.headers:
        return unauthorized(request)
    # No Retry-After, and nothing that says Jenkins: it is not up.
    made = Response(pages.starting(), 503, content_type=pages.HTML)
    made.headers["Cache-Control"] = "no-cache,no-store,must-revalidate"
    return made


def unauthorized(request: Request) -> Response:
    """Credentials that prove nothing, or nothing yet: the container's 401."""
    page = pages.container_error(401, "Unauthorized", request.path)
    made = Response(page, 401, content_type="text/html;charset=iso-8859-1")
    made.headers["Set-Cookie"] = (
        "remember-me=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; SameSite=Lax"
    )
    made.headers["WWW-Authenticate"] = 'Basic realm="Jenkins", charset="UTF-8"'
    made.headers["Cache-Control"] = "must-revalidate,no-cache,no-store"
    return made
