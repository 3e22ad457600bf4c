"""News of a branch: sent once by each channel, never twice of one build."""

import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from pydantic import SecretStr

from leeroy.config import Notify as NotifySettings
from leeroy.database import open_database
from leeroy.deciding import messages
from leeroy.deciding.effects import Notify
from leeroy.errors import Permanent, Transient
from leeroy.model import BranchRef, Channel, News, Result
from leeroy.store import Store
from leeroy.worker.applying.messengers import Messengers
from leeroy.worker.applying.notices import NoticeApplier
from leeroy_sandbox.server import Answer, CutOff, Server
from tests.databases import make_tables
from tests.making import HEAD, REPO, a_done_row

BROKEN = a_done_row(pull=None, branch="main", base="", result=Result.FAILURE)
MAIN = BranchRef(REPO, "main")


@pytest.fixture
def store(tmp_path: Path):
    engine = open_database("sqlite:///news.db", relative_to=tmp_path)
    make_tables(engine)
    yield Store(engine)
    engine.dispose()


def news(channel, **to):
    return Notify(
        channel=channel, news=News.BROKEN, of=BROKEN, to=NotifySettings.model_validate(to)
    )


def hands(store, *, smtp_url="smtp://127.0.0.1:1"):
    messengers = Messengers(
        smtp_url=SecretStr(smtp_url), mail_from="leeroy@acme.test", web_url="https://github.test"
    )
    return NoticeApplier(store=store, messengers=messengers)


@contextmanager
def a_hook(*statuses):
    """A server that answers one status after the other, and what came to it."""
    came, left = [], list(statuses)

    def app(environ, start_response):
        came.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        status = left.pop(0) if left else "200 OK"
        if status == "cut off":
            raise CutOff
        answer = Answer(
            status=status, headers=[("Content-Length", "0"), ("Retry-After", "7")], body=b""
        )
        return answer.start(start_response)

    with Server(app) as server:
        yield f"{server.url}/secret-path", came


class TestOverHttp:
    def test_what_was_sent_is_not_sent_again(self, store):
        with a_hook() as (url, came):
            effect = news(Channel.WEBHOOK, webhook=url)
            assert hands(store).apply([effect, effect]).transient == ()
            hands(store).apply([effect])
        assert len(came) == 1
        told = store.notices_of(MAIN)[("janky", Channel.WEBHOOK)]
        assert (told.news, told.build_id) == (News.BROKEN, BROKEN.id)

    def test_a_build_that_is_news_a_second_time_is_told_again(self, store):
        whole = a_done_row(pull=None, branch="main", base="", id="whole")
        for build, told in ((BROKEN, News.BROKEN), (whole, News.MENDED), (BROKEN, News.BROKEN)):
            assert store.begin_notice(build, Channel.SLACK, told)
            assert not store.begin_notice(build, Channel.SLACK, told)
            assert store.notices_of(MAIN)[("janky", Channel.SLACK)].build_id == build.id

    def test_of_a_message_we_were_cut_off_from_there_is_no_second(self, store):
        with a_hook() as (url, came):
            assert store.begin_notice(BROKEN, Channel.WEBHOOK, News.BROKEN)
            hands(store).apply([news(Channel.WEBHOOK, webhook=url)])
        assert came == []

    @pytest.mark.parametrize(
        ("answer", "tries"),
        [
            ("503 Busy", 2),
            ("429 Too Many Requests", 2),
            ("404 Not Found", 1),
            ("302 Found", 1),
            ("cut off", 1),
        ],
    )
    def test_what_was_not_taken_for_now_is_tried_again(self, store, answer, tries):
        with a_hook(answer) as (url, came):
            effect = news(Channel.WEBHOOK, webhook=url)
            outcome = hands(store).apply([effect])
            hands(store).apply([effect])
        assert len(came) == tries
        assert [error.retry_after for error in outcome.transient] == [7.0] * (tries - 1)
        assert not any("secret-path" in str(e) for e in (*outcome.transient, *outcome.permanent))

    def test_a_server_that_is_away_is_tried_again(self, store):
        outcome = hands(store).apply([news(Channel.SLACK, slack="http://127.0.0.1:1/x")])
        assert [type(error) for error in outcome.transient] == [Transient]
        assert store.notices_of(MAIN) == {}

    def test_slack_reads_names_as_names(self):
        odd = a_done_row(
            pull=None, branch="x<!channel>&y", base="", context="a|b", result=Result.FAILURE
        )
        text = messages.slack_news(News.BROKEN, odd, "https://github.test/c")
        assert text == (
            f"*a|b* of <https://github.test/c|{REPO}@x&lt;!channel&gt;&amp;y at {HEAD[:7]}> is "
            "*broken*: <http://jenkins.test/job/widgets-pr/17/|Build #17 failed after 3 min 20 s>"
        )


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mails, or says what it was told to say in place of taking one."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refusal=""):
        super().__init__(("127.0.0.1", 0), _Mail)
        self.refusal = refusal
        self.mails = []
        self.commands = []


class _Mail(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 mail.test")
        for line in self.rfile:
            command = line.split()[0].upper().decode()
            self.server.commands.append(command)
            if command == "RCPT" and self.server.refusal:
                self.say(self.server.refusal)
            elif command == "DATA":
                self.say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.mails.append(message_from_bytes(b"".join(lines), policy=default))
                self.say("250 taken")
            elif command == "EHLO":
                self.say("250-mail.test")
                self.say("250 AUTH PLAIN LOGIN")
            elif command == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def a_mail_server(refusal=""):
    with MailServer(refusal) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server, f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


class TestByMail:
    EFFECT = news(Channel.EMAIL, email=["ann@acme.test", "bob@acme.test"])

    def test_a_mail_says_what_broke_and_where_to_look(self, store):
        with a_mail_server() as (server, address):
            hands(store, smtp_url=f"smtp://{address}").apply([self.EFFECT])
        (mail,) = server.mails
        assert (mail["From"], mail["To"]) == ("leeroy@acme.test", "ann@acme.test, bob@acme.test")
        assert mail["Subject"] == f"janky of {REPO}@main is broken"
        body = mail.get_content()
        assert "Build #17 failed after 3 min 20 s" in body
        assert f"https://github.test/{REPO}/commit/{HEAD}" in body

    @pytest.mark.parametrize(
        ("refusal", "kind"),
        [("451 later", "transient"), ("550 no such box", "permanent")],
    )
    def test_a_refusal_is_for_now_or_for_good(self, store, refusal, kind):
        with a_mail_server(refusal) as (server, address):
            outcome = hands(store, smtp_url=f"smtp://{address}").apply([self.EFFECT])
        (error,) = getattr(outcome, kind)
        assert refusal.split()[0] in str(error)
        assert bool(store.notices_of(MAIN)) is (kind == "permanent")
        assert server.mails == []

    def test_a_server_that_is_away_is_tried_again(self, store):
        outcome = hands(store).apply([self.EFFECT])
        assert len(outcome.transient) == 1
        assert store.notices_of(MAIN) == {}

    def test_without_tls_no_server_is_given_the_password(self, store):
        with a_mail_server() as (server, address):
            outcome = hands(store, smtp_url=f"smtp://me:hunter2@{address}").apply([self.EFFECT])
        assert [type(error) for error in outcome.permanent] == [Permanent]
        assert "AUTH" not in server.commands
