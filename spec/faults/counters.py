"""What reached the server: per listener and path, so that a spec can ask how often a purchase arrived."""
import hashlib
import threading
from collections import Counter


class Entry:
    def __init__(self):
        self.requests = self.partial = self.bytes = self.begun = self.finished = self.authorized = self.last = 0
        self.connections, self.digests = set(), Counter()
        self.headers, self.target = {}, None


class Counters:
    def __init__(self):
        self.lock, self.sequence = threading.Lock(), 0
        self.reset()

    def reset(self):
        with self.lock:
            self.entries, self.accepted, self.handshakes = {}, Counter(), Counter()

    def accept(self, listener):
        with self.lock:
            self.accepted[listener] += 1

    def handshake(self, listener):
        with self.lock:
            self.handshakes[listener] += 1

    def begin(self, connection, request):
        """The head is read. Returns what is counted of this path, and how many of its requests have begun."""
        with self.lock:
            entry = self.entries.setdefault((connection.listener, request.path), Entry())
            self.sequence += 1
            entry.begun, entry.last = entry.begun + 1, self.sequence
            entry.connections.add(connection.number)
            entry.headers, entry.target = request.headers, request.target
            entry.authorized += "authorization" in request.headers
            return entry, entry.begun

    def end(self, connection, request, body, whole):
        digest = hashlib.sha256(body).hexdigest() if whole and body else None
        with self.lock:
            entry = self.entries.setdefault((connection.listener, request.path), Entry())
            entry.bytes += len(body)
            entry.requests += whole
            entry.partial += not whole
            if digest:
                entry.digests[digest] += 1

    def finish(self, entry):
        """The scenario has done all that it does. One that began before a reset is not counted after it."""
        with self.lock:
            entry.finished += 1

    def count(self, path="/", listener=None, digest=None):
        with self.lock:
            found = [entry for key, entry in self.entries.items() if _matches(key, path, listener)]
            total = _total(found, digest)
            total["accepted"] = _sum(self.accepted, listener)
            total["handshakes"] = _sum(self.handshakes, listener)
            return total


def _matches(key, path, listener):
    """A path stands for itself and for all below it."""
    path = path.rstrip("/")
    return listener in (None, key[0]) and (not path or key[1] == path or key[1].startswith(path + "/"))


def _sum(counter, listener):
    return sum(n for name, n in counter.items() if listener in (None, name))


def _total(entries, digest):
    digests = sum((entry.digests for entry in entries), Counter())
    connections = set().union(*(entry.connections for entry in entries))
    last = max(entries, key=lambda entry: entry.last, default=Entry())
    return {
        "requests": digests[digest] if digest else sum(entry.requests for entry in entries),
        "partial": sum(entry.partial for entry in entries),
        "finished": sum(entry.finished for entry in entries),
        "bytes": sum(entry.bytes for entry in entries),
        "connections": len(connections),
        "authorized": sum(entry.authorized for entry in entries),
        "same_body": max(digests.values(), default=0),
        "digests": digests,
        "headers": last.headers,
        "target": last.target,
    }
