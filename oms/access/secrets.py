"""Make and check secrets: random tokens by SHA-256, what people remember by Argon2."""

import hashlib
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

# A PIN is short, so guessing is stopped by the lock, not by the hash; RFC 9106's second
# recommendation (64 MiB) would let a few sign-ins at once fill a small machine.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

KEY_PREFIX = "oms_live_"


def new_token() -> str:
    """256 random bits for a cookie, a device or a key."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token; it has too much entropy to need a slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def remember_hash(secret: str) -> str:
    """What is stored of a PIN or password."""
    return _HASHER.hash(secret)


def remembered(secret: str, stored: str) -> bool:
    """Whether the PIN or password is the one that was stored."""
    try:
        return _HASHER.verify(stored, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False
