"""What the Pipeline REST API plugin says of a build, and of what it waits for.

https://plugins.jenkins.io/pipeline-rest-api/
"""

from typing import Any
from urllib.parse import quote

from leeroy_sandbox.jenkins.builds import Build, Result

_STATUSES = {
    Result.SUCCESS: "SUCCESS",
    Result.UNSTABLE: "UNSTABLE",
    Result.FAILURE: "FAILED",
    Result.NOT_BUILT: "NOT_EXECUTED",
    Result.ABORTED: "ABORTED",
}


def workflow_run(build: Build, top: str, *, now: float) -> dict[str, Any]:
    """`job/NAME/N/wfapi/describe`."""
    here = f"{top}{build.path}wfapi/"
    links = {"self": {"href": f"{here}describe"}}
    if build.waits_at:
        links["pendingInputActions"] = {"href": f"{here}pendingInputActions"}
    lasted = int(now * 1000) - build.timestamp if build.building else build.duration
    return {
        "_links": links,
        "id": str(build.number),
        "name": f"#{build.number}",
        "status": _status(build),
        "startTimeMillis": build.timestamp,
        "endTimeMillis": build.timestamp + lasted,
        "durationMillis": lasted,
        "queueDurationMillis": max(0, build.timestamp - build.queued_at),
        "pauseDurationMillis": lasted if build.waits_at else 0,
        "stages": [],
    }


def pending_inputs(build: Build, top: str) -> list[dict[str, Any]]:
    """`job/NAME/N/wfapi/pendingInputActions`."""
    pause = build.waits_at
    if pause is None:
        return []
    here = f"{top}{build.path}"
    answer = f"{here}wfapi/inputSubmit?inputId={quote(pause.id)}"
    return [
        {
            "id": pause.id,
            "proceedText": "Proceed",
            "message": pause.message,
            "inputs": [],
            "proceedUrl": answer,
            "abortUrl": f"{here}input/{pause.id}/abort",
            "redirectApprovalUrl": f"{here}input/",
        }
    ]


def _status(build: Build) -> str:
    if build.waits_at:
        return "PAUSED_PENDING_INPUT"
    if build.result is None or build.building:
        return "IN_PROGRESS"
    return _STATUSES[build.result]
