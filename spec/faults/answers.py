"""Good answers: what the three APIs say when all is well, and the bytes of an answer's head."""
import json
import uuid
from datetime import datetime, timezone
from email.utils import formatdate
from http import HTTPStatus

# The longest fitting end of the path decides.
GOOD = {
    ("POST", "/auth/login/"): (200, {"token": "fresh-token", "expires_at": "2099-01-01T00:00:00Z",
                                     "customer_name": "Fault", "customer_email": "fault@example.com"}),
    ("GET", "/health/"): (200, {"status": "healthy"}),
    ("GET", "/get"): (200, {"id": str(uuid.UUID(int=1)), "status": "completed", "error": "",
                            "created_at": "2024-01-15T14:30:00Z", "strategy_output": []}),
    ("PUT", "/update"): (200, {"id": str(uuid.UUID(int=1)), "status": "completed", "error": "",
                               "updated_at": "2024-01-15T14:30:00Z", "message": "updated"}),
    ("PUT", "/set_rewards_status"): (200, {"success": True}),
    ("POST", "/purchases/create"): (201, {"success": True}),
}
OTHERWISE = (200, {"payload": [], "message": "ok", "code": "ok", "time": "1ms"})


def rows_of(body):
    try:
        return len(json.loads(body)["purchase"])
    except (ValueError, KeyError, TypeError):
        return 0


def receipt(body, **changes):
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = {"id": str(uuid.uuid4()), "status": "pending", "error": "", "rows_uploaded": rows_of(body),
              "created_at": now, "message": "CustomerPurchase created successfully"}
    return {**fields, **changes}


def good(request, body):
    """Returns (status, body) as the API would."""
    if request.method == "POST" and request.rest.endswith("/submit-purchase"):
        return 201, encode(receipt(body))
    for (method, end), (status, value) in GOOD.items():
        if request.method == method and request.rest.endswith(end):
            if end == "/update":
                value = {**value, "id": request.rest.split("/")[-2]}
            return status, encode(value)
    return OTHERWISE[0], encode(OTHERWISE[1])


def encode(value):
    return json.dumps(value, separators=(",", ":")).encode()


def head(status, *headers):
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer(status, body, *headers):
    common = ("Date", formatdate(usegmt=True)), ("Content-Type", "application/json"), ("Content-Length", len(body))
    replaced = {name for name, _ in headers}
    return head(status, *(pair for pair in common if pair[0] not in replaced), *headers) + body
