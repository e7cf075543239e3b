"""Whether a port is free, and who has it when it is not."""

import errno
import random
import socket
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from api.stack.errors import PortInUse, StackError

LOOPBACK: Final = "127.0.0.1"
PICKED: Final = (10_240, 32_768)  # Linux gives away 32768 to 60999
LISTENING: Final = "0A"  # TCP_LISTEN as /proc/net/tcp writes it


def check_free(ports: Mapping[str, int]) -> None:
    """Raise unless every port (by the option that sets it) is free and used once."""
    taken: dict[int, str] = {}
    for option, port in ports.items():
        if port in taken:
            raise StackError(
                f"{taken[port]} and {option} are both {port}",
                remedy=f"give {option} a port of its own",
            )
        taken[port] = option
        _check(option, port)


def free_port() -> int:
    """A port that nobody uses, from below those that the system gives away by itself.

    One of the system's own could go to any connection before our server has bound it.
    """
    while True:
        port = random.randrange(*PICKED)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


def _check(option: str, port: int) -> None:
    with socket.socket() as probe:
        # As the servers do: closed connections that linger are no obstacle, a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(port, by=_owner(port), option=option) from error
            raise StackError(
                f"port {port} cannot be used: {error.strerror}",
                remedy=f"choose another with {option}",
            ) from error
        except OverflowError as error:
            raise StackError(
                f"{port} is no port", remedy=f"give {option} a number from 1 to 65535"
            ) from error


def _owner(port: int) -> str:
    sockets = _listening_sockets(port)
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        # Other accounts' processes may not be looked into, and any may end meanwhile.
        with suppress(PermissionError, FileNotFoundError, ProcessLookupError):
            for opened in (entry / "fd").iterdir():
                with suppress(FileNotFoundError):
                    if str(opened.readlink()) in sockets:
                        return f"{(entry / 'comm').read_text().strip()} (pid {entry.name})"
    return "another program"


def _listening_sockets(port: int) -> frozenset[str]:
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with suppress(FileNotFoundError):
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{fields[9]}]")
    return frozenset(found)
