"""GitHub's own description of its API, held against what the sandbox hears and says.

`validated(github)` wraps a story's traffic; at its end every request and every answer has been
checked, and so has every webhook that was sent. So a story that passes shows, too, that Leeroy
sends nothing GitHub would not understand.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.templating.responses.exceptions import ResponseFinderError
from openapi_core.testing import MockRequest, MockResponse
from openapi_schema_validator import OAS30Validator

from leeroy_sandbox.server import Answer, ask

DESCRIPTION = Path(__file__).resolve().parents[2].parent / "shared/data/github-openapi.json"
HOST = "https://api.github.com"

#: GitHub has these calls, the slice of its description that we keep has not.
NOT_IN_THE_SLICE = re.compile(
    r"""
    GET\ /repos/[^/]+/[^/]+/( branches | commits$ | contents/ | git/ | issues/comments$ | statuses/
      | pulls/\d+/(comments|reviews) | pulls/comments/ )
    | POST\ /repos/[^/]+/[^/]+/pulls/comments/\d+/reactions$
    | [A-Z]+\ /orgs/[^/]+/(hooks|public_members)
    | GET\ /( app/installations | installation/ | users/ | orgs/[^/]+/installation$ )
    """,
    re.VERBOSE,
)

#: Where GitHub's description is stricter than GitHub: (part of the complaint, why it is let be).
LET_BE: tuple[tuple[str, str], ...] = (
    ("head.repo: None", "a deleted fork's repository is null, which the description forgot"),
    ("state_reason: None", "marked nullable, yet null is missing from its list of values"),
)


class Contract:
    """What passed by, and what was wrong with it."""

    def __init__(self) -> None:
        #: Operations that were called, and how often.
        self.operations: Counter[str] = Counter()
        #: The names GitHub's description has for those of them that it describes.
        self.described: set[str] = set()
        self.faults: list[str] = []
        self._passed: list[tuple[dict[str, Any], bytes, Answer]] = []

    def wrap(self, app: Any) -> Any:
        """The application, watched."""

        def watched(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            body = environ["wsgi.input"].getvalue()
            answer = ask(app, environ)
            self._passed.append((environ, body, answer))
            return answer.start(start)

        return watched

    def check(self) -> None:
        """Look at everything that passed by since the last time."""
        passed, self._passed = self._passed, []
        for environ, body, answer in passed:
            self._check(environ, body, answer)

    def _check(self, environ: dict[str, Any], body: bytes, answer: Answer) -> None:
        request = _request(environ, body)
        called = f"{request.method.upper()} {request.path}"
        if NOT_IN_THE_SLICE.match(called):
            self.operations[f"{called} (not in the slice)"] += 1
            return
        status = int(answer.status[:3])
        try:
            description().validate_request(request)
            self.described.add(_operation(request))
        except PathError:
            self.faults.append(f"{called}: GitHub has no such call")
            return
        except OpenAPIError as error:
            self.faults.append(f"{called} was sent wrongly: {_why(error)}")
            return
        finally:
            self.operations[called] += 1
        if status in (204, 304) or environ.get("HTTP_ACCEPT", "").endswith((".diff", ".sha")):
            return
        kind = dict(answer.headers).get("Content-Type", "application/json")
        response = MockResponse(answer.body, status, content_type=kind.split(";")[0])
        try:
            description().validate_response(request, response)
        except ResponseFinderError:
            # Any call can be refused in ways the description does not say.
            if status < 400 and status not in (301, 302, 307):
                self.faults.append(f"{called}: {status} is not described")
        except OpenAPIError as error:
            why = _why(error)
            if not any(part in why for part, _ in LET_BE):
                self.faults.append(f"{called} was answered wrongly ({status}): {why}")

    def check_deliveries(self, deliveries: Iterable[Any]) -> None:
        """Look at webhooks that were sent."""
        for delivery in deliveries:
            payload = json.loads(delivery.payload)
            name = delivery.event.replace("_", "-")
            if delivery.action:
                name += "-" + delivery.action.replace("_", "-")
            self.operations[f"webhook {name}"] += 1
            if f"webhook-{name}" not in _document()["components"]["schemas"]:
                continue
            for error in _payload_validator(name).iter_errors(payload):
                why = _complaint(error)
                if not any(part in why for part, _ in LET_BE):
                    self.faults.append(f"webhook {name}: {why}")


@cache
def _document() -> dict[str, Any]:
    if not DESCRIPTION.exists():
        pytest.skip(f"GitHub's description of its API is not here: {DESCRIPTION.name}")
    found: dict[str, Any] = json.loads(DESCRIPTION.read_text())
    return found


@cache
def description() -> OpenAPI:
    """The description; a test that needs it is skipped where it is absent."""
    # Checking the description itself takes three seconds and says nothing of us.
    return OpenAPI.from_dict(_document(), config=Config(spec_validator_cls=None))  # type: ignore[arg-type]


def all_operations() -> set[str]:
    """Every operation that is described."""
    return {
        operation["operationId"]
        for methods in _document()["paths"].values()
        for method, operation in methods.items()
        if method in ("get", "post", "put", "patch", "delete")
    }


def _operation(request: MockRequest) -> str:
    found = APICallPathFinder(description().spec).find(request.method, HOST + request.path)
    return str((found.operation / "operationId").read_value())


@cache
def _payload_validator(name: str) -> OAS30Validator:
    schema = {"allOf": [{"$ref": f"#/components/schemas/webhook-{name}"}]}
    return OAS30Validator(schema | {"components": _document()["components"]})


@contextmanager
def validated(github: Any) -> Iterator[Contract]:
    """Watch a sandbox GitHub's traffic; use it around `github.serve()`.

    Leaving it fails with everything that was wrong.
    """
    description()
    contract = Contract()
    bare, github.app = github.app, contract.wrap(github.app)
    try:
        yield contract
    finally:
        github.app = bare
    contract.check()
    contract.check_deliveries(github.deliveries.log())
    assert not contract.faults, "\n".join(dict.fromkeys(contract.faults))


def _request(environ: dict[str, Any], body: bytes) -> MockRequest:
    path = environ["REQUEST_URI"].partition("?")[0]
    # The description knows repositories by name only.
    path = re.sub(r"^/repositories/\d+", "/repos/owner/name", path)
    # It also takes the slash of heads/main or of a label for the end of the parameter.
    path = path.replace("/commits/heads/", "/commits/heads%2F")
    query = dict(
        pair.partition("=")[::2] for pair in environ.get("QUERY_STRING", "").split("&") if pair
    )
    return MockRequest(
        HOST,
        environ["REQUEST_METHOD"].lower(),
        path,
        args=query,
        data=body or None,
        content_type=environ.get("CONTENT_TYPE", "application/json").split(";")[0],
    )


def _why(error: BaseException) -> str:
    """The innermost complaints, without the data they are about."""
    told: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        told += [_complaint(one) for one in getattr(cause, "schema_errors", None) or ()]
        cause = cause.__cause__ or cause.__context__
    return " | ".join(dict.fromkeys(told)) or str(error)[:300]


def _complaint(error: Any) -> str:
    if error.context:
        return " or ".join(dict.fromkeys(_complaint(one) for one in error.context))
    return f"{error.json_path}: {error.message[-200:]}"
