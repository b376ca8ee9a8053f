#!/usr/bin/python3
"""A server that misbehaves on command, at the level of sockets, on 127.0.0.1.

Prints one line of JSON ({"pid", "ports": {name: port}, "ca_file"}) and serves until its standard input
ends or brings the line "quit". With --with-parent it also ends when the process that started it does.

A request's path names a scenario, its settings, and then what the client asked for:
    /trickle/part=body/interval=0.05/api/v0/user/u/submit-purchase?retailer_id=1
so that a client's base URL chooses what goes wrong. Of any scenario, times=N makes only the first N requests
of a path go wrong; the next ones are answered well. Scenarios stand in scenarios/, ports in listeners.py.

    GET /_count?path=/trickle&listener=http&digest=sha256   what arrived (see counters.py)
    GET /_reset                                             forget it
    GET /_book?run=NAME                                     what a lying server carried out (see scenarios/lying.py)
    GET /_scenarios                                         their names
"""
import json
import os
import select
import signal
import sys
import tempfile
import threading

sys.dont_write_bytecode = True

import answers  # noqa: E402
import certificates  # noqa: E402
import listeners  # noqa: E402
import scenarios  # noqa: E402
from counters import Counters  # noqa: E402
from exchange import Exchange  # noqa: E402
from request import BadRequest, read_head  # noqa: E402
from scenarios import lying  # noqa: E402


class Server:
    def __init__(self, contexts):
        self.counters, self.ports = Counters(), {}
        self.scenarios = scenarios.load()
        for name in ("http", "other"):
            self.open(name, self.serve)
        for name, context in contexts.items():
            self.open(name, listeners.over_tls(context, self.counters, self.serve))
        for name in listeners.PROXIES:
            self.open(name, listeners.through_proxy(self.counters))
        for name, serve in listeners.AT_ONCE.items():
            self.open(name, serve)
        self.silent = {name: make() for name, make in listeners.SILENT.items()}
        self.ports.update({name: sock.getsockname()[1] for name, sock in self.silent.items()})

    def open(self, name, serve):
        sock = listeners.listen()
        self.ports[name] = sock.getsockname()[1]
        arguments = (sock, name, self.counters, serve)
        threading.Thread(target=listeners.accept_forever, args=arguments, daemon=True).start()

    def serve(self, connection):
        try:
            while not connection.closed:
                self.serve_one(connection, read_head(connection))
        except BadRequest:
            connection.send(answers.answer(400, b'{"error":"not HTTP"}', ("Connection", "close")))
            connection.close()

    def serve_one(self, connection, request):
        if request.scenario in self.CONTROL:
            return self.control(connection, request)
        exchange = Exchange(connection, request, self.counters, self.ports)
        entry, turn = self.counters.begin(connection, request)
        run = self.choose(exchange, turn)
        if run.early or exchange.read_body():
            run(exchange)
            self.counters.finish(entry)
        if not (connection.closed or request.keeps_alive()):
            exchange.close()

    def choose(self, exchange, turn):
        if turn > exchange.param("times", turn):
            return self.scenarios["good"]
        return self.scenarios.get(exchange.request.scenario, unknown)

    def control(self, connection, request):
        value = self.CONTROL[request.scenario](self, request.query)
        connection.send(answers.answer(200, answers.encode(value), ("Connection", "close")))
        connection.close()

    def reset(self):
        self.counters.reset()
        return {}

    CONTROL = {
        "_count": lambda self, query: self.counters.count(**query),
        "_reset": lambda self, query: self.reset(),
        "_book": lambda self, query: lying.show(**query),
        "_scenarios": lambda self, query: sorted(self.scenarios),
    }


def unknown(exchange):
    """A misspelt scenario must not look like a good server."""
    exchange.answer(404, answers.encode({"error": "no such scenario: " + exchange.request.scenario}))


unknown.early = False


def wait_for_end(with_parent):
    parent = os.getppid()
    while not with_parent or os.getppid() == parent:
        ready, _, _ = select.select([0], [], [], 0.5)
        if ready and os.read(0, 100).strip() in (b"", b"quit"):
            return


def main():
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        ca_file, contexts = certificates.make(folder)
        server = Server(contexts)
        print(json.dumps({"pid": os.getpid(), "ports": server.ports, "ca_file": ca_file}), flush=True)
        wait_for_end("--with-parent" in sys.argv)


if __name__ == "__main__":
    main()
