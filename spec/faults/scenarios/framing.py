"""Answers whose end is not where they say it is."""
import time

import answers
from scenarios import scenario

# Stands behind an answer it does not belong to; a client that takes it for the next one misreads.
FORGED = answers.answer(201, answers.encode(answers.receipt(b"", id="0badf00d-0000-4000-8000-00000badf00d")),
                        ("X-Forged", "yes"))
JSON = ("Content-Type", "application/json")


@scenario("cut-headers")
def cut_headers(exchange):
    exchange.send(exchange.good_answer()[:exchange.param("after", 40)])
    exchange.end()


@scenario("cut-body")
def cut_body(exchange):
    status, body = exchange.good()
    exchange.send(answers.answer(status, body)[:-(len(body) // 2)])
    exchange.end()


def _send_with_lengths(exchange, *lengths):
    status, body = exchange.good()
    lines = [("Content-Length", length(len(body))) for length in lengths]
    exchange.send(answers.head(status, JSON, *lines) + body)


@scenario("length-too-long")
def length_too_long(exchange):
    _send_with_lengths(exchange, lambda size: size + exchange.param("by", 100))
    exchange.end()


@scenario("length-too-short")
def length_too_short(exchange):
    _send_with_lengths(exchange, lambda size: size - exchange.param("by", 10))
    exchange.end("keep")


@scenario("length-twice-different")
def length_twice_different(exchange):
    _send_with_lengths(exchange, lambda size: size - 10, lambda size: size)
    exchange.end("keep")


@scenario("length-twice-same")
def length_twice_same(exchange):
    _send_with_lengths(exchange, lambda size: size, lambda size: size)
    exchange.end("keep")


@scenario("length-garbage")
def length_garbage(exchange):
    _send_with_lengths(exchange, lambda size: exchange.param("length", "-1"))
    exchange.end()


@scenario("folded-header")
def folded_header(exchange):
    """A header in two lines; or, blank=1, a first header that looks like the second line of one; or, long=N, one line
    with a blank behind N bytes."""
    status, body = exchange.good()
    lines = answers.head(status, JSON, ("Content-Length", len(body)))
    first = b"X-A: b\r\n\tfolded"
    if exchange.param("blank", 0):
        first = b" X-A: b"
    elif exchange.param("long", 0):
        first = b"X-A: ".ljust(exchange.param("long", 0), b"b") + b" b"
    exchange.send(lines.replace(b"\r\n", b"\r\n" + first + b"\r\n", 1) + body)
    exchange.end("keep")


@scenario("length-and-chunked")
def length_and_chunked(exchange):
    """Two framings at once, the way smuggled answers are made."""
    status, body = exchange.good()
    lines = ("Content-Length", 5), ("Transfer-Encoding", "chunked")
    exchange.send(answers.head(status, JSON, *lines) + _chunk(body) + b"0\r\n\r\n")
    exchange.end("keep")


@scenario("left-over")
def left_over(exchange):
    """A whole forged answer behind the good one, at once or delay=seconds later."""
    delay = exchange.param("delay", 0.0)
    if delay:
        exchange.send(exchange.good_answer())
        time.sleep(delay)
        exchange.send(FORGED)
    else:
        exchange.send(exchange.good_answer() + FORGED)


@scenario("left-over-record")
def left_over_record(exchange):
    """Over TLS: the head in one record, the body and a whole forged answer in the next."""
    status, body = exchange.good()
    exchange.send(answers.head(status, JSON, ("Content-Length", len(body))))
    exchange.send(body + FORGED)


def _chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def _send_chunked(exchange, tail, coding="chunked"):
    status, body = exchange.good()
    head = answers.head(status, JSON, ("Transfer-Encoding", coding))
    half = len(body) // 2  # neither is empty: that would be the last chunk
    exchange.send(head + _chunk(body[:half]) + _chunk(body[half:]) + tail)


@scenario("chunked")
def chunked(exchange):
    _send_chunked(exchange, b"0\r\n\r\n")


@scenario("chunk-trailers")
def chunk_trailers(exchange):
    _send_chunked(exchange, b"0\r\nX-Checksum: 1\r\nContent-Length: 3\r\n\r\n")


@scenario("chunk-garbage")
def chunk_garbage(exchange):
    _send_chunked(exchange, b"xyz!\r\ngarbage\r\n0\r\n\r\n")
    exchange.end()


@scenario("chunk-huge")
def chunk_huge(exchange):
    """More than 64 bits by default; size=7fffffffffffffff still fits."""
    _send_chunked(exchange, exchange.param("size", "f" * 20).encode() + b"\r\nfew bytes")
    exchange.end()


@scenario("chunk-unfinished")
def chunk_unfinished(exchange):
    _send_chunked(exchange, b"")
    exchange.end()


@scenario("chunked-chunked")
def chunked_chunked(exchange):
    _send_chunked(exchange, b"0\r\n\r\n", coding="chunked, chunked")
    exchange.end()
