"""Runs a command and says what it and everything that it started has cost.

    measure.py [--leave] COMMAND [ARGUMENT...]

Writes {"exitCode", "wallSeconds", "userSeconds", "systemSeconds"} as JSON to file descriptor 3.

The kernel adds a process's CPU time to its parent's when the parent waits for it. A plugin that outlives its engine, or
is killed together with it, is nobody's: it would be lost. So this process is their "child subreaper" (prctl(2)): orphans
become its children, it waits for the last of them, and what its children have used (getrusage(2), RUSAGE_CHILDREN) is
the whole tree. SIGTERM and SIGINT end the tree at once.

With --leave it ends with the command, whose servers go on: they are not waited for, and what they use is not counted.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36


def descendants():
    """Process ids of everything below this process."""
    children = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="latin-1") as file:
                stat = file.read()
        except OSError:
            continue
        parent = int(stat[stat.rindex(")") + 2 :].split()[1])
        children.setdefault(parent, []).append(int(entry))
    found, pending = [], [os.getpid()]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def end_all(*_):
    """Kills until nothing is left: a process that dies may have started another before."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while pids := descendants():
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            os.wait()
        except ChildProcessError:
            pass
    os._exit(130)


def main():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit(f"prctl(PR_SET_CHILD_SUBREAPER): {os.strerror(ctypes.get_errno())}")
    signal.signal(signal.SIGTERM, end_all)
    signal.signal(signal.SIGINT, end_all)
    leave = sys.argv[1:2] == ["--leave"]
    start = time.monotonic()
    command = subprocess.Popen(sys.argv[2 if leave else 1 :], stdin=subprocess.DEVNULL)
    exit_code = command.wait()
    wall = time.monotonic() - start
    while not leave:
        try:
            os.wait()
        except ChildProcessError:
            break
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = {
        "exitCode": exit_code,
        "wallSeconds": wall,
        "userSeconds": usage.ru_utime,
        "systemSeconds": usage.ru_stime,
    }
    os.write(3, json.dumps(result).encode())


main()
