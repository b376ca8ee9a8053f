"""Requests as they stand on the wire, and the words of a path: /scenario/name=value/rest?query."""
from urllib.parse import parse_qsl, unquote, urlsplit

from wire import Gone

TLS_HANDSHAKE = 0x16


class BadRequest(Exception):
    """Not HTTP: most likely a TLS greeting on a plain port."""


class Request:
    def __init__(self, method, target, headers):
        self.method, self.target, self.headers = method, target, headers
        parts = urlsplit(target) if method != "CONNECT" else urlsplit("")
        self.path = parts.path or target
        self.scenario, self.params, self.rest = split_path(self.path)
        self.query = dict(parse_qsl(parts.query))

    def param(self, name, default):
        return self.params.get(name, self.query.get(name, default))

    def keeps_alive(self):
        return self.headers.get("connection", "").lower().find("close") < 0


def split_path(path):
    """A base URL has no query, so a scenario's settings can stand in its path."""
    scenario, *words = path.lstrip("/").split("/")
    params = {}
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        params[name] = unquote(value)
    return scenario, params, "/" + "/".join(words)


def read_head(connection):
    if connection.peek() == TLS_HANDSHAKE:
        raise BadRequest
    lines = connection.read_until(b"\r\n\r\n").decode("latin-1").split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[0].isalpha():
        raise BadRequest
    headers = {}
    for line in filter(None, lines[1:]):
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers[name] = ", ".join(filter(None, [headers.get(name), value.strip()]))
    return Request(words[0], words[1], headers)


def read_body(connection, headers, limit=None):
    """Returns (body, whole): at most `limit` bytes, or what came before the peer went away."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(connection, limit)
    length = int(headers.get("content-length", 0))
    wanted = length if limit is None else min(length, limit)
    body = connection.read(wanted)
    return body, len(body) == length


def _read_chunks(connection, limit):
    body = b""
    try:
        while limit is None or len(body) < limit:
            size = int(connection.read_until(b"\r\n").split(b";")[0], 16)
            if size == 0:
                connection.read_until(b"\r\n")
                return body, True
            body += connection.read(size)
            connection.read_until(b"\r\n")
    except Gone:
        pass
    return body, False
