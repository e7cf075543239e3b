"""What whoever looks after a store does, whichever door asks for it; secrets are not kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.schemas.base import In
from api.schemas.managing import (
    DeviceIn,
    EnrolledOut,
    PauseIn,
    PauseOut,
    PersonIn,
    PersonOut,
    PinIn,
    WeekIn,
)
from api.storework import once_at_store
from oms.access import managing
from oms.access.signing_in import Caller
from oms.locations import pausing
from oms.locations.models import Location
from oms.locations.opening import DAYS, Week
from oms.locations.pausing import Work
from oms.settings import settings


@dataclass(frozen=True, slots=True)
class Managing:
    """Who looks after which store, and the key of their command."""

    session: Session
    who: Caller
    store: Location
    key: str

    def once(
        self, name: str, body: In, carry_out: Callable[[], dict[str, Any]], *, of: object = ""
    ) -> dict[str, Any]:
        """Carry a command out once per key; `of` is what it is about within the store."""
        request = (f"manage {name} {of}", self.store.id, body)
        return once_at_store(self.session, self.who, self.key, request, carry_out)


def pause(at: Managing, body: PauseIn) -> dict[str, Any]:
    """Take no more of one kind of work."""

    def carry_out() -> dict[str, Any]:
        pausing.pause(
            at.session,
            at.store,
            body.work,
            because=body.because,
            until=body.until,
            actor=at.who.actor,
        )
        return {"pauses": [one.model_dump(mode="json") for one in pauses(at.store)]}

    return at.once("pause", body, carry_out)


def resume(at: Managing, work: Work, body: In) -> dict[str, Any]:
    """Take such work again."""

    def carry_out() -> dict[str, Any]:
        pausing.resume(at.session, at.store, work, actor=at.who.actor)
        return {"pauses": [one.model_dump(mode="json") for one in pauses(at.store)]}

    return at.once("resume", body, carry_out, of=work.value)


def pauses(store: Location) -> list[PauseOut]:
    """The pauses that are on."""
    return [
        PauseOut(work=work, because=because, until=pausing.paused_until(store, work))
        for work in Work
        if (because := pausing.why_paused(store, work)) is not None
    ]


def add_person(at: Managing, body: PersonIn) -> dict[str, Any]:
    """Let a person work in the store."""

    def carry_out() -> dict[str, Any]:
        person = managing.add(
            at.session,
            at.store,
            badge=body.badge,
            name=body.name,
            pin=body.pin,
            manages=body.manages,
            actor=at.who.actor,
        )
        return PersonOut.model_validate(person).model_dump(mode="json")

    return at.once("add", body.model_copy(update={"pin": ""}), carry_out)


def reset_pin(at: Managing, badge: str, body: PinIn) -> dict[str, Any]:
    """Give a person another PIN."""

    def carry_out() -> dict[str, Any]:
        person = managing.reset_pin(at.session, at.store, badge, pin=body.pin, actor=at.who.actor)
        return PersonOut.model_validate(person).model_dump(mode="json")

    return at.once("pin", body.model_copy(update={"pin": ""}), carry_out, of=badge)


def let_in(at: Managing, badge: str, body: In, *, active: bool) -> dict[str, Any]:
    """Let a person in again, or keep them out."""

    def carry_out() -> dict[str, Any]:
        do = managing.reactivate if active else managing.deactivate
        person = do(at.session, at.store, badge, actor=at.who.actor)
        return PersonOut.model_validate(person).model_dump(mode="json")

    return at.once("reactivate" if active else "deactivate", body, carry_out, of=badge)


def enrol(at: Managing, body: DeviceIn) -> EnrolledOut:
    """Tie a device to the store. The token is in this answer only, not in what is kept."""
    fresh: list[str] = []

    def carry_out() -> dict[str, Any]:
        device, token = managing.enrol(at.session, at.store, name=body.name, actor=at.who.actor)
        fresh.append(token)
        return EnrolledOut.model_validate(device).model_dump(mode="json", exclude={"token"})

    made = EnrolledOut.model_validate(at.once("enrol", body, carry_out))
    if not fresh:
        return made
    address = f"{settings().public_url}/enrol#{fresh[0]}"
    return made.model_copy(update={"token": fresh[0], "enrol_at": address})


def revoke(at: Managing, device_id: UUID, body: In) -> dict[str, Any]:
    """Take a device out of use."""

    def carry_out() -> dict[str, Any]:
        managing.revoke(at.session, at.store, device_id, actor=at.who.actor)
        return {}

    return at.once("revoke", body, carry_out, of=device_id)


def week_of(body: WeekIn) -> Week:
    """The week that a request asks for."""
    return {
        number: [span.plain() for span in body.week.get(name, [])]  # type: ignore[call-overload]
        for number, name in enumerate(DAYS)
    }
