"""One request and what a scenario does with it."""
import answers
from request import read_body


class Exchange:
    def __init__(self, connection, request, counters, ports):
        self.connection, self.request = connection, request
        self.counters, self.ports = counters, ports
        self.body = b""

    def param(self, name, default):
        """A setting of the scenario, in the type of its default."""
        return type(default)(self.request.param(name, default))

    def read_body(self, limit=None):
        """Counted at once, before anything is answered. False when the whole did not come."""
        if "100-continue" in self.request.headers.get("expect", "").lower():
            self.connection.send(answers.head(100))
        self.body, whole = read_body(self.connection, self.request.headers, limit)
        self.connection.served += whole
        self.counters.end(self.connection, self.request, self.body, whole)
        return whole

    def good(self):
        return answers.good(self.request, self.body)

    def good_answer(self, *headers):
        return answers.answer(*self.good(), *headers)

    def send(self, data):
        self.connection.send(data)

    def answer(self, status, body, *headers):
        self.send(answers.answer(status, body, *headers))

    def answer_well(self):
        self.send(self.good_answer())

    def close(self):
        self.connection.close(notify=self.param("notify", 1) != 0)

    def reset(self):
        self.connection.reset()

    def end(self, default="close"):
        """The scenario's own choice: then=close, reset, idle or keep."""
        then = self.param("then", default)
        ways = {"close": self.close, "reset": self.reset, "idle": self.connection.idle, "keep": lambda: None}
        ways[then]()
