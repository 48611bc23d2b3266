# SPDX-License-Identifier: MIT
"""on_terminal.py - runs a program on a terminal, and tells what was to be seen

    on_terminal.py [--columns N] [--then N] [--statuses N] [--out FILE] CMD...

Its standard output (but with --out) and standard error are a terminal of so many
columns. A line that was kept is told as "line: TEXT", one that was wiped to be
rewritten as "status: TEXT", in the order they came. After so many statuses it
gets a SIGINT. With --then the terminal has other columns from the first status
on, and what was wiped before the third status since is not told. What is wider
than the terminal, or what a terminal does that is not known here, is an error.
The status is that of the program.
"""
import argparse, codecs, fcntl, os, pty, signal, struct, subprocess, sys, termios

args = argparse.ArgumentParser()
args.add_argument("--columns", type=int, default=80)
args.add_argument("--then", type=int)
args.add_argument("--statuses", type=int)
args.add_argument("--out")
args.add_argument("cmd", nargs=argparse.REMAINDER)
args = args.parse_args()


def resize(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))


class Screen:
    """The line that the cursor is in; those above it are settled."""

    def __init__(self, columns):
        self.columns = columns
        self.line, self.at = "", 0
        self.statuses = 0
        self.settling = 0  # statuses that may be of another width

    def tell(self, what):
        if not self.settling and len(self.line) >= self.columns:
            if what == "status":
                sys.exit(f"as wide as the terminal or wider: {self.line}")
        if what != "status" or not self.settling:
            print(f"{what}: {self.line}")

    def feed(self, text):
        while text:
            if text.startswith("\r\n"):
                self.tell("line")
                self.line, self.at, text = "", 0, text[2:]
            elif text == "\r":
                return text  # what follows tells what it is
            elif text[0] == "\r":
                self.at, text = 0, text[1:]
            elif text.startswith("\x1b[K"):
                assert self.at == 0, "a part of a line is wiped"
                self.tell("status")
                self.statuses += 1
                self.settling -= self.settling > 0
                self.line, text = "", text[3:]
            elif "\x1b[K".startswith(text[:3]):
                return text
            else:
                assert text[0].isprintable(), f"unknown: {text!r}"
                assert self.at == len(self.line), "written over"
                self.line, self.at = self.line + text[0], self.at + 1
                text = text[1:]
        return ""


master, slave = pty.openpty()
resize(slave, args.columns)
program = subprocess.Popen(
    args.cmd,
    stdin=subprocess.DEVNULL,
    stdout=open(args.out, "w") if args.out else slave,
    stderr=slave,
    env={**os.environ, "TERM": os.environ.get("IOTSIM_TEST_TERM", "xterm")},
)
os.close(slave)
screen = Screen(args.columns)
decoder = codecs.getincrementaldecoder("utf-8")()
held = ""
try:
    while True:
        try:
            got = os.read(master, 4096)
        except OSError:  # all who had the terminal are gone
            break
        held = screen.feed(held + decoder.decode(got))
        if args.then and screen.statuses >= 1:
            screen.columns, screen.settling = args.then, 3
            resize(master, args.then)
            args.then = None
        if args.statuses and screen.statuses >= args.statuses:
            program.send_signal(signal.SIGINT)
            args.statuses = None
    assert not held and not screen.line, "an unfinished line"
    status = program.wait()
finally:
    program.kill()  # one that goes on when something here has failed
sys.exit(status)
