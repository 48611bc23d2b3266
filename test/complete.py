# SPDX-License-Identifier: MIT
"""What a shell completes.

usage: complete.py bash|zsh|fish SETUP <LINES >ANSWERS

The shell runs the command SETUP, then it is asked for each line of standard
input. An answer has the completions of the line's last word, sorted, with
blanks between; the word itself where there is none. What stands before a '='
is left out.

bash and zsh are interactive, at a terminal: each line is typed there, with a
key that puts all completions in the place of the word. fish has a builtin that
prints them.
"""
import os
import pty
import select
import subprocess
import sys
import tempfile

KEY, HOME, ENTER = "\x14", "\x01", "\n"
START = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}
PREPARE = {
    "bash": r"""
bind 'set enable-bracketed-paste off'
bind '"\C-t": insert-completions'
PROMPT_COMMAND='((++prompts))'
PS1='<$prompts>'
""",
    "zsh": r"""
all-completions() { _main_complete; compstate[insert]=all }
zle -C all-completions complete-word all-completions
bindkey -e
bindkey '^T' all-completions
setopt promptsubst
precmd() { ((++prompts)) }
PS1='<$prompts>'
""",
}
ARGS = r"""
args() { printf '%s\n' "$*" >>"$ANSWERS"; }
"""
FISH = r"""
while read -l line
    echo (complete -C $line | string replace -r '\t.*' '')
end
"""


def type_at_terminal(shell, setup, lines, folder):
    """The lines, each with all completions instead of its last word."""
    rc, answers = folder + "/rc", folder + "/answers"
    with open(rc, "w") as f:
        f.write("%s\n%s\n%s" % (setup, PREPARE[shell], ARGS))
    pid, fd = pty.fork()
    if pid == 0:
        environ = dict(os.environ, TERM="dumb", ANSWERS=answers)
        os.execvpe(shell, START[shell], environ)
    os.write(fd, b". %s\n" % rc.encode())
    seen = b""
    for n, line in enumerate(lines):
        while b"<%d>" % (n + 1) not in seen:
            if not select.select([fd], [], [], 60)[0]:
                sys.exit("%s shows no prompt: %r" % (shell, seen))
            seen += os.read(fd, 65536)
        os.write(fd, (line + KEY + HOME + "args " + ENTER).encode())
    os.write(fd, b"exit\n")
    os.waitpid(pid, 0)
    return open(answers).read().splitlines()


def ask_fish(setup, lines):
    # A blank at the end is not read.
    script = setup + FISH.replace("$line", "(string sub -e -1 -- $line)")
    found = subprocess.run(
        ["fish", "-c", script],
        input="".join(line + ".\n" for line in lines),
        stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    return [line[:line.rindex(" ") + 1] + (words or line.split(" ")[-1])
            for line, words in zip(lines, found)]


def completions(line, answer):
    """The answer without the words before the last one."""
    found = answer[line.rindex(" ") + 1:].split()
    if "=" in line.split(" ")[-1]:
        found = [word.split("=", 1)[-1] for word in found]
    return sorted(found)


def main():
    shell, setup = sys.argv[1:]
    lines = sys.stdin.read().splitlines()
    if shell == "fish":
        answers = ask_fish(setup, lines)
    else:
        with tempfile.TemporaryDirectory() as folder:
            answers = type_at_terminal(shell, setup, lines, folder)
    if len(answers) != len(lines):
        sys.exit("%d answers to %d lines" % (len(answers), len(lines)))
    for line, answer in zip(lines, answers):
        print(*completions(line, answer))


main()
