"""What goes over the wire to Postgres, counted on the wire: statements, and waits for an answer.

A relay on loopback between client and server reads the client's messages as they pass
(https://www.postgresql.org/docs/current/protocol-message-formats.html). A statement is an Execute
or a simple Query; a round trip is a Sync or a simple Query, since after it the client waits. Begin
and commit are statements too.
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_EXECUTE: Final = frozenset({b"E", b"Q"})
_WAITS: Final = frozenset({b"S", b"Q"})
_CHUNK: Final = 65_536


class Traffic(NamedTuple):
    """What was sent."""

    statements: int
    round_trips: int

    def since(self, before: "Traffic") -> "Traffic":
        """Return what was sent after `before` was read."""
        return Traffic(self.statements - before.statements, self.round_trips - before.round_trips)


class Volume(NamedTuple):
    """Bytes that went over the wire, as the client sees them."""

    sent: int
    received: int

    def since(self, before: "Volume") -> "Volume":
        """Return what went after `before` was read."""
        return Volume(self.sent - before.sent, self.received - before.received)


class Relay:
    """Passes connections on to a server, counting."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._statements = self._round_trips = 0
        self._sent = self._received = 0
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def port(self) -> int:
        """Where it listens on loopback."""
        return int(self._listener.getsockname()[1])

    @property
    def traffic(self) -> Traffic:
        """What was sent so far, over all connections."""
        with self._lock:
            return Traffic(self._statements, self._round_trips)

    @property
    def volume(self) -> Volume:
        """How much went so far, over all connections."""
        with self._lock:
            return Volume(self._sent, self._received)

    def close(self) -> None:
        """End every connection, and take no more."""
        for each in (self._listener, *self._sockets):
            # Who waits on a socket in another thread is woken by a shutdown, not by a close.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for each in (self._listener, *self._sockets):
            each.close()

    def _start(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = self._connected()
            for each in (client, server):
                # Else the rest of a long message waits for the other side to acknowledge its start.
                if each.family != socket.AF_UNIX:
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            self._start(self._up, client, server)
            self._start(self._down, server, client)

    def _connected(self) -> socket.socket:
        """Return a connection to the server; a host that is a folder holds a socket file."""
        if not self._host.startswith("/"):
            return socket.create_connection((self._host, self._port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{self._host}/.s.PGSQL.{self._port}")
        return server

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        """Pass on what the client says; its first message alone has no type."""
        held, has_begun = b"", False
        with suppress(OSError):
            while chunk := client.recv(_CHUNK):
                held += chunk
                while (size := _size(held, typed=has_begun)) is not None and len(held) >= size:
                    if has_begun:
                        self._count(held[:1])
                    held, has_begun = held[size:], True
                with self._lock:
                    self._sent += len(chunk)
                server.sendall(chunk)
            server.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while chunk := server.recv(_CHUNK):
                with self._lock:
                    self._received += len(chunk)
                client.sendall(chunk)
            client.shutdown(socket.SHUT_WR)

    def _count(self, kind: bytes) -> None:
        with self._lock:
            self._statements += kind in _EXECUTE
            self._round_trips += kind in _WAITS


def _size(held: bytes, *, typed: bool) -> int | None:
    """Return how long the first message is; None while that is not known."""
    if len(held) < 4 + typed:
        return None
    (length,) = struct.unpack("!I", held[typed : 4 + typed])
    return int(length) + typed


@contextmanager
def counted(dsn: str) -> Iterator[tuple[str, Relay]]:
    """Open a relay to a server; yield the address to use instead, and the relay."""
    server = conninfo_to_dict(dsn)
    relay = Relay(str(server.get("host") or "127.0.0.1"), int(server.get("port") or 5432))
    plain = make_conninfo(dsn, sslmode="disable", gssencmode="disable")
    try:
        yield make_conninfo(plain, host="127.0.0.1", port=relay.port), relay
    finally:
        relay.close()
