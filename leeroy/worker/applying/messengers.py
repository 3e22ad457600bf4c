"""How news of a branch travels: to Slack and what understands the same, as JSON, as mail."""

import json
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from typing import assert_never
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from leeroy import __version__, deadlines
from leeroy.deciding import messages
from leeroy.deciding.effects import Notify
from leeroy.errors import LeeroyError, Permanent, Transient
from leeroy.model import Channel
from leeroy.outage import Outage
from leeroy.outgoing import WHOLE_CALL, Peer, Route, retry_after
from leeroy.worker.applying.notices import MaybeSent

#: Seconds that the other side may be silent.
TIMEOUT = 10.0
ROUTE = Route(timeout=TIMEOUT)
#: Nobody has more to say about a message.
LONGEST_ANSWER = 256 * 1024
#: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.4.2, https://www.rfc-editor.org/rfc/rfc8314#section-3.3
_MAIL_PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, kw_only=True)
class Messengers:
    """Sends news by the channel it is for."""

    smtp_url: SecretStr | None
    mail_from: str
    #: Where people read GitHub.
    web_url: str

    def send(self, effect: Notify) -> None:
        """Send it; see :class:`leeroy.worker.applying.notices.SendsNews` for what it raises."""
        to = effect.to
        match effect.channel:
            case Channel.SLACK:
                if to.slack is not None:
                    # https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
                    _post(to.slack, {"text": self._slack_text(effect)}, "tell Slack")
            case Channel.WEBHOOK:
                if to.webhook is not None:
                    _post(to.webhook, self.as_json(effect), "call the webhook")
            case Channel.EMAIL:
                if to.email and self.smtp_url is not None:
                    _mail(self.smtp_url, self.as_mail(effect))
            case unknown:
                assert_never(unknown)

    def as_json(self, effect: Notify) -> dict[str, object]:
        """What a webhook is sent; docs/configuration.md promises each key."""
        build = effect.of
        return {
            "news": effect.news.value,
            "repo": build.repo,
            "branch": build.branch,
            "context": build.context,
            "sha": build.sha,
            "description": messages.how_it_ended(build),
            "job": build.job,
            "number": build.build_number,
            "url": build.url,
            "commit_url": self._commit_url(effect),
        }

    def as_mail(self, effect: Notify) -> EmailMessage:
        """What addresses are sent."""
        build = effect.of
        headline = messages.branch_headline(effect.news, build)
        mail = EmailMessage()
        mail["From"] = self.mail_from
        mail["To"] = ", ".join(effect.to.email)
        mail["Subject"] = headline
        mail["Date"] = formatdate()
        # The same at every try, so that mail programs show one if two should come.
        domain = self.mail_from.rpartition("@")[2]
        mail["Message-ID"] = f"<{build.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        how = messages.how_it_ended(build)
        mail.set_content(f"{headline}: {how}\n\n{build.url}\n{self._commit_url(effect)}\n")
        return mail

    def _slack_text(self, effect: Notify) -> str:
        return messages.slack_news(effect.news, effect.of, self._commit_url(effect))

    def _commit_url(self, effect: Notify) -> str:
        return f"{self.web_url}/{effect.of.repo}/commit/{effect.of.sha}"


def _post(url: SecretStr, body: dict[str, object], doing: str) -> None:
    """No error names the URL: who knows it may post there."""
    address = url.get_secret_value()
    headers = {"Content-Type": "application/json", "User-Agent": f"leeroy/{__version__}"}
    with closing(Peer(address, ROUTE)) as peer:
        try:
            reply = peer.send(
                "POST",
                address,
                headers,
                json.dumps(body).encode(),
                most=LONGEST_ANSWER,
                start_is_enough=True,
            )
        except Outage as outage:
            kind = Transient if outage.was_never_sent else MaybeSent
            raise kind(f"{doing}: it {outage}") from None
    if 200 <= reply.status < 300:
        return
    text = f"{doing}: it answered {reply.status}"
    if reply.status == 429 or reply.status >= 500:
        wait = retry_after(reply.headers, time.time())
        raise Transient(text, retry_after=wait, status=reply.status)
    raise Permanent(text, status=reply.status)


def _mail(url: SecretStr, mail: EmailMessage) -> None:
    with deadlines.within(WHOLE_CALL, most_bytes=LONGEST_ANSWER):
        with _told_apart(Transient):
            server = _connect(url.get_secret_value())
        with closing(server):
            with _told_apart(MaybeSent):
                server.send_message(mail)
            with suppress(OSError):  # the mail is taken, whatever comes now
                server.quit()


@contextmanager
def _told_apart(otherwise: type[LeeroyError]) -> Iterator[None]:
    """What the mail server answers says whether it took the mail; silence does not."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as exc:
        raise _refusal(*next(iter(exc.recipients.values()))) from exc
    except smtplib.SMTPResponseException as exc:
        if exc.smtp_code < 400:  # it did not speak of the mail at all
            text = f"send a mail: the server answered {exc.smtp_code} out of turn"
            raise otherwise(text) from exc
        raise _refusal(exc.smtp_code, exc.smtp_error) from exc
    # OSError, of which smtplib's own are a kind; ValueError is for a challenge that is none.
    except (OSError, ValueError) as exc:
        text = f"send a mail: the server could not be used: {exc}"
        raise otherwise(messages.shorten(text, 300)) from exc


def _refusal(code: int, said: bytes | str) -> Transient | Permanent:
    """https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1"""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    text = messages.shorten(f"send a mail: the server answered {code}: {words}", 300)
    return Transient(text) if 400 <= code < 500 else Permanent(text)


def _connect(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _MAIL_PORTS[parts.scheme.lower()]
    context = deadlines.mind(ssl.create_default_context())
    if parts.scheme.lower() == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    else:
        server = _SMTP(host, port, timeout=TIMEOUT)
    try:
        server.ehlo_or_helo_if_needed()
        is_private = isinstance(server, smtplib.SMTP_SSL)
        if not is_private and server.has_extn("starttls"):
            server.starttls(context=context)
            is_private = True
        if parts.username and parts.password:
            if not is_private:
                raise Permanent(
                    "send a mail: the server offers no TLS, so it is not given the password;"
                    " use smtps:// or leave the password out of smtp_url"
                )
            server.login(unquote(parts.username), unquote(parts.password))
    except BaseException:
        server.close()
        raise
    return server


class _SMTP(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return deadlines.minded(plain)
