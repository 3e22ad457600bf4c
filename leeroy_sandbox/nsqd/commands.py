"""What a client says by TCP, taken apart: https://nsq.io/clients/tcp_protocol_spec.html."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from leeroy_sandbox.nsqd.options import Options

MAGIC = b"  V2"
#: Bytes of a line.
_LONGEST_LINE = 16 * 1024
#: Commands with a body behind the line, and what nsqd calls a bad one.
_WITH_BODY = {b"IDENTIFY": "E_BAD_BODY", b"AUTH": "E_BAD_BODY", b"PUB": "E_BAD_MESSAGE"}


class Fatal(Exception):
    """The client broke the rules: it hears why, and the connection ends."""


class Failed(Exception):
    """That did not work; the connection stays."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """One line, with its body."""

    name: bytes
    words: tuple[bytes, ...] = ()
    body: bytes = b""


class Commands:
    """Collects a client's bytes until a command is whole."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._data = bytearray()
        self._is_greeted = False

    def receive(self, data: bytes) -> Iterator[Command]:
        """The commands that are whole now.

        Raises:
            Fatal: that is no client of nsqd's.
        """
        self._data += data
        if not self._is_greeted:
            if len(self._data) < len(MAGIC):
                return
            if not self._data.startswith(MAGIC):
                raise Fatal("E_BAD_PROTOCOL")
            del self._data[: len(MAGIC)]
            self._is_greeted = True
        while (command := self._next()) is not None:
            yield command

    def _next(self) -> Command | None:
        line, found, rest = bytes(self._data[:_LONGEST_LINE]).partition(b"\n")
        if not found:
            if len(self._data) >= _LONGEST_LINE:
                raise Fatal("E_INVALID the line is too long")
            return None
        name, *words = line.removesuffix(b"\r").split(b" ")
        end = len(line) + 1
        if name not in _WITH_BODY:
            del self._data[:end]
            return Command(name=name, words=tuple(words))
        if len(rest) < 4:
            return None
        length = struct.unpack_from(">i", rest)[0]
        most = self._options.max_msg_size if name == b"PUB" else self._options.max_body_size
        if not 0 < length <= most:
            raise Fatal(f"{_WITH_BODY[name]} {name.decode()} invalid body size {length}")
        if len(self._data) < end + 4 + length:
            return None
        body = bytes(self._data[end + 4 : end + 4 + length])
        del self._data[: end + 4 + length]
        return Command(name=name, words=tuple(words), body=body)
