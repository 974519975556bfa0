"""Loopback ports: free when chosen, then kept."""

import random
import socket

_RANGE = range(20_000, 32_000)
"""Below what the system hands to outgoing connections: a kept port must still be free tomorrow."""


def free_ports(count: int) -> list[int]:
    """Return distinct loopback ports that nothing listens on."""
    ports: list[int] = []
    while len(ports) < count:
        port = random.choice(_RANGE)
        if port not in ports and is_free(port):
            ports.append(port)
    return ports


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
