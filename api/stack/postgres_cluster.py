"""The database's folder: made once, opened only by the version that made it, never half-made."""

import os
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from api.stack import postgres_install
from api.stack.accounts import Account, give, unprivileged_account
from api.stack.children import launch_argv
from api.stack.errors import StackError
from api.stack.folders import Folders

ADMIN: Final = "postgres"
"""The server's own superuser; the stack uses it to create the application's role."""
ROLE: Final = "oms"
"""The application's role, no superuser (row-level security binds it), and its database."""

# A server that runs under another account than ours may not be allowed to pass through the
# folders above its data (root's home). It starts in its data folder, which needs no passage,
# and knows it by this name.
HERE: Final = "/proc/self/cwd"
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
INITDB_TIMEOUT_S: Final = 120


@dataclass(frozen=True, slots=True)
class Cluster:
    """One database folder, the account its server runs as, and who may sign in."""

    folders: Folders
    account: Account | None

    @property
    def home(self) -> Path:
        """The folder that the server's account owns."""
        return self.folders.root / "postgres"

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.home / "data"

    @property
    def passfile(self) -> Path:
        """The passwords of both roles in libpq's own format, readable by the owner only."""
        return self.folders.root / "pgpass"

    @property
    def data_argument(self) -> str:
        """What the server calls its data folder."""
        return str(self.data) if self.account is None else HERE

    def password(self, role: str) -> str:
        """The generated password of a role."""
        for line in self.passfile.read_text().splitlines():
            *_, user, password = line.split(":")
            if user == role:
                return password
        raise _no_passwords(self)


def open_cluster(folders: Folders) -> Cluster:
    """The database of a data folder, created empty when there is none.

    Creation is one rename at its end: after a crash in its middle the next start begins it anew.
    The caller holds the data folder.
    """
    data = folders.root / "postgres" / "data"
    cluster = Cluster(folders, unprivileged_account(existing=data))
    if data.exists():
        _check_version(cluster)
        if not cluster.passfile.exists():
            raise _no_passwords(cluster)
    else:
        _create(cluster)
    return cluster


def clear_stale(cluster: Cluster) -> None:
    """Remove a dead server's pid file when its number now belongs to somebody else.

    PostgreSQL would take that process for its predecessor and refuse to start. A file whose
    number is unused stays: PostgreSQL reads there which shared memory to check. The caller holds
    the part's lock, so no server of ours is alive; one started by hand on this folder is named.
    """
    file = cluster.data / "postmaster.pid"
    with suppress(FileNotFoundError, IndexError, ValueError):
        pid = abs(int(file.read_text().splitlines()[0]))
        if works_in(pid, cluster.data):
            raise StackError(
                f"a PostgreSQL that oms up did not start (pid {pid}) runs on {cluster.data}",
                remedy=f"stop it first: kill -INT {pid}",
            )
        if Path(f"/proc/{pid}").exists():
            file.unlink()


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process exists and has the folder as its own, as every PostgreSQL has."""
    try:
        return Path(f"/proc/{pid}/cwd").samefile(folder)
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return False  # another account's process: ours is always ours to look into


def _check_version(cluster: Cluster) -> None:
    brought = postgres_install.version().partition(".")[0]
    try:
        made_by = (cluster.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError as error:
        raise StackError(
            f"{cluster.data} is no PostgreSQL data folder: it has no PG_VERSION",
            remedy="move it away, or choose another folder with --data-dir",
        ) from error
    if made_by != brought:
        raise StackError(
            f"the database in {cluster.data} was made by PostgreSQL {made_by};"
            f" this Tributary brings PostgreSQL {brought}",
            remedy=f"copy it with pg_dump and a PostgreSQL {made_by} into an empty --data-dir,"
            " or set DATABASE_URL to a server that runs it",
        )


def _create(cluster: Cluster) -> None:
    if not cluster.passfile.exists():
        _write_passwords(cluster)
    cluster.home.mkdir(mode=0o700, exist_ok=True)
    give(cluster.home, cluster.account)
    making = cluster.home / "new"
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(mode=0o700)
    give(making, cluster.account)
    password = cluster.home / "initdb-password"
    password.touch(mode=0o600)
    password.write_text(cluster.password(ADMIN))
    give(password, cluster.account)
    try:
        _initdb(cluster, making)
    finally:
        password.unlink()
    making.rename(cluster.data)
    descriptor = os.open(cluster.home, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _initdb(cluster: Cluster, folder: Path) -> None:
    # fmt: off
    argv = (
        str(postgres_install.programs(cluster.account) / "initdb"),
        "--pgdata", HERE,
        "--username", ADMIN,
        "--pwfile", f"{HERE}/../initdb-password",
        "--auth", "scram-sha-256",
        "--encoding", "UTF8",
        "--locale-provider", "builtin",
        "--builtin-locale", "C.UTF-8",
        "--locale", "C",
        "--data-checksums",
        "--sync-method", "syncfs",
    )
    # fmt: on
    result = subprocess.run(
        launch_argv(argv, death_signal=signal.SIGTERM, account=cluster.account),
        cwd=folder,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=INITDB_TIMEOUT_S,
        start_new_session=True,
    )
    if result.returncode != 0:
        raise StackError(f"initdb could not create the database:\n{result.stdout.strip()}")


def _write_passwords(cluster: Cluster) -> None:
    lines = [f"*:*:*:{role}:{secrets.token_urlsafe(24)}\n" for role in (ADMIN, ROLE)]
    making = cluster.passfile.with_suffix(".new")
    making.unlink(missing_ok=True)
    making.touch(mode=0o600)
    making.write_text("".join(lines))
    making.rename(cluster.passfile)


def _no_passwords(cluster: Cluster) -> StackError:
    return StackError(
        f"{cluster.passfile}, which holds the database's passwords, is missing or incomplete",
        remedy=f"restore it, or remove {cluster.home} as well to begin with an empty database",
    )
