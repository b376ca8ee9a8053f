"""HTTP proxies: one that refuses, one that is silent, one that works. What reaches them is counted under
their listener's name, with the authority as the path."""
import selectors
import socket
from urllib.parse import urlsplit

import answers
from request import read_head
from wire import Gone

REFUSALS = {
    "proxy_403": answers.answer(403, b'{"error":"proxy says no"}', ("Connection", "close")),
    "proxy_407": answers.answer(407, b'{"error":"proxy wants a password"}', ("Connection", "close"),
                                ("Proxy-Authenticate", 'Basic realm="faults"')),
}


def serve(connection, counters):
    request = read_head(connection)
    counters.begin(connection, request)
    counters.end(connection, request, b"", True)
    if connection.listener == "proxy_hang":
        connection.idle()
    elif connection.listener in REFUSALS:
        connection.send(REFUSALS[connection.listener])
        connection.close()
    else:
        _forward(connection, request)


def _forward(connection, request):
    upstream = _open(request)
    if request.method == "CONNECT":
        connection.send(answers.head(200))
    else:
        upstream.sendall(_origin_form(request))
    upstream.sendall(connection.buffer)
    _splice(connection.sock, upstream)
    connection.close()


def _open(request):
    parts = urlsplit(request.target if "://" in request.target else "//" + request.target)
    try:
        return socket.create_connection((parts.hostname, parts.port), timeout=5)
    except OSError as error:
        raise Gone from error


def _origin_form(request):
    parts = urlsplit(request.target)
    path = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    lines = [f"{request.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _splice(one, other):
    """Carries bytes both ways until either side ends."""
    partner = {one: other, other: one}
    with selectors.DefaultSelector() as ready, other:
        for sock in partner:
            ready.register(sock, selectors.EVENT_READ)
        while True:
            for key, _ in ready.select():
                data = key.fileobj.recv(1 << 16)
                if not data:
                    return
                partner[key.fileobj].sendall(data)
