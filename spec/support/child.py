"""Runs a program for a spec, which may send it signals; ends with the spec, however that ends.

    child.py FILES COLUMNS STDOUT PROGRAM ARGUMENT...

FILES is a path without its ending: FILES.in is the program's standard input; .out, .err and, with COLUMNS,
.tty are what it wrote. With COLUMNS above 0, standard error is a terminal of that width, and standard output
too where STDOUT is "terminal". STDOUT may also be "file", "closed", "broken" (a pipe that nobody reads) or
"full" (a disk without room). FILES.pid is there once it runs, FILES.end ("exit N" or "signal N") once it has
ended. It is killed, with all of its session, when our standard input ends or a line comes.
"""
import errno
import fcntl
import os
import select
import signal
import struct
import sys
import termios

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGQUIT)


def put(name, text):
    with open(name + ".new", "w") as file:
        file.write(text)
    os.rename(name + ".new", name)


def open_terminal(columns):
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[1] &= ~termios.OPOST  # what is written arrives as it was written
    termios.tcsetattr(slave, termios.TCSANOW, modes)
    return master, slave


def new_file(name):
    return os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def broken_pipe():
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def open_output(kind, files, terminal):
    if kind == "terminal":
        return os.dup(terminal)
    if kind == "full":
        return os.open("/dev/full", os.O_WRONLY)
    if kind == "broken":
        return broken_pipe()
    return new_file(files + ".out")


def become(files, kind, terminal, arguments):
    os.setsid()
    for number in SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    if terminal is not None:
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    standard = (
        os.open(files + ".in", os.O_RDONLY),
        open_output(kind, files, terminal),
        terminal if terminal is not None else new_file(files + ".err"),
    )
    for number, file in enumerate([fcntl.fcntl(file, fcntl.F_DUPFD, 10) for file in standard]):
        os.dup2(file, number)
        os.close(file)
    if kind == "closed":
        os.close(1)
    os.closerange(3, 64)
    os.execvp(arguments[0], arguments)


def read_terminal(master, copy):
    """Copies what has arrived; False at its end."""
    try:
        data = os.read(master, 65536)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        return False
    copy.write(data)
    return data != b""


def drain(master, copy):
    while master is not None and select.select([master], [], [], 0)[0] and read_terminal(master, copy):
        pass


def describe(status):
    if os.WIFSIGNALED(status):
        return "signal %d" % os.WTERMSIG(status)
    return "exit %d" % os.WEXITSTATUS(status)


def follow(pid, files, master, wake):
    """Until we are told to quit: notes the program's end, copies its terminal."""
    copy = open(files + ".tty", "wb", buffering=0) if master is not None else None
    running = True
    while True:
        watched = [0, wake] + ([master] if master is not None else [])
        ready = select.select(watched, [], [])[0]
        if master in ready and not read_terminal(master, copy):
            master = None
        if wake in ready:
            os.read(wake, 512)
        if running:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                running = False
                drain(master, copy)
                put(files + ".end", describe(status))
        if 0 in ready:
            return


def main():
    files, columns, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    wake, waker = os.pipe()
    os.set_blocking(waker, False)
    signal.set_wakeup_fd(waker)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    master, slave = open_terminal(columns) if columns > 0 else (None, None)
    pid = os.fork()
    if pid == 0:
        try:
            become(files, kind, slave, sys.argv[4:])
        finally:
            os._exit(127)
    if slave is not None:
        os.close(slave)
    put(files + ".pid", str(pid))
    follow(pid, files, master, wake)
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


main()
