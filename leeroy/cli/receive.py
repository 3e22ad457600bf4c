"""``leeroy receive``: feed a payload from a file to Leeroy, as if GitHub had sent it."""

import hmac
import json
import os
import uuid
from pathlib import Path
from typing import BinaryIO

import click

from leeroy import logs
from leeroy.cli.database import ready_database
from leeroy.cli.hooks import PATH, secret_for
from leeroy.cli.main import FOUND_WRONG, config_option
from leeroy.config import load_config

#: What an answer without words means.
_NOTHING_SAID = {204: "understood, and of no interest"}


@click.command("receive")
@config_option
@click.argument("event")
@click.argument("payload", type=click.File("rb"))
@click.option("--guid", help="X-GitHub-Delivery; a new one else.")
def command(config: Path, event: str, payload: BinaryIO, guid: str | None) -> None:
    """Feed PAYLOAD to Leeroy, as if GitHub had sent it.

    PAYLOAD is a file (- is standard input) and the delivery of an EVENT such as pull_request. It is signed with the configured secret and goes the same way as what GitHub sends: it is on
    the queue when this ends, and whoever works on the queue does the rest.
    """
    from leeroy.app import create_app
    from leeroy.services import make_services

    settings = load_config(config, os.environ)
    logs.configure(secrets=settings.secrets())
    ready_database(settings)
    body = payload.read()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid or str(uuid.uuid4()),
    }
    secret = secret_for(settings, repo_in(body))
    if secret:
        digest = hmac.digest(secret.encode(), body, "sha256").hex()
        headers["X-Hub-Signature-256"] = f"sha256={digest}"
    services = make_services(settings)
    try:
        answer = create_app(services).test_client().post(PATH, data=body, headers=headers)
    finally:
        services.close()
    text = answer.get_data(as_text=True).strip() or _NOTHING_SAID.get(answer.status_code, "")
    if answer.is_json and isinstance(answer.json, dict):
        text = str(answer.json.get("error", text))
    click.echo(f"{answer.status_code} {text}".strip())
    click.echo(f"delivery {headers['X-GitHub-Delivery']}")
    raise click.exceptions.Exit(0 if 200 <= answer.status_code < 300 else FOUND_WRONG)


def repo_in(body: bytes) -> str:
    """The repository a payload speaks of; empty when it does not say, or is no payload at all.

    >>> repo_in(b'{"repository": {"full_name": "acme/widgets"}}'), repo_in(b"{")
    ('acme/widgets', '')
    """
    try:
        name = json.loads(body)["repository"]["full_name"]
    except (ValueError, LookupError, TypeError):
        return ""
    return name if isinstance(name, str) else ""
