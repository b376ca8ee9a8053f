"""What a lying server has carried out, and what the three APIs say to requests that are carried out or refused.

A verdict on data depends on the data alone: purchases whose number is a multiple of BAD are refused, and those whose
number leaves TAKEN's rest are somebody else's, there from the beginning."""
import json
import re
import threading
import uuid
from collections import Counter

import answers

BAD = 13
TAKEN = (19, 5)
BAD_VALUE = 999  # of a row that Ravenwits refuses


class Book:
    def __init__(self, api):
        self.api, self.lock = APIS[api](), threading.Lock()
        self.entries, self.turns = {}, Counter()
        self.lost = self.requests = 0

    def turn(self, body):
        """How often a request with this body has come, this time included."""
        with self.lock:
            self.requests += 1
            self.turns[body] += 1
            return self.turns[body]

    def carry_out(self, body, dice):
        """Returns the answer, (status, value), and whether anything was carried out."""
        with self.lock:
            refusal = self.api.refuse(body, self.entries, dice)
            return (refusal, False) if refusal else (self.api.apply(body, self.entries), True)

    def note_lost(self):
        with self.lock:
            self.lost += 1

    def shown(self):
        with self.lock:
            return {"entries": list(self.entries.values()), "lost": self.lost, "requests": self.requests}


class Ravenwits:
    page_errors = {"error": "Not today."}

    def __init__(self):
        self.token, self.tokens = "token-0", 0

    def refuse(self, body, _entries, _dice):
        for i, row in enumerate(json.loads(body)["purchase"]):
            if row["purchase"] == BAD_VALUE:
                return 400, {"error": f'Purchase item at index {i}: field "purchase" must be a number (in MW unit).'}
        return None

    def apply(self, body, entries):
        receipt = answers.receipt(body)
        entries[receipt["id"]] = {"id": receipt["id"], "key": json.loads(body)["purchase"][0]["datetime"]}
        return 201, receipt

    def surplus(self, body):
        """An answer to nothing, whose purchase is in no book."""
        return 201, answers.receipt(body, id=str(uuid.uuid4()))

    def log_in(self):
        self.tokens += 1
        self.token = f"token-{self.tokens}"
        return 200, {"token": self.token, "expires_at": "2099-01-01T00:00:00Z"}

    def forbidden(self):
        return 403, {"detail": "Authentication credentials were not provided."}


class Keyed:
    def refuse(self, body, entries, dice):
        keys = self.keys(body)
        bad = [key for key in keys if number_of(key) % BAD == 0]
        if bad:
            return self.refusal(bad)
        taken = [key for key in keys if number_of(key) % TAKEN[0] == TAKEN[1] or key in entries]
        return self.duplicates(taken, dice) if taken else None

    def apply(self, body, entries):
        for key in self.keys(body):
            entries[key] = {"key": key}
        return self.success

    def surplus(self, _body):
        return self.success


class Woowup(Keyed):
    success = 200, {"payload": [], "message": "ok", "code": "ok", "time": "1ms"}

    def keys(self, body):
        return [purchase["invoice_number"] for purchase in json.loads(body)]

    def envelope(self, status, code):
        return status, {"payload": [], "message": code.replace("_", " "), "code": code, "time": "1ms"}

    def refusal(self, _keys):
        return self.envelope(500, "user_not_found")

    def duplicates(self, _keys, _dice):
        return self.envelope(500, "duplicated_purchase_number")

    def forbidden(self):
        return self.envelope(403, "forbidden")


class Curebit(Keyed):
    success = 201, {"success": True}

    def keys(self, body):
        return [str(purchase["order_number"]) for purchase in json.loads(body)["purchases"]]

    def refusal(self, keys):
        return 400, {"success": False, "error_messages": [f"Order number {key} has an invalid email" for key in keys]}

    def duplicates(self, keys, dice):
        words = "has already been taken" if dice.random() < 0.8 else "was used before"  # not the page's words
        return 400, {"success": False, "error_messages": [f"Order number {key} {words}" for key in keys]}

    def forbidden(self):
        return 403, {"success": False, "error_messages": "Forbidden"}


def number_of(key):
    return int(re.search(r"\d+$", key).group())


APIS = {"ravenwits": Ravenwits, "woowup": Woowup, "curebit": Curebit}
