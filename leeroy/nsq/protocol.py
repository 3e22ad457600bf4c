"""What nsqd says by TCP, and what it is told: bytes in, events and bytes out, no socket.

https://nsq.io/clients/tcp_protocol_spec.html
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Any

MAGIC = b"  V2"
#: What nsqd says to see whether we are there; it hangs up when two stay unanswered.
HEARTBEAT = b"_heartbeat_"

#: Bytes of an answer or an error; nsqd's longest is that to IDENTIFY.
_LONGEST_WORDS = 64 * 1024
#: Of a message before its body: when, how often, which.
_MESSAGE_HEAD = struct.Struct(">qH16s")
_FRAME_HEAD = struct.Struct(">ii")


class ProtocolError(Exception):
    """The conversation cannot go on: what was said makes no sense, or nsqd refuses us."""


class FrameType(IntEnum):
    """What a frame holds."""

    RESPONSE = 0
    ERROR = 1
    MESSAGE = 2


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One thing nsqd said."""

    type: FrameType
    data: bytes
    #: The data went on and was not kept.
    is_cut: bool = False


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message of the channel; in our hands until it is finished or given back."""

    id: bytes
    #: How often it was handed out, with this time.
    attempts: int
    #: Nanoseconds since 1970, by nsqd's clock: when it was published.
    published: int
    #: Empty when it was longer than we take.
    body: bytes
    is_too_long: bool = False


@dataclass(frozen=True)
class StartTls:
    """Nothing more is said in the clear: the socket makes the handshake now."""


@dataclass(frozen=True)
class Subscribed:
    """Messages come from here on."""


@dataclass(frozen=True)
class Complaint:
    """What nsqd did not do; the conversation goes on. Mostly, a message was ours no more."""

    text: str


Event = Message | StartTls | Subscribed | Complaint


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What a consumer asks of nsqd."""

    topic: str
    channel: str
    #: Messages in our hands at the same time.
    ready: int
    #: Milliseconds between two heartbeats.
    heartbeat: int = 10_000
    #: Milliseconds after which a message that we neither finish nor give back is somebody else's.
    message_timeout: int = 10_000
    is_tls: bool = False
    #: Bytes of a message; of a longer one only its id is kept, to finish it.
    longest: int
    #: What nsqd's own page shows of us.
    client_id: str = "leeroy"
    hostname: str = ""
    user_agent: str = "leeroy"


class Frames:
    """Takes nsqd's bytes apart."""

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._data = bytearray()
        #: Bytes of a frame too long to keep that are still to come.
        self._skip = 0
        self._cut: bytes | None = None

    @property
    def is_empty(self) -> bool:
        """No byte waits for the rest of its frame."""
        return not self._data

    def receive(self, data: bytes) -> Iterator[Frame]:
        """The frames that are whole now.

        Raises:
            ProtocolError: these are not nsqd's bytes.
        """
        self._data += data
        while (frame := self._next()) is not None:
            yield frame

    def _next(self) -> Frame | None:
        if self._cut is not None:
            return self._next_cut(self._cut)
        if len(self._data) < _FRAME_HEAD.size:
            return None
        size, number = _FRAME_HEAD.unpack_from(self._data)
        length = size - 4
        if length < 0 or number not in list(FrameType):
            raise ProtocolError("this is not nsqd: is it the port for TCP, and without TLS?")
        kept = _MESSAGE_HEAD.size
        if number != FrameType.MESSAGE and length > _LONGEST_WORDS:
            raise ProtocolError(f"nsqd said {length} bytes at once")
        if number == FrameType.MESSAGE and length > self._longest + kept:
            if len(self._data) < _FRAME_HEAD.size + kept:
                return None
            self._cut = bytes(self._data[_FRAME_HEAD.size : _FRAME_HEAD.size + kept])
            self._skip = _FRAME_HEAD.size + length
            return self._next_cut(self._cut)
        end = _FRAME_HEAD.size + length
        if len(self._data) < end:
            return None
        data = bytes(memoryview(self._data)[_FRAME_HEAD.size : end])
        del self._data[:end]
        return Frame(type=FrameType(number), data=data)

    def _next_cut(self, head: bytes) -> Frame | None:
        skipped = min(self._skip, len(self._data))
        del self._data[:skipped]
        self._skip -= skipped
        if self._skip:
            return None
        self._cut = None
        return Frame(type=FrameType.MESSAGE, data=head, is_cut=True)


class _Phase(Enum):
    IDENTIFYING = auto()
    STARTING_TLS = auto()
    SUBSCRIBING = auto()
    CONSUMING = auto()
    CLOSING = auto()
    CLOSED = auto()


class Subscription:
    """One conversation with nsqd, from the greeting to the last message.

    Give it what the socket brings (`receive`), send what it wants sent (`take_output`).
    """

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes
        self._frames = Frames(wishes.longest)
        self._phase = _Phase.IDENTIFYING
        self._most_ready = wishes.ready
        self._output = bytearray(MAGIC + _with_body(b"IDENTIFY", _identity(wishes)))

    @property
    def is_closed(self) -> bool:
        """nsqd sends no more messages, as we asked."""
        return self._phase is _Phase.CLOSED

    def take_output(self) -> bytes:
        """What is to be sent now, once."""
        output, self._output = bytes(self._output), bytearray()
        return output

    def receive(self, data: bytes) -> Iterator[Event]:
        """What happened; heartbeats are answered without telling.

        Raises:
            ProtocolError: nsqd refuses us, or it is no nsqd.
        """
        for frame in self._frames.receive(data):
            event = self._take(frame)
            if event is not None:
                yield event

    def finish(self, message: Message) -> None:
        """It is dealt with: nsqd forgets it."""
        self._say(b"FIN", message.id)

    def requeue(self, message: Message, *, seconds: float = 0.0) -> None:
        """Give it back, to be handed out again after so many seconds.

        Only without a pause does nsqd write it down at once: what waits for its time does so in
        nsqd's memory, and is lost when that is killed.
        """
        self._say(b"REQ", message.id, str(int(seconds * 1000)).encode())

    def touch(self, message: Message) -> None:
        """Ask for the message's whole time anew."""
        self._say(b"TOUCH", message.id)

    def ready(self, count: int) -> None:
        """Take so many messages at the same time from now on; 0: none, until told otherwise."""
        if self._phase is _Phase.CONSUMING:
            self._say(b"RDY", str(min(count, self._most_ready)).encode())

    def close(self) -> None:
        """Ask for no more messages; those in our hands can still be finished."""
        if self._phase is _Phase.CONSUMING:
            self._phase = _Phase.CLOSING
            self._say(b"CLS")

    def _take(self, frame: Frame) -> Event | None:
        if frame.type is FrameType.MESSAGE:
            return _message(frame)
        if frame.data == HEARTBEAT:
            self._say(b"NOP")
            return None
        if frame.type is FrameType.ERROR:
            return self._take_error(frame.data.decode("utf-8", "replace"))
        return self._take_response(frame.data)

    def _take_error(self, text: str) -> Event:
        if text.split(" ", 1)[0] in ("E_FIN_FAILED", "E_REQ_FAILED", "E_TOUCH_FAILED"):
            return Complaint(text)
        raise ProtocolError(f"nsqd refuses: {text}")

    def _take_response(self, data: bytes) -> Event | None:
        match self._phase:
            case _Phase.IDENTIFYING:
                return self._agree(data)
            case _Phase.STARTING_TLS:
                self._subscribe()
            case _Phase.SUBSCRIBING:
                self._phase = _Phase.CONSUMING
                self.ready(self._wishes.ready)
                return Subscribed()
            case _Phase.CLOSING:
                self._phase = _Phase.CLOSED
            case _:
                raise ProtocolError(f"nsqd answers what nobody asked: {data[:100]!r}")
        return None

    def _agree(self, data: bytes) -> Event | None:
        terms = _terms(data)
        if terms.get("auth_required"):
            raise ProtocolError("nsqd asks for AUTH, which Leeroy does not give")
        most = terms.get("max_rdy_count")
        if isinstance(most, int) and most > 0:
            self._most_ready = most
        if self._wishes.is_tls:
            if terms.get("tls_v1") is not True:
                raise ProtocolError("nsqd offers no TLS")
            if not self._frames.is_empty:
                raise ProtocolError("something was said before TLS began that should come after")
            self._phase = _Phase.STARTING_TLS
            return StartTls()
        self._subscribe()
        return None

    def _subscribe(self) -> None:
        self._phase = _Phase.SUBSCRIBING
        self._say(b"SUB", self._wishes.topic.encode(), self._wishes.channel.encode())

    def _say(self, *words: bytes) -> None:
        self._output += b" ".join(words) + b"\n"


def _identity(wishes: Wishes) -> bytes:
    said = {
        "client_id": wishes.client_id,
        "hostname": wishes.hostname,
        "user_agent": wishes.user_agent,
        "feature_negotiation": True,
        "tls_v1": wishes.is_tls,
        "heartbeat_interval": wishes.heartbeat,
        "msg_timeout": wishes.message_timeout,
        # nsqd would collect messages for a quarter of a second, and lose them when it is killed.
        "output_buffer_size": -1,
        "output_buffer_timeout": -1,
    }
    return json.dumps(said).encode()


def _terms(data: bytes) -> dict[str, Any]:
    """What nsqd agrees to; very old ones only say OK."""
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _message(frame: Frame) -> Message:
    if len(frame.data) < _MESSAGE_HEAD.size:
        raise ProtocolError("nsqd sent a message without its head")
    published, attempts, name = _MESSAGE_HEAD.unpack_from(frame.data)
    return Message(
        id=name,
        attempts=attempts,
        published=published,
        body=frame.data[_MESSAGE_HEAD.size :],
        is_too_long=frame.is_cut,
    )


def _with_body(command: bytes, body: bytes) -> bytes:
    return command + b"\n" + struct.pack(">i", len(body)) + body
