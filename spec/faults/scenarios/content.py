"""Well-framed answers that are not what the API promises, and answers that are not HTTP at all."""
import answers
from scenarios import scenario

PAGE = b"<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>"


@scenario("good")
def good(exchange):
    exchange.answer_well()


@scenario("redirected")
def redirected(exchange):
    """Where redirects lead: whoever follows one is counted here."""
    exchange.answer_well()


@scenario("status")
def status(exchange):
    body = answers.encode({"error": exchange.param("error", "as ordered")})
    exchange.answer(exchange.param("status", 500), body)


@scenario("html")
def html(exchange):
    exchange.answer(exchange.param("status", 200), PAGE, ("Content-Type", "text/html"))


@scenario("empty")
def empty(exchange):
    exchange.answer(exchange.param("status", 200), b"")


@scenario("no-content")
def no_content(exchange):
    exchange.send(answers.head(204))


@scenario("cut-json")
def cut_json(exchange):
    code, body = exchange.good()
    exchange.answer(exchange.param("status", code), body[:len(body) // 2])


@scenario("wrong-rows")
def wrong_rows(exchange):
    rows = answers.rows_of(exchange.body) + exchange.param("by", -1)
    exchange.answer(201, answers.encode(answers.receipt(exchange.body, rows_uploaded=rows)))


@scenario("wrong-id")
def wrong_id(exchange):
    receipt = answers.receipt(exchange.body, id=exchange.param("id", "../not-a-uuid"))
    exchange.answer(201, answers.encode(receipt))


@scenario("wrong-shape")
def wrong_shape(exchange):
    """JSON, but not an object: json=[] or any other text."""
    exchange.answer(exchange.param("status", 201), exchange.param("json", "[]").encode())


def _instead_of_http(name, text):
    @scenario(name)
    def run(exchange):
        exchange.send(text)
        exchange.end()


_instead_of_http("garbage-status", b"HTTP/9.9 abc\r\nContent-Length: 0\r\n\r\n")
_instead_of_http("no-status-line", b'{"id":"0","status":"pending","rows_uploaded":1}')
_instead_of_http("ssh-banner", b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")
