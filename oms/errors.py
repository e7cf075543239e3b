"""What can go wrong in the business, by name; the doors translate these, never the reverse."""

from typing import Any, ClassVar, Final

RETRY_AFTER_S: Final = 2
"""When whoever was turned away should come back."""


class OmsError(Exception):
    """A rule was broken. `code` is stable; `field` and `remedy` tell the caller the way out."""

    code: ClassVar[str] = "oms_error"

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        remedy: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.remedy = remedy
        self.facts = facts or {}


class NotFound(OmsError):
    """What was named does not exist, or the caller may not see it."""

    code = "not_found"


class Conflict(OmsError):
    """The request is well formed but does not fit the present state."""

    code = "conflict"


class StaleVersion(Conflict):
    """Somebody else changed the thing since the caller read it."""

    code = "stale_version"


class IllegalMove(Conflict):
    """The thing cannot go there from where it is."""

    code = "illegal_move"


class Invalid(OmsError):
    """A value breaks a rule that its shape does not show."""

    code = "invalid"


class Forbidden(OmsError):
    """The caller is known but may not do this."""

    code = "forbidden"


class Unauthenticated(OmsError):
    """The caller is not known."""

    code = "unauthenticated"


class Locked(OmsError):
    """Too many wrong attempts; `facts["retry_after_s"]` says how long to wait."""

    code = "locked"


class Busy(OmsError):
    """More waits than can be done soon; nothing was changed and the caller must come back."""

    code = "busy"

    def __init__(self, message: str) -> None:
        super().__init__(
            f"{message}; nothing was changed",
            remedy=f"send the same request again in {RETRY_AFTER_S} seconds",
            facts={"retry_after_s": RETRY_AFTER_S},
        )
