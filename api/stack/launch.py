"""Turn this process into a child that cannot outlive its parent.

Run as a script: `launch.py PARENT_PID SIGNAL UID GID PROGRAM [ARGUMENT…]`. A script between
`fork` and the program, because Python code in a forked child (`preexec_fn`) is unsafe once the
parent has threads, and Temporal's client has some. UID and GID are -1 when the account stays.
Linux only: the kernel sends SIGNAL to the program when its parent dies, however it dies.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def main(arguments: list[str]) -> None:
    """Drop to the account, tie this process to its parent's life, become the program."""
    parent, death_signal, uid, gid = (int(number) for number in arguments[:4])
    program = arguments[4:]
    # A shell that started us in the background has SIGINT ignored, and that is inherited.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)
    if uid >= 0:
        os.setgroups([gid])
        os.setgid(gid)
        os.setuid(uid)
    # After the change of account, which would clear it.
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
        sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the parent died before its child began")
    try:
        os.execv(program[0], program)  # noqa: S606 - without a shell is the point
    except OSError as error:
        sys.exit(f"{program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
