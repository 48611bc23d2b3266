# SPDX-License-Identifier: MIT
"""Signals at moments that are drawn: the program ends as the manual says.

    any_moment.py [--rounds N] [--jobs N] [--seed S] [--input FILE] [--again]
                  [--dump COMMAND] -- ARG...

Runs $IOTSIM with ARG... once in peace, and N (40) times with one to four
signals, of those that a terminal and others send, at moments from its start
until after its end. What is meant by the rest is told in each_call.py.

Where none of them asks for an end, all is as in peace. Else the status is 0,
or 1 with one line that says why; the summary balances, and what was written is
as far as it goes the same, and all that was delivered. Or it is the signal's,
where that was the second to ask for an end, or came before anything was said.
"""
import collections
import concurrent.futures
import random
import signal
import subprocess
import sys
import time

import each_call

ENDS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
AT_ONCE = [signal.SIGINT, signal.SIGTERM]
OTHERS = [signal.SIGPIPE, signal.SIGTSTP, signal.SIGWINCH, signal.SIGUSR1]


class Run(each_call.Run):
    """One run; `sent` are the signals that it had while it ran."""

    def __init__(self, args, n, span):
        draw = random.Random(f"{args.seed} {n}")
        self.sent = []
        self.drawn = [(draw.uniform(0, 1.2 * span),
                       draw.choice(ENDS + OTHERS))
                      for _ in range(draw.randint(1, 4) if n else 0)]
        self.drawn.sort()
        super().__init__(args, "signal", n)

    def run(self, **_):
        with open(self.args.input, "rb") as stdin:
            with subprocess.Popen(self.command(), cwd=self.work, stdin=stdin,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as p:
                drawn, self.drawn = self.drawn, []  # the next run has peace
                try:
                    self.send(p, drawn)
                    out, err = p.communicate(timeout=60)
                except BaseException:
                    p.kill()
                    raise
        return subprocess.CompletedProcess([], p.returncode, out, err)

    def send(self, p, drawn):
        start = time.monotonic()
        for at, sig in drawn:
            time.sleep(max(0, start + at - time.monotonic()))
            if p.poll() is not None:
                return
            p.send_signal(sig)
            self.sent.append(sig)
            if sig == signal.SIGTSTP:
                time.sleep(0.01)
                p.send_signal(signal.SIGCONT)


def what_is_wrong(run, good):
    ends = [sig for sig in run.sent if sig in ENDS]
    if run.again != good.again:
        return "what was run again does not make up for it"
    if run.status < 0:
        begun = run.out or run.err
        second = len(ends) > 1 and -run.status in AT_ONCE
        if -run.status not in run.sent or (begun and not second):
            return "it was killed"
        return None
    if not ends:
        differs = each_call.differs(run, good)
        return differs and f"nothing was asked for, and it differs ({differs})"
    told = run.status == 1 and len(each_call.reasons(run, good)) == 1
    if not told and (run.status or not run.summary()):
        return f"status {run.status} without its line"
    return each_call.output_is_wrong(run, good)


def main():
    args = each_call.parse(__doc__, 40, 300)
    start = time.monotonic()
    good = Run(args, 0, 0)
    span = time.monotonic() - start
    if good.status != args.status:
        print(*good.err, f"status {good.status}, in peace", sep="\n")
        return 1
    bad, ended = 0, collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        runs = list(pool.map(lambda n: Run(args, n, span),
                             range(1, args.rounds + 1)))
    for run in runs:
        wrong = what_is_wrong(run, good)
        ended[run.status] += 1
        if wrong:
            bad += 1
            names = " ".join(sig.name for sig in run.sent)
            print(f"{run.n} ({names}): status {run.status}, {wrong}",
                  *run.err, sep="\n")
    print(f"seed {args.seed}: {args.rounds} rounds, {bad} not well; status",
          ", ".join(f"{status}: {n}" for status, n in sorted(ended.items())))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
