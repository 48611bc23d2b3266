# SPDX-License-Identifier: MIT
"""What the program does when one call of the C library fails: each of them.

    each_call.py [--rounds N] [--jobs N] [--input FILE] [--status S]
                 [--again] KIND... -- ARG...

Runs $IOTSIM, of a flavour that is for tests, with ARG... once as it is, and
then once for each call of each KIND (see test/fail/calls.c), the call of its
turn failing; with more than N calls (200) so many of them, spread over the
run. Each run has a copy of the current directory for its own, FILE as its
standard input, and a name for @ in ARG. So many JOBS (2) run at once.

A run is well when nobody need ask what became of the data: either all is as
without a failure: status S (0), output to the byte, the lines of files; or the
status is 1 or 2 and one more line says why. Where there is a summary it
balances, and no more is delivered than is there. With --again what has failed
is then run as it is, and the lines that both have written, those that are
there again once, are those of a run that never failed. Otherwise the status is
1, and what was wrong is told. The last lines are what users saw, and how often.
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

CHECKS = ("iotsim: check: ", "iotsim: verify: ")
SUMMARY = re.compile(
    r"iotsim: (read (?P<read>\d+): used (\d+), open (\d+), late (\d+), "
    r"future (\d+), malformed (\d+), skipped (\d+); \d+ reports?"
    r"|sent (?P<sent>\d+): delivered (?P<delivered>\d+), failed (\d+))(;.*)?")


class Run:
    """One run, and all that came of it."""

    def __init__(self, args, kind, n):
        self.dir = tempfile.mkdtemp(prefix="call-")
        self.work = os.path.join(self.dir, "work")
        self.name = f"{kind}-{n}-{os.getpid()}"
        self.args, self.kind, self.n = args, kind, n
        shutil.copytree(".", self.work)
        failed = os.path.join(self.dir, "failed")
        done = self.run(IOTSIM_FAIL=f"{kind}:{n}", IOTSIM_FAILED=failed)
        self.status = done.returncode
        self.err = done.stderr.decode(errors="replace").splitlines()
        self.out = self.same_name(done.stdout)
        self.call = None
        if os.path.exists(failed):
            with open(failed, encoding="utf-8") as f:
                self.call = f.read()
        self.again = self.run_again() if args.again else None
        self.files = self.read_files()
        shutil.rmtree(self.dir)

    def run(self, **env):
        arg = [a.replace("@", self.name) for a in self.args.arg]
        with open(self.args.input, "rb") as stdin:
            return subprocess.run(
                [os.environ["IOTSIM"], *arg], cwd=self.work, stdin=stdin,
                env=dict(os.environ, **env), capture_output=True, timeout=90,
                check=False)

    def same_name(self, data):
        return data.replace(self.name.encode(), b"@")

    def run_again(self):
        """The lines of both; or the status of a run that has failed now."""
        done = self.run()
        if done.returncode:
            return done
        return lines_of(self.out, self.same_name(done.stdout))

    def read_files(self):
        found = {}
        for at, _, names in os.walk(self.work):
            for name in names:
                with open(os.path.join(at, name), "rb") as f:
                    found[name.replace(self.name, "@")] = \
                        lines_of(self.same_name(f.read()))
        return found

    def summary(self):
        return next((m for m in map(SUMMARY.fullmatch, self.err) if m), None)


def lines_of(*data):
    """Sorted; those that are there again once."""
    return sorted({line for d in data for line in d.splitlines()})


def counts_are_wrong(run, to_stdout):
    m = run.summary()
    if not m:
        return None
    if m["read"]:
        if int(m["read"]) != sum(map(int, m.groups()[2:8])):
            return "the books do not balance"
    elif int(m["sent"]) != int(m["delivered"]) + int(m.groups()[10]):
        return "the summary does not balance"
    elif to_stdout and int(m["delivered"]) > run.out.count(b"\n"):
        return "less is there than was delivered"
    return None


def differs(run, good):
    """From a run without a failure; what is said on stderr may."""
    for name in ("status", "out", "files"):
        if getattr(run, name) != getattr(good, name):
            return name
    return None


def what_is_wrong(run, good, args):
    if run.again != good.again:
        return "what was run again does not make up for it"
    if not differs(run, good):
        return None
    if run.status not in (1, 2):
        return f"status {run.status}, and it differs ({differs(run, good)})"
    why = reasons(run, good)
    if len(why) != 1:
        return f"{len(why)} lines say why"
    if run.kind == "intr":
        return "a signal that was nothing ended it"
    if any(not line.startswith("iotsim: ") for line in run.err):
        return "a line that is not ours"
    return counts_are_wrong(run, "-" in args.arg)


def reasons(run, good):
    return [line for line in run.err
            if line not in good.err and not SUMMARY.fullmatch(line)
            and not line.startswith(CHECKS)]


def chosen(count, rounds):
    """Numbers of calls, the first ones all."""
    if count <= rounds:
        return range(1, count + 1)
    first = rounds // 2
    step = (count - first) / (rounds - first)
    return sorted({*range(1, first + 1),
                   *(first + int(i * step) + 1 for i in range(rounds - first))})


def each_call(pool, args, kind):
    good = Run(args, kind, 0)
    if good.status != args.status:
        print(*good.err, f"status {good.status}, before anything failed",
              sep="\n")
        return False
    count, said, bad = int(good.call), collections.Counter(), 0
    runs = [pool.submit(Run, args, kind, n)
            for n in chosen(count, args.rounds)]
    for run in (r.result() for r in runs):
        wrong = what_is_wrong(run, good, args)
        if wrong:
            bad += 1
            print(f"{kind}:{run.n} ({run.call}): {wrong}", *run.err, sep="\n")
        for line in reasons(run, good) or ["(all was well)"]:
            said[line] += 1
    print(f"{kind}: {count} calls, {len(runs)} of them failed, {bad} not well")
    for line, times in said.most_common():
        print(f"{times:8} {line}")
    return bad == 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--input", default=os.devnull)
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("kind", nargs="+")
    split = sys.argv.index("--")
    args = parser.parse_args(sys.argv[1:split])
    args.arg = sys.argv[split + 1:]
    if os.environ.get("IOTSIM_LONG"):
        args.rounds = sys.maxsize
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        well = [each_call(pool, args, kind) for kind in args.kind]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
