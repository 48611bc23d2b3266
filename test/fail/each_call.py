# SPDX-License-Identifier: MIT
"""What the program does when one call of the C library fails: each of them.

    each_call.py [--rounds N] [--jobs N] [--input FILE] [--status S]
                 [--again] [--dump COMMAND] KIND... -- ARG...

Runs $IOTSIM, of a flavour that is for tests, with ARG... once as it is, and
then once for each call of each KIND (see test/fail/calls.c), the call of its
turn failing; with more than N calls (100) so many of them, spread over the
run. Each run has a copy of the current directory for its own, FILE as its
standard input, and a name for @ in ARG. So many JOBS (2) run at once.

A run is well when nobody need ask what became of the data: either all is as
without a failure: status S (0), output to the byte, the lines of files; or
the status is 1 or 2, one more line says why, and the output is as far as it
goes the same. Where there is a summary it balances, and no more is delivered
than is there, in the output, or where COMMAND, given the name of @, prints a
line for each. With --again what has failed is then run as it is, and the lines
that both have written, those that are there again once, are those of a run
that never failed. Otherwise the status is 1, and what was wrong is told. The
last lines are what users saw, and how often.
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

# What may be said besides: a verdict; a port, another one each time; that a busy
# machine makes a member wait.
BESIDES = re.compile(
    "iotsim: (check|verify): |iotsim: metrics at "
    "|iotsim: group '.*': waiting for partitions; ")
SUMMARY = re.compile(
    r"iotsim: (read (?P<read>\d+): used (\d+), open (\d+), late (\d+), "
    r"future (\d+), malformed (\d+), skipped (\d+); \d+ reports?"
    r"|sent (?P<sent>\d+): delivered (?P<delivered>\d+), "
    r"failed (?P<failed>\d+))(;.*)?")


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
        self.there = self.count_there()
        shutil.rmtree(self.dir)

    def command(self):
        return [os.environ["IOTSIM"],
                *(a.replace("@", self.name) for a in self.args.arg)]

    def run(self, **env):
        with open(self.args.input, "rb") as stdin:
            return subprocess.run(
                self.command(), cwd=self.work, stdin=stdin,
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

    def count_there(self):
        """Readings, as far as one can see."""
        if "-" in self.args.arg:
            return self.out.count(b"\n")
        if not self.args.dump:
            return None
        done = subprocess.run([*self.args.dump.split(), self.name],
                              capture_output=True, check=False)
        return done.stdout.count(b"\n")

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
    """Sorted; those that are there again once. Which windows were closed when a
    late reading came is another matter in each run."""
    lines = {line for d in data for line in d.splitlines()}
    return sorted({re.sub(rb',"closed":"[^"]*"', b"", x) for x in lines})


def counts_are_wrong(run):
    m = run.summary()
    if not m:
        return None
    if m["read"]:
        if int(m["read"]) != sum(map(int, m.groups()[2:8])):
            return "the books do not balance"
    else:
        sent, delivered, failed = (int(m[n]) for n in
                                   ("sent", "delivered", "failed"))
        if sent != delivered + failed:
            return "the summary does not balance"
        if run.there is not None and not (
                delivered <= run.there <= delivered + failed):
            return f"{run.there} are there"
    return None


def output_is_wrong(run, good):
    """Of a run that did not come to its end."""
    if not run.args.again and not good.out.startswith(run.out):
        return "the output is another one"
    return counts_are_wrong(run)


def differs(run, good):
    """From a run without a failure; what is said on stderr may."""
    for name in ("status", "out", "files"):
        if getattr(run, name) != getattr(good, name):
            return name
    return None


def what_is_wrong(run, good):
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
    return output_is_wrong(run, good)


def reasons(run, good):
    return [line for line in run.err
            if line not in good.err and not SUMMARY.fullmatch(line)
            and not BESIDES.match(line)]


def chosen(count, rounds):
    """Numbers of calls, the first ones all."""
    if count <= rounds:
        return range(1, count + 1)
    first = rounds // 2
    step = (count - first) / (rounds - first)
    return sorted({*range(1, first + 1),
                   *(first + int(i * step) + 1 for i in range(rounds - first))})


def each_call(pool, args, kind):
    """Lines to print, the last ones what users saw; and whether all is well."""
    good = pool.submit(Run, args, kind, 0).result()
    if good.status != args.status:
        return [*good.err, f"status {good.status}, before any failed"], False
    count, said, bad = int(good.call), collections.Counter(), []
    numbers = chosen(count, args.rounds)
    for run in pool.map(lambda n: Run(args, kind, n), numbers):
        wrong = what_is_wrong(run, good)
        if wrong:
            bad += [f"{kind}:{run.n} ({run.call}): {wrong}", *run.err]
        for line in reasons(run, good) or ["(all was well)"]:
            said[line] += 1
    return bad + [f"{kind}: {count} calls, {len(numbers)} of them failed"] + [
        f"{times:8} {line}" for line, times in said.most_common()], not bad


def parse(usage, rounds, rounds_long):
    parser = argparse.ArgumentParser(usage=usage)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--dump")
    parser.add_argument("--input", default=os.devnull)
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("kind", nargs="*")
    split = sys.argv.index("--")
    args = parser.parse_args(sys.argv[1:split])
    args.arg = sys.argv[split + 1:]
    if os.environ.get("IOTSIM_LONG"):
        args.rounds = rounds_long
    elif os.environ.get("FLAVOUR", "release") != "release":  # slow ones
        args.rounds = max(args.rounds // 4, 1)
    return args


def main():
    args = parse(__doc__, 100, sys.maxsize)
    well = True
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool, \
            concurrent.futures.ThreadPoolExecutor(len(args.kind)) as kinds:
        for lines, good in kinds.map(lambda kind: each_call(pool, args, kind),
                                     args.kind):
            print(*lines, sep="\n")
            well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
