"""What a real Jenkins 2.579 answers to some sixty requests, as far as a client may look at it.

Written down from a Jenkins on loopback with the folder and notification plugins and nothing else;
what was not seen there but read in its source says `seen=False`.
In paths and texts `{job}` is our folder, `{top}` the root's path, `{user}` who asks, `{item}` the
queue item asked for last.
"""

from dataclasses import dataclass, field

#: What a text parameter's job and the others are made of.
JOBS = {
    "plain": "<project/>",
    "params": (
        "<project><properties><hudson.model.ParametersDefinitionProperty><parameterDefinitions>"
        "<hudson.model.StringParameterDefinition><name>A</name><defaultValue></defaultValue>"
        "</hudson.model.StringParameterDefinition>"
        "<hudson.model.ChoiceParameterDefinition><name>C</name>"
        '<choices class="java.util.Arrays$ArrayList"><a class="string-array">'
        "<string>x</string><string>y</string></a></choices>"
        "</hudson.model.ChoiceParameterDefinition>"
        "<hudson.model.PasswordParameterDefinition><name>P</name><defaultValue></defaultValue>"
        "</hudson.model.PasswordParameterDefinition>"
        "</parameterDefinitions></hudson.model.ParametersDefinitionProperty></properties>"
        "</project>"
    ),
    "off": "<project><disabled>true</disabled></project>",
    "long": (
        "<project><builders><hudson.tasks.Shell><command>sleep 60</command>"
        "</hudson.tasks.Shell></builders></project>"
    ),
    "job": "<project/>",
}
PLAIN, PARAMS, OFF, LONG, JOB = (f"{{job}}/job/{name}" for name in JOBS)
BUILD_KEYS = (
    "_class", "actions", "artifacts", "building", "description", "displayName", "duration",
    "estimatedDuration", "executor", "fullDisplayName", "id", "inProgress", "keepLog", "number",
    "queueId", "result", "timestamp", "url", "builtOn", "changeSet", "culprits",
)  # fmt: skip
ITEM_KEYS = (
    "_class", "actions", "blocked", "buildable", "id", "inQueueSince", "params", "stuck", "task",
    "url", "why",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, and what may be relied upon in its answer."""

    name: str
    method: str
    path: str
    #: Who asks: user, admin, wrong (the user with a wrong token) or nobody.
    who: str = "user"
    status: int
    #: Patterns of headers that are there; `None` of those that are not.
    headers: dict[str, str | None] = field(default_factory=dict)
    #: Texts in the body.
    says: tuple[str, ...] = ()
    #: Values in the JSON: "a.0.b" -> value.
    shows: dict[str, object] = field(default_factory=dict)
    #: The JSON's keys, in order.
    keys: tuple[str, ...] = ()
    #: What is waited for before: a path, and what is true in its JSON (with `-` before it: false).
    after: tuple[str, str] | None = None
    seen: bool = True


OURS = {"X-Jenkins": r"\d", "X-Jenkins-Session": r"^[0-9a-f]{8}$"}
PAGE = {**OURS, "Content-Type": "^text/html;charset=utf-8$", "X-Hudson": r"^1\.395$"}
NOT_OURS: dict[str, str | None] = {"X-Jenkins": None}
CONTAINER = {**NOT_OURS, "Content-Type": "(?i)^text/html;charset=iso-8859-1$"}
UNAUTHORIZED = {
    **CONTAINER,
    "WWW-Authenticate": '^Basic realm="Jenkins", charset="UTF-8"$',
    "Set-Cookie": "^remember-me=;",
    "Cache-Control": "^must-revalidate,no-cache,no-store$",
}
NEW_ITEM = {**NOT_OURS, "Location": r"^https?://[^/]+{top}queue/item/\d+/$"}
OOPS = ("<title>Jenkins - Jenkins</title>", "Oops!", "A problem occurred", "Logging ID=")
NOT_FOUND = ("<title>Not Found - Jenkins</title>", "Oops!")
POST_ONLY = ("<title>Method Not Allowed - Jenkins</title>", "This URL requires POST")
ANONYMOUS = {
    "X-You-Are-Authenticated-As": "^anonymous$",
    "X-Required-Permission": r"^hudson\.model\.Hudson\.Read$",
    "X-Permission-Implied-By": "hudson",
}
#: Whoever aborts is named by what people call him.
ABORTED = "actions.InterruptedBuildAction.causes.0"

ANSWERS = (
    # Who is asking.
    Asked(name="the login page", method="GET", path="/login", who="nobody", status=200),
    Asked(
        name="nobody reads", method="GET", path="/api/json", who="nobody", status=403,
        headers={**OURS, **ANONYMOUS},
        says=("Authentication required", "hudson.model.Hudson.Read"),
    ),
    Asked(
        name="a wrong token reads", method="GET", path="/api/json", who="wrong", status=401,
        headers=UNAUTHORIZED,
        says=("<title>Error 401 Unauthorized</title>", "<td>Unauthorized</td>", "<td>Stapler</td>"),
    ),
    Asked(
        name="a wrong token triggers", method="POST", path=f"{PLAIN}/build", who="wrong",
        status=401, headers=UNAUTHORIZED,
    ),
    Asked(
        name="nobody asks who he is", method="GET", path="/whoAmI/api/json", who="nobody",
        status=200, keys=("_class", "anonymous", "authenticated", "authorities", "name"),
        shows={"anonymous": True, "name": "anonymous"},
    ),
    Asked(
        name="the user asks who he is", method="GET", path="/whoAmI/api/json", status=200,
        keys=("_class", "anonymous", "authenticated", "authorities", "name"),
        shows={"anonymous": False, "name": "{user}"},
    ),
    Asked(
        name="nobody is me", seen=False, method="GET", path="/me/api/json", who="nobody",
        status=403,
    ),
    Asked(
        name="the user is me", method="GET", path="/me/api/json", status=200,
        keys=("_class", "absoluteUrl", "description", "fullName", "id", "property"),
        shows={"id": "{user}", "_class": "hudson.model.User"},
    ),
    Asked(
        name="a crumb", method="GET", path="/crumbIssuer/api/json", status=200,
        keys=("_class", "crumb", "crumbRequestField"),
        shows={"crumbRequestField": "Jenkins-Crumb"},
    ),
    Asked(
        name="nobody triggers without a crumb", method="POST", path=f"{PLAIN}/build", who="nobody",
        status=403, headers=CONTAINER, says=("No valid crumb was included in the request",),
    ),
    Asked(
        name="the root", seen=False, method="GET",
        path="/api/json?tree=mode,quietingDown,useSecurity",
        status=200, headers={**OURS, "X-Frame-Options": "(?i)^deny$"},
        shows={"useSecurity": True, "quietingDown": False},
    ),
    # Jobs that are not there, or are no jobs.
    Asked(
        name="no such job", method="GET", path="{job}/job/nowhere/api/json", status=404,
        headers=PAGE, says=NOT_FOUND,
    ),
    Asked(
        name="triggering no such job", method="POST", path="{job}/job/nowhere/build", status=404,
        headers=PAGE, says=NOT_FOUND,
    ),
    Asked(
        name="triggering a folder", method="POST", path="{job}/build", status=404, says=NOT_FOUND,
    ),
    Asked(
        name="triggering a folder with parameters", seen=False, method="POST",
        path="{job}/buildWithParameters?A=1", status=404,
    ),
    Asked(name="a disabled job", method="POST", path=f"{OFF}/build", status=409, headers=CONTAINER,
          says=("is not buildable",)),
    Asked(
        name="a disabled job with parameters", method="POST", path=f"{OFF}/buildWithParameters?A=1",
        status=409, headers=CONTAINER, says=("/off is not buildable",),
    ),
    Asked(
        name="a disabled job's state", seen=False, method="GET", path=f"{OFF}/api/json", status=200,
        shows={"buildable": False, "color": "disabled"},
    ),
    Asked(
        name="a job in another case", method="GET", path="{job}/job/PLAIN/api/json", status=200,
        shows={"name": "plain"},
    ),
    Asked(
        name="a job called job", seen=False, method="GET", path=f"{JOB}/api/json", status=200,
        shows={"name": "job", "fullDisplayName": "{folder} » job"},
    ),
    # Triggering without parameters, and with those that do not fit.
    Asked(
        name="parameters for a job that takes none", method="POST",
        path=f"{PLAIN}/buildWithParameters?A=1", status=400, headers=CONTAINER,
        says=("/plain is not parameterized",),
    ),
    Asked(
        name="nothing for a job with parameters", method="POST", path=f"{PARAMS}/build", status=400,
        headers=CONTAINER, says=("Nothing is submitted",),
    ),
    Asked(
        name="no form for a job with parameters", method="POST", path=f"{PARAMS}/build?A=1",
        status=400, headers=CONTAINER, says=("This page expects a form submission",),
    ),
    Asked(
        name="a trigger that reads", method="GET", path=f"{PLAIN}/build", status=405,
        headers={**PAGE, "Allow": "^POST$"}, says=POST_ONLY,
    ),
    Asked(
        name="a trigger with parameters that reads", method="GET",
        path=f"{PARAMS}/buildWithParameters?A=1", status=405, headers={"Allow": "^POST$"},
        says=POST_ONLY,
    ),
    Asked(
        name="an unknown choice", method="POST", path=f"{PARAMS}/buildWithParameters?C=z",
        status=500, headers=PAGE, says=OOPS,
    ),
    Asked(
        name="the same parameter twice", method="POST",
        path=f"{PARAMS}/buildWithParameters?A=1&A=2", status=500, headers=PAGE, says=OOPS,
    ),
    Asked(
        name="a semicolon", seen=False, method="POST", path=f"{PLAIN};x/build", status=400,
    ),
    Asked(
        name="a very long address", method="POST",
        path=f"{PARAMS}/buildWithParameters?A={'x' * 9000}", status=414,
    ),
    # The queue.
    Asked(
        name="a trigger", method="POST", path=f"{PARAMS}/buildWithParameters?A=1&P=s&delay=120sec",
        status=201, headers=NEW_ITEM,
    ),
    Asked(
        name="an equal trigger, its secret apart", method="POST",
        path=f"{PARAMS}/buildWithParameters?A=1&P=t&delay=120sec", status=303, headers=NEW_ITEM,
    ),
    Asked(
        name="the item", method="GET", path="/queue/item/{item}/api/json", status=200,
        headers=OURS, keys=(*ITEM_KEYS, "timestamp"),
        shows={
            "_class": "hudson.model.Queue$WaitingItem",
            "blocked": False, "buildable": False, "stuck": False,
            "params": "\nA=1\nC=x\nP=****",
            "url": "queue/item/{item}/",
            "task._class": "hudson.model.FreeStyleProject", "task.name": "params",
            "task.color": "notbuilt",
            "actions.0._class": "hudson.model.ParametersAction",
            "actions.0.parameters.0.value": "1",
            "actions.1._class": "hudson.model.CauseAction",
            "actions.1.causes.0._class": "hudson.model.Cause$UserIdCause",
            "actions.1.causes.0.userId": "{user}",
            "actions.1.causes.1.userId": "{user}",
        },
    ),
    Asked(
        name="the item's page", method="GET", path="/queue/item/{item}/", status=200,
        headers={**NOT_OURS, "Content-Type": "^text/plain"}, says=("Queue item exists.",),
    ),
    Asked(
        name="the queue", seen=False, method="GET",
        path="/queue/api/json?tree=items[id,task[name]]",
        status=200, shows={"_class": "hudson.model.Queue"},
    ),
    Asked(
        name="a job that waits", seen=False, method="GET",
        path=f"{PARAMS}/api/json?tree=inQueue", status=200,
        shows={"inQueue": True},
    ),
    Asked(
        name="cancelling by reading", method="GET", path="/queue/cancelItem?id={item}", status=405,
        headers=PAGE, says=POST_ONLY,
    ),
    Asked(
        name="cancelling", method="POST", path="/queue/cancelItem?id={item}", status=204,
        headers=NOT_OURS,
    ),
    Asked(
        name="cancelling again", method="POST", path="/queue/cancelItem?id={item}", status=500,
        headers=PAGE, says=OOPS,
    ),
    Asked(
        name="cancelling what never was", method="POST", path="/queue/cancelItem?id=99999999",
        status=404, headers=PAGE, says=OOPS,
    ),
    Asked(name="cancelling nothing", method="POST", path="/queue/cancelItem", status=404),
    Asked(name="cancelling no number", method="POST", path="/queue/cancelItem?id=x", status=404),
    Asked(
        name="the cancelled item", method="GET", path="/queue/item/{item}/api/json", status=200,
        keys=(*ITEM_KEYS, "cancelled", "executable"),
        shows={
            "_class": "hudson.model.Queue$LeftItem",
            "cancelled": True, "executable": None, "why": None,
        },
    ),
    Asked(
        name="no such item", method="GET", path="/queue/item/99999999/api/json", status=404,
        headers=PAGE, says=NOT_FOUND,
    ),
    Asked(
        name="a trigger with a parameter nobody defined", method="POST",
        path=f"{PARAMS}/buildWithParameters?NOPE=1&delay=120sec", status=201, headers=NEW_ITEM,
    ),
    Asked(
        name="disabling while it waits", method="POST", path=f"{PARAMS}/disable", who="admin",
        status=302, headers={**NOT_OURS, "Location": r"^{top}job/[^/]+/job/params/$"},
    ),
    Asked(
        name="the disabled job's item", method="GET", path="/queue/item/{item}/api/json",
        status=200, shows={"cancelled": True, "executable": None},
    ),
    # Builds.
    Asked(name="a build that takes long", method="POST", path=f"{LONG}/build?delay=0sec",
          status=201, headers=NEW_ITEM),
    Asked(
        name="the running build", method="GET", path=f"{LONG}/1/api/json", status=200,
        headers=OURS, keys=BUILD_KEYS, after=(f"{LONG}/1/api/json", "building"),
        shows={
            "_class": "hudson.model.FreeStyleBuild",
            "building": True, "inProgress": True, "result": None, "duration": 0,
            "estimatedDuration": -1, "displayName": "#1", "number": 1, "id": "1",
            "queueId": "{item:int}", "fullDisplayName": "{folder} » long #1",
            "executor": {}, "artifacts": [], "culprits": [], "keepLog": False, "builtOn": "",
            "changeSet._class": "hudson.scm.EmptyChangeLogSet", "changeSet.kind": None,
        },
    ),
    Asked(
        name="the item of the running build", method="GET", path="/queue/item/{item}/api/json",
        status=200,
        shows={
            "_class": "hudson.model.Queue$LeftItem", "cancelled": False, "why": None,
            "executable._class": "hudson.model.FreeStyleBuild", "executable.number": 1,
        },
    ),
    Asked(
        name="cancelling what runs", method="POST", path="/queue/cancelItem?id={item}", status=500,
        headers=PAGE, says=OOPS,
    ),
    Asked(
        name="stopping by reading", method="GET", path=f"{LONG}/1/stop", status=405,
        headers=PAGE, says=POST_ONLY,
    ),
    Asked(
        name="stopping", method="POST", path=f"{LONG}/1/stop", status=302,
        headers={**NOT_OURS, "Location": r"^{top}job/[^/]+/job/long/1/$"},
    ),
    Asked(
        name="the aborted build", method="GET", path=f"{LONG}/1/api/json", status=200,
        after=(f"{LONG}/1/api/json", "-inProgress"),
        shows={
            "result": "ABORTED", "building": False,
            f"{ABORTED}._class": "jenkins.model.CauseOfInterruption$UserInterruption",
            f"{ABORTED}.shortDescription": "Aborted by {name}",
        },
    ),
    Asked(
        name="stopping what is over", seen=False, method="POST", path=f"{LONG}/1/stop",
        status=302,
    ),
    Asked(
        name="no such build", method="GET", path=f"{LONG}/99/api/json", status=404,
        says=NOT_FOUND,
    ),
    Asked(
        name="the console", method="GET", path=f"{LONG}/1/consoleText", status=200,
        headers={"Content-Type": "^text/plain;charset=(?i:utf-8)$"},
        says=("Started by user {name}\n", "Finished: ABORTED"),
    ),
    Asked(
        name="the console in pieces", method="GET", path=f"{LONG}/1/logText/progressiveText",
        status=200, headers={"X-Text-Size": r"^\d+$", "X-More-Data": None},
        says=("Started by user \x1b[8mha:////", "\x1b[0m{name}\r\n", "Finished: ABORTED\r\n"),
    ),
    Asked(
        name="a tree that cannot be read", seen=False, method="GET",
        path=f"{LONG}/api/json?tree=a[", status=500,
        says=OOPS,
    ),
)  # fmt: skip
