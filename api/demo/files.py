"""Write files that hold secrets: whole or not at all, and for their owner's eyes only."""

import os
import secrets
from pathlib import Path


def write_private(path: Path, content: str) -> None:
    """Put a file of mode 0600 in place of what is there; a crash leaves the old or the new one.

    A file that holds the content already is left as it is.
    """
    if path.exists() and path.read_text(encoding="utf-8") == content:
        path.chmod(0o600)
        return
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
