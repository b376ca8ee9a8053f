"""One connection: exact reads, writes, and every way of ending it."""
import select
import socket
import ssl
import struct
import time


class Gone(Exception):
    """The peer is no longer there: nothing more can be read or written."""


class Connection:
    def __init__(self, sock, number, listener):
        self.sock, self.number, self.listener = sock, number, listener
        self.buffer = bytearray()
        self.served = 0  # requests read whole so far
        self.closed = False

    def _fill(self):
        try:
            data = self.sock.recv(1 << 16)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        self.buffer += data

    def peek(self):
        if not self.buffer:
            self._fill()
        return self.buffer[0]

    def _cut(self, size):
        data = bytes(self.buffer[:size])
        del self.buffer[:size]
        return data

    def read_until(self, mark, limit=1 << 20):
        start = 0
        while (at := self.buffer.find(mark, start)) < 0:
            start = max(0, len(self.buffer) - len(mark))
            if len(self.buffer) > limit:
                raise Gone
            self._fill()
        return self._cut(at + len(mark))

    def read(self, size):
        """Exactly `size` bytes; fewer when the peer went away before."""
        try:
            while len(self.buffer) < size:
                self._fill()
        except Gone:
            pass
        return self._cut(size)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def send_slowly(self, data, interval):
        for byte in data:
            self.send(bytes([byte]))
            time.sleep(interval)

    def hears(self, seconds):
        """Does anything come within so many seconds?"""
        pending = isinstance(self.sock, ssl.SSLSocket) and self.sock.pending()
        return bool(self.buffer or pending or select.select([self.sock], [], [], seconds)[0])

    def idle(self):
        """Says nothing more; returns when the peer has had enough."""
        try:
            while True:
                self._fill()
                self.buffer.clear()
        except Gone:
            self.close()

    def reset(self):
        """RST instead of FIN: what is on its way is lost."""
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self._shut()

    def close(self, notify=True):
        """A clean end; over TLS without `notify` it looks cut off instead."""
        try:
            if notify and isinstance(self.sock, ssl.SSLSocket):
                self.sock.settimeout(0.2)
                self.sock = self.sock.unwrap()
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._shut()

    def half_close(self):
        """FIN, but goes on reading: an SSLSocket's own shutdown would end its decryption."""
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
        except OSError as error:
            raise Gone from error

    def _shut(self):
        self.closed = True
        self.sock.close()
