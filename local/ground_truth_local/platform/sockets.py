"""Listening sockets on the loopback, bound before anyone is told their ports."""

from __future__ import annotations

import errno
import socket


class PortInUseError(Exception):
    """A port asked for by number is taken."""


def listen(port: int = 0) -> socket.socket:
    """A socket bound to 127.0.0.1 and listening; 0 takes a free port."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind(("127.0.0.1", port))
    except OSError as problem:
        bound.close()
        if problem.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PortInUseError(
            f"port {port} on 127.0.0.1 cannot be had ({problem.strerror}); "
            "leave the option out to take a free one"
        ) from problem
    bound.listen(128)
    bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    bound.setblocking(False)
    return bound


def port_of(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


def also_on_ipv6(port: int) -> socket.socket | None:
    """The same port on ::1, because `localhost` may mean that; None where there is no IPv6."""
    if not socket.has_ipv6:
        return None
    bound = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind(("::1", port))
    except OSError:
        bound.close()
        return None
    bound.listen(128)
    bound.setblocking(False)
    return bound
