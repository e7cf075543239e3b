"""Post signed events to the reference channel."""

from oms import clock
from oms.channels.base import Accepted, ChannelRefused, WritebackCommand
from oms.channels.http import line, told
from oms.channels.reference import mapping, signature
from oms.connections import ChannelSettings

_HAS_IT, _GONE = 409, 410


def tell(
    command: WritebackCommand,
    *,
    channel: str,
    settings: ChannelSettings,
    keys: list[bytes],
    timeout_s: float,
) -> Accepted:
    """Post one fact. Its `webhook-id` is the command's key, by which the receiver knows it again.

    2xx is acceptance, 409 says that the receiver has it already, 410 that it wants no more.
    """
    body = mapping.to_event(command)
    headers = {
        "Content-Type": "application/json",
        **signature.sign(body, identifier=command.key, now=clock.now(), keys=keys),
    }
    with line(channel=channel, settings_key="secrets", timeout_s=timeout_s) as opened:
        answer = opened.call("POST", settings.api_url, content=body, headers=headers)
        if answer.status == _GONE:
            raise ChannelRefused(
                f"{channel} wants no more messages ({_GONE}): {told(answer)}",
                field=f"channels.{channel}.api_url",
                remedy="set the address of a receiver that is in use",
            )
        if answer.status != _HAS_IT:
            opened.require_success(answer)
    said = answer.json()
    reference = said.get("reference") if isinstance(said, dict) else None
    return Accepted(
        reference=reference if isinstance(reference, str) and reference else command.key,
        repeated=answer.status == _HAS_IT,
    )
