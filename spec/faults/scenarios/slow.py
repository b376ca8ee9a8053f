"""Answers that come too slowly, never, or after others. Intervals are seconds."""
import time

import answers
from scenarios import scenario

HINTS = ("Link", "</style.css>; rel=preload")


@scenario("trickle")
def trickle(exchange):
    """One byte per interval, from the head on or (part=body) from the body on."""
    status, body = exchange.good()
    data = answers.answer(status, body)
    start = len(data) - len(body) if exchange.param("part", "head") == "body" else 0
    exchange.send(data[:start])
    exchange.connection.send_slowly(data[start:], exchange.param("interval", 1.0))


@scenario("delay")
def delay(exchange):
    time.sleep(exchange.param("interval", 1.0))
    exchange.answer_well()


@scenario("hang")
def hang(exchange):
    exchange.connection.idle()


@scenario("interim")
def interim(exchange):
    """100 and 103, then the answer that counts."""
    exchange.send(answers.head(100) + answers.head(103, HINTS))
    exchange.answer_well()


@scenario("endless-1xx")
def endless_1xx(exchange):
    """kind=100, 103, or both in turn: until the client has had enough."""
    kinds = {"100": answers.head(100), "103": answers.head(103, HINTS)}
    data = kinds.get(exchange.param("kind", "both"), b"".join(kinds.values()))
    while True:
        exchange.send(data)
        time.sleep(exchange.param("interval", 0.05))
