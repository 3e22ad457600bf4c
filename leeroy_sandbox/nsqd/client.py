"""One connection by TCP: what the client says is done, and messages are handed to it."""

import json
import re
import select
import socket
import ssl
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from leeroy_sandbox.nsqd.commands import Command, Commands, Failed, Fatal
from leeroy_sandbox.nsqd.topics import Channel, NotYours

if TYPE_CHECKING:
    from leeroy_sandbox.nsqd.server import Nsqd

NAME = re.compile(r"[.a-zA-Z0-9_-]{1,64}(?<!#)(#ephemeral)?\Z")

_RESPONSE, _ERROR, _MESSAGE = 0, 1, 2


class Client:
    """Lives in a thread of its own, until either side hangs up."""

    def __init__(self, nsqd: "Nsqd", sock: socket.socket, number: int) -> None:
        self._nsqd = nsqd
        self._options = nsqd.options
        self._sock = sock
        self._number = number
        self._commands = Commands(nsqd.options)
        self._wake, self._woken = socket.socketpair()
        self._wake.setblocking(False)
        self._heartbeat = nsqd.options.heartbeat
        self._msg_timeout = nsqd.options.msg_timeout
        self._is_identified = False
        self._channel: Channel | None = None
        self._is_closing = False
        self._ready = 0
        self._heard = self._beaten = time.monotonic()

    def serve(self) -> None:
        """Answer until the connection ends."""
        try:
            while True:
                self._hand_out()
                self._listen()
        except Fatal as exc:
            with suppress(OSError):
                self._send(_ERROR, str(exc).encode())
        except OSError:
            pass
        finally:
            self.break_off()

    def wake(self) -> None:
        """Look for messages again."""
        with suppress(OSError):
            self._wake.send(b"!")

    def break_off(self) -> None:
        """End the connection without a word."""
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        for sock in (self._sock, self._wake, self._woken):
            with suppress(OSError):
                sock.close()

    def _hand_out(self) -> None:
        while (channel := self._channel) is not None and not self._is_closing:
            with self._nsqd.lock:
                if channel.held_by(self._number) >= self._ready:
                    return
                now = time.monotonic()
                message = channel.take(self._number, self._msg_timeout, now)
            if message is None:
                return
            head = struct.pack(">qH", message.published, message.attempts)
            self._send(_MESSAGE, head + message.id + message.body)

    def _listen(self) -> None:
        """Wait for the client, for messages, or for the next heartbeat."""
        now = time.monotonic()
        if self._heartbeat and now - self._heard > 2 * self._heartbeat:
            raise ConnectionError("the client says nothing")
        if self._heartbeat and now - self._beaten >= self._heartbeat:
            self._beaten = now
            self._send(_RESPONSE, b"_heartbeat_")
        pending = isinstance(self._sock, ssl.SSLSocket) and self._sock.pending()
        wait = 0.0 if pending else min(0.05, self._heartbeat or 0.05)
        found, _, _ = select.select([self._sock, self._woken], [], [], wait)
        if self._woken in found:
            self._woken.recv(4096)
        if pending or self._sock in found:
            data = self._sock.recv(64 * 1024)
            if not data:
                raise ConnectionError("the client hung up")
            self._heard = time.monotonic()
            for command in self._commands.receive(data):
                self._obey(command)

    def _obey(self, command: Command) -> None:
        try:
            with self._nsqd.lock:
                answer = self._do(command)
        except (Failed, NotYours) as exc:
            self._send(_ERROR, str(exc).encode())
            return
        if answer is not None:
            self._send(_RESPONSE, answer)
        if command.name == b"IDENTIFY" and answer is not None and b'"tls_v1": true' in answer:
            assert self._options.tls is not None
            self._sock = self._options.tls.wrap_socket(self._sock, server_side=True)
            self._send(_RESPONSE, b"OK")

    def _do(self, command: Command) -> bytes | None:
        match command.name:
            case b"NOP":
                return None
            case b"IDENTIFY":
                return self._identify(command.body)
            case b"SUB":
                return self._subscribe(*_texts(command, 2))
            case b"PUB":
                (topic,) = _texts(command, 1)
                if not NAME.match(topic):
                    raise Fatal(f'E_BAD_TOPIC PUB topic name "{topic}" is not valid')
                self._nsqd.publish(topic, command.body)
                return b"OK"
            case b"AUTH":
                raise Fatal("E_AUTH_DISABLED AUTH disabled")
            case b"RDY" | b"FIN" | b"REQ" | b"TOUCH" | b"CLS":
                return self._consume(command)
        raise Fatal(f"E_INVALID invalid command {command.name.decode('utf-8', 'replace')}")

    def _identify(self, body: bytes) -> bytes:
        if self._is_identified or self._channel is not None:
            raise Fatal("E_INVALID cannot IDENTIFY in current state")
        self._is_identified = True
        try:
            asked = json.loads(body)
            heartbeat = int(asked.get("heartbeat_interval", 0))
            timeout = int(asked.get("msg_timeout", 0))
        except (ValueError, TypeError, AttributeError) as exc:
            raise Fatal("E_BAD_BODY IDENTIFY failed to decode JSON body") from exc
        if heartbeat == -1:
            self._heartbeat = 0
        elif heartbeat:
            if not 1000 <= heartbeat <= self._options.max_heartbeat * 1000:
                raise Fatal(f"E_BAD_BODY IDENTIFY heartbeat interval ({heartbeat}) is invalid")
            self._heartbeat = heartbeat / 1000
        if timeout:
            if not 1000 <= timeout <= self._options.max_msg_timeout * 1000:
                raise Fatal(f"E_BAD_BODY IDENTIFY msg timeout ({timeout}) is invalid")
            self._msg_timeout = timeout / 1000
        if not asked.get("feature_negotiation"):
            return b"OK"
        return json.dumps(
            {
                "max_rdy_count": self._options.max_rdy_count,
                "version": "1.3.0",
                "max_msg_timeout": int(self._options.max_msg_timeout * 1000),
                "msg_timeout": int(self._msg_timeout * 1000),
                "tls_v1": bool(self._options.tls and asked.get("tls_v1")),
                "auth_required": False,
            }
        ).encode()

    def _subscribe(self, topic: str, channel: str) -> bytes:
        if self._channel is not None:
            raise Fatal("E_INVALID cannot SUB in current state")
        if not NAME.match(topic):
            raise Fatal(f'E_BAD_TOPIC SUB topic name "{topic}" is not valid')
        if not NAME.match(channel):
            raise Fatal(f'E_BAD_CHANNEL SUB channel name "{channel}" is not valid')
        self._channel = self._nsqd.topic(topic).channel(channel, time.monotonic())
        return b"OK"

    def _consume(self, command: Command) -> bytes | None:
        channel, now = self._channel, time.monotonic()
        if channel is None:
            raise Fatal(f"E_INVALID cannot {command.name.decode()} in current state")
        try:
            match command.name:
                case b"RDY" if not self._is_closing:
                    count = int(_texts(command, 1)[0])
                    if not 0 <= count <= self._options.max_rdy_count:
                        raise Fatal(f"E_INVALID RDY count {count} out of range")
                    self._ready = count
                case b"FIN":
                    channel.finish(self._number, _name(command, 1))
                case b"REQ":
                    seconds = int(_texts(command, 2)[1]) / 1000
                    channel.requeue(self._number, _name(command, 2), seconds, now)
                case b"TOUCH":
                    channel.touch(self._number, _name(command, 1), self._msg_timeout, now)
                case b"CLS":
                    self._is_closing = True
                    return b"CLOSE_WAIT"
        except NotYours as exc:
            said = command.name.decode()
            name = command.words[0].decode("ascii", "replace")
            raise Failed(f"E_{said}_FAILED {said} {name} failed {exc}") from exc
        except ValueError as exc:
            raise Fatal(f"E_INVALID {command.name.decode()} could not parse a number") from exc
        return None

    def _send(self, kind: int, data: bytes) -> None:
        self._sock.settimeout(self._heartbeat or None)
        self._sock.sendall(struct.pack(">ii", len(data) + 4, kind) + data)


def _texts(command: Command, count: int) -> list[str]:
    if len(command.words) < count:
        said = command.name.decode()
        raise Fatal(f"E_INVALID {said} insufficient number of parameters")
    return [word.decode("utf-8", "replace") for word in command.words[:count]]


def _name(command: Command, count: int) -> bytes:
    _texts(command, count)
    if len(command.words[0]) != 16:
        raise Fatal("E_INVALID invalid message ID")
    return command.words[0]
