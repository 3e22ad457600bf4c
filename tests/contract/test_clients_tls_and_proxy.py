"""Both clients through TLS with a private authority, and through a proxy."""

import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from leeroy.errors import LeeroyError, NotFound, Transient
from leeroy.github import GitHub, GitHubConnection
from leeroy.jenkins import Jenkins, JenkinsConnection
from leeroy.metrics import Metrics
from leeroy.model import PullRef
from leeroy_sandbox.faults import Calls
from leeroy_sandbox.server import Server


def nothing_here(environ, start):
    """A server that knows nothing: a 404 from it shows that it was reached."""
    start("404 Not Found", [("Content-Type", "application/json")])
    return [b"{}"]


def ask_github(url: str, **settings) -> None:
    connection = GitHubConnection(api_url=url, **settings)
    metrics = Metrics(CollectorRegistry())
    with GitHub(connection, token_for=lambda repo: "token", metrics=metrics) as github:
        github.pull(PullRef("acme/widgets", 12))


def ask_jenkins(url: str, **settings) -> None:
    connection = JenkinsConnection(base_url=url, **settings)
    with Jenkins({"main": connection}, metrics=Metrics(CollectorRegistry())) as jenkins:
        jenkins.job("main", "ci/app")


Ask = Callable[..., None]
both = pytest.mark.parametrize("ask", [ask_github, ask_jenkins])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and its own certificate for 127.0.0.1, in one file."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, cert, whole = folder / "key.pem", folder / "cert.pem", folder / "both.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    whole.write_bytes(key.read_bytes() + cert.read_bytes())
    return whole


def served_by(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@both
def test_a_private_authority_is_trusted_when_the_settings_name_it(
    ask: Ask, certificate, monkeypatch
):
    # The environment's choice for everything else must not take its place.
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    with Server(nothing_here, tls=served_by(certificate)) as server, pytest.raises(NotFound):
        ask(server.url, ca_file=str(certificate))


@both
def test_an_unknown_authority_is_not_trusted(ask: Ask, certificate):
    with (
        Server(nothing_here, tls=served_by(certificate)) as server,
        pytest.raises(Transient, match="certificate we do not trust"),
    ):
        ask(server.url)


def test_a_jenkins_is_taken_unseen_only_when_the_settings_say_so(certificate):
    with Server(nothing_here, tls=served_by(certificate)) as server, pytest.raises(NotFound):
        ask_jenkins(server.url, verify=False)


@both
def test_a_proxy_is_asked_instead(ask: Ask):
    calls = Calls()
    with Server(calls.wrap(nothing_here)) as proxy, pytest.raises(NotFound):
        ask("http://not-a-host.invalid", proxy=proxy.url)
    assert [call.path.partition("/")[0] for call in calls] == ["http:"]


@both
def test_a_proxy_that_is_away_is_transient(ask: Ask):
    with Server(nothing_here) as proxy:
        url = proxy.url
    with pytest.raises(LeeroyError) as caught:
        ask("http://not-a-host.invalid", proxy=url.replace("http://", "http://user:passw0rd@"))
    assert type(caught.value) is Transient
    assert "passw0rd" not in str(caught.value)
