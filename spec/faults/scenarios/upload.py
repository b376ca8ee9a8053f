"""The connection ends before an answer, or is ended by one too early: did the purchase arrive?"""
import time

import answers
from scenarios import scenario


@scenario("reset-mid-upload", early=True)
def reset_mid_upload(exchange):
    exchange.read_body(exchange.param("after", 1000))
    exchange.reset()


@scenario("close-mid-upload", early=True)
def close_mid_upload(exchange):
    """FIN only: closing with bytes unread would be a reset."""
    exchange.read_body(exchange.param("after", 1000))
    exchange.connection.half_close()
    exchange.connection.idle()


@scenario("stall-mid-upload", early=True)
def stall_mid_upload(exchange):
    """Reads no more, so that a large body fills the buffers in between; then closes."""
    exchange.read_body(exchange.param("after", 1000))
    time.sleep(exchange.param("interval", 60.0))
    exchange.reset()


@scenario("reset-after-body")
def reset_after_body(exchange):
    exchange.reset()


@scenario("close-after-body")
def close_after_body(exchange):
    exchange.close()


@scenario("close-on-reuse")
def close_on_reuse(exchange):
    """The first request of a connection is answered well; a later one is read whole and dropped."""
    if exchange.connection.served == 1:
        exchange.answer_well()
    else:
        exchange.close()


@scenario("reset-on-reuse")
def reset_on_reuse(exchange):
    if exchange.connection.served == 1:
        exchange.answer_well()
    else:
        exchange.reset()


@scenario("close-when-idle")
def close_when_idle(exchange):
    """Answered well with keep-alive; the connection dies unused a moment later."""
    exchange.send(exchange.good_answer())
    time.sleep(exchange.param("interval", 0.05))
    exchange.close()


@scenario("early", early=True)
def early(exchange):
    """Answers before the body is read: then=drain lets the client read that answer, reset may not."""
    exchange.answer(exchange.param("status", 413), answers.encode({"error": "too large"}), ("Connection", "close"))
    if exchange.param("then", "drain") == "reset":
        return exchange.reset()
    exchange.connection.half_close()
    exchange.read_body()
    exchange.connection.idle()
