"""Redirects to where no credentials belong."""
from scenarios import scenario


def _places(exchange):
    """From a TLS port each of the http ones is a step down as well."""
    port, rest = exchange.ports["other"], exchange.request.rest
    return {
        "other": f"http://127.0.0.1:{port}/redirected{rest}",
        "localhost": f"http://localhost:{port}/redirected{rest}",
        "tls": f"https://127.0.0.1:{exchange.ports['tls']}/redirected{rest}",
        "same": f"/redirected{rest}",
        "file": "file:///etc/passwd",
        "garbage": "http://[::not-an-address/",
    }


@scenario("redirect")
def redirect(exchange):
    """status=301, 302, 303, 307 or 308; to=other (a second port), localhost, tls, same, file, garbage."""
    place = _places(exchange)[exchange.param("to", "other")]
    exchange.answer(exchange.param("status", 302), b"", ("Location", place))
