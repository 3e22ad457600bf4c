"""Tries whether an nsqd would let us consume, and takes nothing: for whoever looks for trouble."""

import socket
import ssl
from contextlib import ExitStack

from leeroy.errors import Transient
from leeroy.nsq.lookupd import Address
from leeroy.nsq.protocol import ProtocolError, StartTls, Subscription, Wishes


def greet(
    address: Address, wishes: Wishes, tls: ssl.SSLContext | None, *, seconds: float = 10.0
) -> None:
    """Connect, say who we are, and leave before subscribing.

    Raises:
        Transient: nsqd cannot be reached, or does not want us.
    """
    subscription = Subscription(wishes)
    try:
        with ExitStack() as stack:
            sock = socket.create_connection((address.host, address.port), timeout=seconds)
            stack.callback(sock.close)
            sock.sendall(subscription.take_output())
            while True:
                data = sock.recv(64 * 1024)
                if not data:
                    raise ConnectionResetError("nsqd hung up")
                for event in subscription.receive(data):
                    if isinstance(event, StartTls):
                        context = tls or ssl.create_default_context()
                        sock = context.wrap_socket(sock, server_hostname=address.host)
                        stack.callback(sock.close)
                if subscription.take_output().startswith(b"SUB "):
                    return
    except (OSError, ProtocolError) as exc:
        raise Transient(f"{address}: {exc or repr(exc)}") from exc
