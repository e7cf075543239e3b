"""The account a server runs under when the stack was started by root."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path

from api.stack.errors import StackError

UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A user and its group, by number."""

    uid: int
    gid: int


def unprivileged_account(existing: Path) -> Account | None:
    """Whom a server that refuses root runs as; None keeps the account of an ordinary user.

    The owner of `existing` (its data folder) wins, so that root starting an ordinary user's stack
    leaves that user's files theirs.
    """
    if os.geteuid() != 0:
        return None
    if existing.exists() and (status := existing.stat()).st_uid != 0:
        return Account(uid=status.st_uid, gid=status.st_gid)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(uid=entry.pw_uid, gid=entry.pw_gid)
    raise StackError(
        f"PostgreSQL refuses to run as root, and there is no account {' or '.join(UNPRIVILEGED)}",
        remedy="run oms up as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own",
    )


def give(path: Path, account: Account | None) -> None:
    """Hand one file or folder to the account; without one it stays as it is."""
    if account is not None:
        os.chown(path, account.uid, account.gid)


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may pass through every folder above `path` and into `path` itself.

    Judged by permission bits; access lists are not read.
    """
    if account is None:
        return True
    return all(_may_enter(folder, account) for folder in (path, *path.parents))


def _may_enter(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == account.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
