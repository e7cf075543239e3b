"""What may be returned, until when, at whose cost: rules as data, applied by pure functions.

Of the rules that match, the one with the most particular condition holds: article before category
before channel before country before way of delivery. The law stands beside them: what was bought at
a distance in the EU may be withdrawn from within 14 days of receipt, without a reason and with the
shipping refunded (Directive 2011/83/EU, articles 9, 13 and 16). A shop's rule can be kinder and
never stricter.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from oms.returns.models import Exchange, Ground

EU: Final = (
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV",
    "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
)  # fmt: skip
STATUTORY_DAYS: Final = 14


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Rule(_Data):
    """Terms for whatever it matches; a condition left out matches everything."""

    name: str = Field(min_length=1, max_length=80)
    sku: str | None = None
    category: str | None = None
    channel: str | None = None
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    delivery: Literal["ship", "pickup"] | None = None
    returnable: bool = True
    days: int = Field(default=30, ge=0, le=3_650)
    """After receipt."""
    fee_minor: int = Field(default=0, ge=0, le=10**9)
    """Kept back from the refund of a return, once."""
    label_paid_by: Literal["shop", "customer"] = "shop"
    refund: Literal["instant", "after_inspection", "by_trust"] = "after_inspection"
    """Instant is as soon as the goods are received; by trust is that for trusted customers only."""
    with_shipping: bool = False
    approval: Literal["automatic", "by_hand"] = "automatic"
    exchange: Literal["none", "after_receipt", "at_once"] = "after_receipt"
    """Whether other goods may be had for these; at once holds them before the old ones come."""


class RuleSet(_Data):
    """One version of the rules."""

    rules: tuple[Rule, ...] = Field(default=(), max_length=1_000, strict=False)
    distance_channels_exclude: tuple[str, ...] = Field(default=("till", "kiosk"), strict=False)
    """Channels whose customers buy on the premises: no right of withdrawal there."""
    withdrawal_exempt: tuple[str, ...] = Field(default=(), strict=False)
    """Categories that the law lets out: sealed goods, goods made to measure, perishables."""
    trusted_after_orders: int = Field(default=3, ge=1)
    """So many fulfilled orders, and no return that differed from what was asked."""
    days_to_send: int = Field(default=21, ge=1, le=365)
    """How long an authorised return waits for its goods."""
    mail_to: str = ""
    """The location that parcels come back to; the nearest one that takes returns, if empty."""
    no_receipt: Literal["refuse", "store_credit"] = "refuse"
    """What a store does with goods that nobody has a receipt for."""
    no_receipt_days: int = Field(default=90, ge=1, le=3_650)
    """How far back the lowest price is looked for."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules ask about one line. `received_at` is None while it is on its way."""

    sku: str
    category: str
    channel: str
    country: str
    delivery: str
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for one line, and by which rule; `refused` is empty if it may come back."""

    rule: str
    ground: Ground
    refused: str
    instant: bool
    with_shipping: bool
    fee_minor: int
    label_paid_by: str
    by_hand: bool
    exchange: Exchange


STANDARD: Final = Rule(name="standard")


def terms(rules: RuleSet, facts: Facts, *, now: datetime, trusted: bool) -> Terms:
    """Judge one line."""
    rule = _best(rules.rules, facts)
    if _may_withdraw(rules, facts, now=now):
        return Terms(
            rule=f"withdrawal within {STATUTORY_DAYS} days",
            ground=Ground.WITHDRAWAL,
            refused="",
            instant=_instant(rule, trusted=trusted),
            with_shipping=True,
            fee_minor=0,
            label_paid_by=rule.label_paid_by,
            by_hand=False,
            exchange=Exchange(rule.exchange),
        )
    return Terms(
        rule=rule.name,
        ground=Ground.GOODWILL,
        refused=_refusal(rule, facts, now=now),
        instant=_instant(rule, trusted=trusted),
        with_shipping=rule.with_shipping,
        fee_minor=rule.fee_minor,
        label_paid_by=rule.label_paid_by,
        by_hand=rule.approval == "by_hand",
        exchange=Exchange(rule.exchange),
    )


def together(found: Collection[Terms]) -> Terms:
    """The terms of a whole return: refused if a line is, the careful answer where lines differ."""
    refused = next((one for one in found if one.refused), None)
    if refused is not None:
        return refused
    first = next(iter(found))
    lawful = all(one.ground is Ground.WITHDRAWAL for one in found)
    return Terms(
        rule=", ".join(sorted({one.rule for one in found})),
        ground=Ground.WITHDRAWAL if lawful else Ground.GOODWILL,
        refused="",
        instant=all(one.instant for one in found),
        with_shipping=all(one.with_shipping for one in found),
        fee_minor=max(one.fee_minor for one in found),
        label_paid_by="shop"
        if any(one.label_paid_by == "shop" for one in found)
        else first.label_paid_by,
        by_hand=any(one.by_hand for one in found),
        exchange=min((one.exchange for one in found), key=list(Exchange).index),
    )


def _best(rules: Collection[Rule], facts: Facts) -> Rule:
    matching = [rule for rule in rules if _matches(rule, facts)]
    return max(matching, key=_how_particular, default=STANDARD)


def _matches(rule: Rule, facts: Facts) -> bool:
    asked = (rule.sku, rule.category, rule.channel, rule.country, rule.delivery)
    given = (facts.sku, facts.category, facts.channel, facts.country, facts.delivery)
    return all(one is None or one == other for one, other in zip(asked, given, strict=True))


def _how_particular(rule: Rule) -> tuple[bool, ...]:
    asked = (rule.sku, rule.category, rule.channel, rule.country, rule.delivery)
    return tuple(one is not None for one in asked)


def _may_withdraw(rules: RuleSet, facts: Facts, *, now: datetime) -> bool:
    return (
        facts.country in EU
        and facts.channel not in rules.distance_channels_exclude
        and facts.category not in rules.withdrawal_exempt
        and _within(facts.received_at, days=STATUTORY_DAYS, now=now)
    )


def _refusal(rule: Rule, facts: Facts, *, now: datetime) -> str:
    if not rule.returnable:
        return f"{facts.sku} cannot be returned (rule {rule.name!r})"
    if not _within(facts.received_at, days=rule.days, now=now):
        assert facts.received_at is not None
        return (
            f"{facts.sku} was received on {facts.received_at:%Y-%m-%d}, more than {rule.days} days"
            f" ago (rule {rule.name!r})"
        )
    return ""


def _within(received_at: datetime | None, *, days: int, now: datetime) -> bool:
    """The day of receipt does not count; the last day counts to its end."""
    if received_at is None:
        return True
    return now.date() <= received_at.date() + timedelta(days=days)


def _instant(rule: Rule, *, trusted: bool) -> bool:
    return rule.refund == "instant" or (rule.refund == "by_trust" and trusted)
