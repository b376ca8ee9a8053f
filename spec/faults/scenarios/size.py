"""Answers larger than anybody wants; and compression that lies."""
import gzip
import threading
import zlib

import answers
from scenarios import scenario

BLOCK = bytes(1 << 20)
GZIP = ("Content-Encoding", "gzip")
_bombs, _lock = {}, threading.Lock()


def _build_bomb(size):
    """The same compressed block over and over: building it costs one block and the checksum."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    blocks, checksum = max(1, size // len(BLOCK)), 0
    block = packer.compress(BLOCK) + packer.flush(zlib.Z_FULL_FLUSH)
    for _ in range(blocks):
        checksum = zlib.crc32(BLOCK, checksum)
    end = checksum.to_bytes(4, "little") + (blocks * len(BLOCK) % (1 << 32)).to_bytes(4, "little")
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + block * blocks + packer.flush() + end


def _bomb(size):
    with _lock:
        if size not in _bombs:
            _bombs[size] = _build_bomb(size)
        return _bombs[size]


@scenario("gzip-bomb")
def gzip_bomb(exchange):
    exchange.answer(200, _bomb(exchange.param("size", 1 << 30)), GZIP)


@scenario("gzip")
def gzip_good(exchange):
    status, body = exchange.good()
    exchange.answer(status, gzip.compress(body), GZIP)


@scenario("gzip-wrong")
def gzip_wrong(exchange):
    status, body = exchange.good()
    exchange.answer(status, body, ("Content-Encoding", exchange.param("encoding", "gzip")))


@scenario("gzip-twice")
def gzip_twice(exchange):
    """Two encodings, of which the outer one alone is whole."""
    status, body = exchange.good()
    exchange.answer(status, gzip.compress(gzip.compress(body)[:-8]), ("Content-Encoding", "gzip, gzip"))


@scenario("gzip-and-more")
def gzip_and_more(exchange):
    status, body = exchange.good()
    exchange.answer(status, gzip.compress(body) + b"more", GZIP)


@scenario("gzip-cut")
def gzip_cut(exchange):
    status, body = exchange.good()
    exchange.answer(status, gzip.compress(body)[:-exchange.param("cut", 12)], GZIP)


@scenario("many-headers")
def many_headers(exchange):
    """Headers of 100 bytes each up to size in all."""
    status, body = exchange.good()
    exchange.send(answers.head(status, ("Content-Length", len(body)))[:-2])
    for at in range(exchange.param("size", 10_000_000) // 100):
        exchange.send(b"X-Filler-%08d: %s\r\n" % (at, b"x" * 79))
    exchange.send(b"\r\n" + body)


@scenario("long-header")
def long_header(exchange):
    exchange.answer(*exchange.good(), ("X-Filler", "x" * exchange.param("size", 10_000_000)))


@scenario("huge-body")
def huge_body(exchange):
    """framing=length, chunked or close."""
    size, framing = exchange.param("size", 1 << 30), exchange.param("framing", "length")
    lines = {"length": [("Content-Length", size)], "chunked": [("Transfer-Encoding", "chunked")]}
    exchange.send(answers.head(200, *lines.get(framing, [("Connection", "close")])))
    for start in range(0, size, len(BLOCK)):
        block = BLOCK[:size - start]
        exchange.send(b"%x\r\n%s\r\n" % (len(block), block) if framing == "chunked" else block)
    if framing == "chunked":
        exchange.send(b"0\r\n\r\n")
    exchange.end("close" if framing == "close" else "keep")
