"""Ports: those that speak, and those that are wrong before a request is read."""
import itertools
import socket
import threading

import proxy
from wire import Connection, Gone

_numbers = itertools.count(1)
_fillers = []


def listen(backlog=1024):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", 0))
    if backlog is not None:
        sock.listen(backlog)
    return sock


def full_backlog():
    """A port where connect itself hangs: its queue is full, and nobody accepts."""
    sock = listen(0)
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(sock.getsockname())
        _fillers.append(filler)
    return sock


def accept_forever(sock, name, counters, serve):
    """Each connection in a thread of its own; `serve` gets it and may leave by Gone."""
    while True:
        peer, _ = sock.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        counters.accept(name)
        connection = Connection(peer, next(_numbers), name)
        threading.Thread(target=_guarded, args=(serve, connection), daemon=True).start()


def _guarded(serve, connection):
    try:
        serve(connection)
    except (Gone, OSError):
        pass
    finally:
        if not connection.closed:
            connection.close(notify=False)


def over_tls(context, counters, serve):
    def run(connection):
        connection.sock = context.wrap_socket(connection.sock, server_side=True)
        counters.handshake(connection.listener)
        serve(connection)
    return run


def through_proxy(counters):
    return lambda connection: proxy.serve(connection, counters)


AT_ONCE = {
    "closing": lambda connection: connection.close(),
    "resetting": lambda connection: connection.reset(),
    "mute": lambda connection: connection.idle(),
}
PROXIES = ("proxy", "proxy_403", "proxy_407", "proxy_hang")
SILENT = {
    "refused": lambda: listen(None),
    "never_accepts": listen,
    "full_backlog": full_backlog,
}
