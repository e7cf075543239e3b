"""Ask every check, and say how each ended."""

from collections.abc import Iterator
from dataclasses import dataclass

from oms.channels.conformance.checks import CHECKS
from oms.channels.conformance.subject import NotAsked, NotConforming, Subject
from oms.errors import OmsError


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended; without a fault the channel keeps the promise, or was not asked."""

    check: str
    promise: str
    fault: str = ""
    not_asked: str = ""
    """Why it was not asked."""


def verify(subject: Subject) -> Iterator[Finding]:
    """Ask every check; each places orders of its own at the double."""
    for check in CHECKS:
        name, promise = check.__name__, (check.__doc__ or "").splitlines()[0]
        try:
            check(subject)
        except NotAsked as reason:
            yield Finding(name, promise, not_asked=str(reason))
        except NotConforming as error:
            yield Finding(name, promise, fault=str(error))
        except OmsError as error:
            yield Finding(name, promise, fault=f"{error.code}: {error.message}")
        else:
            yield Finding(name, promise)
