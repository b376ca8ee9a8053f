"""Everything that can go wrong, by chance, under a book of what was carried out: /lying/api=woowup/seed=7/run=a/...

What becomes of a request depends on the seed, its body, and how often that has come, not on the order in which
requests come. What was answered as refused was not carried out; what was carried out may be answered in any way, or
not at all, and then its repeat, too, may be told anything that refuses for now. GET /_book?run=a is the book."""
import gzip
import random
import threading
import time

import answers
from book import Book
from scenarios import scenario

PAGE = b"<html><body><h1>What were you looking for?</h1></body></html>"
LATE = 0.7  # seconds: longer than the client waits
books, lock = {}, threading.Lock()


def book_of(exchange):
    with lock:
        run = exchange.param("run", "")
        if run not in books:
            books[run] = Book(exchange.param("api", "ravenwits"))
        return books[run]


def show(run):
    return books[run].shown() if run in books else {"entries": [], "lost": 0, "requests": 0}


def pick(dice, weighted):
    """One of a list of (weight, choice)."""
    return dice.choices([choice for _, choice in weighted], [weight for weight, _ in weighted])[0]


@scenario("lying", early=True)
def lying(exchange):
    book = book_of(exchange)
    if exchange.request.rest.endswith("/auth/login/"):
        if exchange.read_body():
            with book.lock:
                status, value = book.api.log_in()
            exchange.answer(status, answers.encode(value))
        return
    # Long before the body is whole: it cannot have been carried out.
    length = exchange.request.headers.get("content-length", 0)
    head = f'{exchange.param("seed", 0)}/{length}/{exchange.connection.served}'
    if random.Random(head).random() < 0.01:
        exchange.read_body(20)
        return exchange.reset()
    if not exchange.read_body():
        return
    turn = book.turn(exchange.body)
    dice = random.Random(f'{exchange.param("seed", 0)}/{exchange.body.hex()}/{turn}')
    if is_let_in(exchange, book, dice):
        pick(dice, FATES)(exchange, book, dice)
    end(exchange, dice)


def is_let_in(exchange, book, dice):
    """Tokens run out by chance; a token that did not is heeded."""
    if not hasattr(book.api, "log_in"):
        return True
    with book.lock:
        if dice.random() < 0.02:
            book.api.tokens += 1
            book.api.token = f"expired-{book.api.tokens}"
        known = exchange.request.headers.get("authorization") == "Bearer " + book.api.token
    if not known:
        exchange.answer(401, answers.encode({"detail": "Authentication credentials were not provided."}))
    return known


# What becomes of a request

def answer_it(exchange, book, dice):
    """Carried out, or refused for its data, and answered, in one form or another."""
    (status, value), _ = book.carry_out(exchange.body, dice)
    pick(dice, FORMS)(exchange, book, dice, status, answers.encode(value))


def lose_it(exchange, book, dice):
    """Carried out, and whoever asked does not hear of it."""
    (status, value), done = book.carry_out(exchange.body, dice)
    if done:
        book.note_lost()
    pick(dice, LOSSES)(exchange, dice, answers.answer(status, answers.encode(value)))


def drop_it(exchange, book, dice):
    """Not carried out, and whoever asked cannot know."""
    pick(dice, LOSSES)(exchange, dice, answers.answer(500, b'{"error":"no"}'))


def put_it_off(exchange, book, dice):
    """Refused for now, in any words."""
    status = dice.choice((421, 425, 429))
    headers = [("Connection", "close")] if dice.random() < 0.3 else []
    if dice.random() < 0.3:
        headers.append(("Retry-After", "0"))
    exchange.answer(status, dice.choice((PAGE, b"", b'{"error":"later"}')), *headers)
    if headers and headers[0][0] == "Connection":
        exchange.close()


def send_it_away(exchange, book, dice):
    """Refused for a reason that has nothing to do with this purchase."""
    status = dice.choice((301, 307, 400, 403, 404, 405, 407))
    if status == 403:
        status, value = book.api.forbidden()
        return exchange.answer(status, answers.encode(value))
    exchange.answer(status, PAGE, ("Content-Type", "text/html"), ("Location", "/elsewhere"))


FATES = ((60, answer_it), (22, lose_it), (8, drop_it), (6, put_it_off), (0.7, send_it_away))


# Forms of a whole answer

def plain(exchange, _book, _dice, status, body):
    exchange.answer(status, body)


def in_parts(exchange, _book, dice, status, body):
    """Head and body in records of their own."""
    whole = answers.answer(status, body)
    at = len(whole) - len(body) if dice.random() < 0.7 else dice.randrange(1, len(whole))
    exchange.send(whole[:at])
    time.sleep(dice.choice((0, 0.001)))
    exchange.send(whole[at:])


def chunks_of(body, dice):
    text = b""
    while body:
        size = dice.randint(1, len(body))
        text, body = text + b"%x\r\n" % size + body[:size] + b"\r\n", body[size:]
    return text + b"0\r\n\r\n"


def chunked(exchange, _book, dice, status, body):
    exchange.send(answers.head(status, ("Transfer-Encoding", "chunked")))
    exchange.send(chunks_of(body, dice))


def zipped(exchange, _book, _dice, status, body):
    exchange.answer(status, gzip.compress(body), ("Content-Encoding", "gzip"))


def folded(exchange, _book, dice, status, body):
    """A header in two lines, or one that begins with a blank as a first header does not."""
    whole = answers.answer(status, body)
    line, _, rest = whole.partition(b"\r\n")
    extra = dice.choice((b"X-A: b\r\n\tfolded", b" X-A: b"))
    exchange.send(line + b"\r\n" + extra + b"\r\n" + rest)


def after_interim(exchange, _book, dice, status, body):
    exchange.send(answers.head(dice.choice((100, 102, 103))))
    exchange.answer(status, body)


def with_surplus(exchange, book, dice, status, body):
    """One more answer, to nobody's request, together with the end of this one: what cannot be there before the next
    request is sent is no fault that anybody could see."""
    whole, surplus = answers.answer(status, body), book.api.surplus(exchange.body)
    at = dice.choice((0, len(whole) - len(body), len(whole) - 1))
    if at > 0:
        exchange.send(whole[:at])
        time.sleep(dice.choice((0, 0.001)))
    exchange.send(whole[at:] + answers.answer(surplus[0], answers.encode(surplus[1])))


FORMS = ((6, plain), (3, in_parts), (2, chunked), (2, zipped), (2, folded), (1, after_interim), (3, with_surplus))


# Ways to lose an answer

def close(exchange, _dice, _whole):
    exchange.close()


def reset(exchange, _dice, _whole):
    exchange.reset()


def cut(exchange, dice, whole):
    exchange.send(whole[:dice.randrange(1, len(whole))])
    dice.choice((exchange.close, exchange.reset))()


def cut_zipped(exchange, dice, whole):
    """What there is of it is whole by its length."""
    head, _, body = whole.partition(b"\r\n\r\n")
    packed = gzip.compress(body)
    exchange.answer(int(head.split()[1]), packed[:dice.randrange(1, len(packed) - 8)], ("Content-Encoding", "gzip"))


def fail(exchange, dice, _whole):
    body = dice.choice((PAGE, b"", b'{"error":"Internal server error while creating purchase."}'))
    exchange.answer(dice.choice((408, 500, 502, 503, 504)), body)


def answer_badly(exchange, dice, whole):
    """A success that is none."""
    exchange.answer(int(whole.split()[1]) if whole[9:10] == b"2" else 200, dice.choice((PAGE, b"", b"[]", b"{}")))


def answer_late(exchange, _dice, whole):
    time.sleep(LATE)
    exchange.send(whole)


LOSSES = ((5, close), (4, reset), (5, cut), (2, cut_zipped), (5, fail), (2, answer_badly), (0.3, answer_late))


# What becomes of the connection

def end(exchange, dice):
    connection, r = exchange.connection, dice.random()
    if connection.closed:
        return
    if r < 0.08:
        exchange.close()
    elif r < 0.16 and not connection.hears(dice.random() * 0.01):
        exchange.answer(408, PAGE, ("Connection", "close"))
        exchange.close()
