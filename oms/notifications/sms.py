"""Text messages: what a provider must do, and which one this installation has.

Twilio comes along; another is an installed package with an entry point in `tributary.sms`, a
function that takes the settings' `sms.options` and returns an `SmsProvider`. docs/notifications.md
has an example.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from typing import Final, Protocol, runtime_checkable

from oms.notifications.media import Misconfigured
from oms.notifications.twilio import Twilio
from oms.settings import settings

GROUP: Final = "tributary.sms"


@runtime_checkable
class SmsProvider(Protocol):
    """Somebody who carries text messages."""

    def send(self, *, to: str, text: str, reference: str) -> str:
        """Hand one over and return the provider's number of it. `to` is E.164.

        Raises `NotTaken` for what may be tried again, `Undeliverable` for a number that will never
        take it, `Misconfigured`, and `OutcomeUnknown` when it may have gone out: it is then not
        sent again by itself. `reference` is the same at every attempt.
        """
        ...


Factory = Callable[[Mapping[str, str]], SmsProvider]


@lru_cache(maxsize=1)
def provider() -> SmsProvider:
    """The provider of the settings. Raises `Misconfigured` naming what is wrong with them."""
    chosen = settings().sms
    if chosen is None:
        raise Misconfigured("no SMS provider is set", field="sms", remedy="set [sms]")
    if chosen.kind == "twilio":
        return Twilio(
            base_url=chosen.base_url,
            account=chosen.account,
            token=chosen.secret(),
            sender=chosen.sender,
            timeout_s=chosen.timeout_s,
        )
    points = entry_points(group=GROUP)
    if chosen.kind not in points.names:
        known = ", ".join(("twilio", *sorted(points.names)))
        raise Misconfigured(
            f"no installed package offers the SMS provider {chosen.kind!r}",
            field="sms.kind",
            remedy=f"install it, or use one of {known}",
        )
    factory: Factory = points[chosen.kind].load()
    return factory(chosen.options)
