"""The only code that changes balances of gift cards and store credit.

A code is shown when it is made and kept as a hash. Every change is one entry under its key and one
guarded update: a balance is never below zero, whoever pays with the card at the same time.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.access.secrets import token_hash
from oms.audit.recording import record
from oms.errors import Conflict, Invalid, NotFound
from oms.ids import new_id
from oms.money import show
from oms.payments.credit_models import Credit, CreditEntry, CreditEntryKind, CreditKind
from oms.settings import settings

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: nothing in it is taken for something else when it is read out."""
_MEANT: Final = str.maketrans("OIL", "011", " -")
_LENGTH: Final = 16
LASTS_AGAIN: Final = timedelta(days=365)
"""What is given back to a credit can be spent for so long, also if it had expired."""


class NotEnoughCredit(Conflict):
    """The credit has less than is to be paid; `facts` say how much."""

    code = "not_enough_credit"


class CreditExpired(Conflict):
    """The credit can no longer be spent."""

    code = "credit_expired"


@dataclass(frozen=True, slots=True)
class Opened:
    """A new credit, and the code that nobody can tell again."""

    credit: Credit
    code: str


def open_credit(
    session: Session, *, kind: CreditKind, currency: str, actor: str, expires_at: datetime | None
) -> Opened:
    """Make an empty credit. The code is in the answer and nowhere else."""
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid(
            "the credit would have expired already",
            field="expires_at",
            remedy="give a later moment, or none",
        )
    code = _new_code()
    row = Credit(
        kind=kind,
        code_hash=token_hash(code),
        ending=code[-4:],
        currency=currency,
        expires_at=expires_at,
        created_at=clock.now(),
        created_by=actor,
    )
    session.add(row)
    session.flush()
    _audit(session, row, "opened", actor=actor, facts={"kind": kind.value, "ending": row.ending})
    return Opened(row, "-".join(code[n : n + 4] for n in range(0, _LENGTH, 4)))


def for_refunds(session: Session, *, currency: str, actor: str) -> Opened:
    """An empty store credit that lasts as long as the settings say."""
    return open_credit(
        session,
        kind=CreditKind.STORE_CREDIT,
        currency=currency,
        actor=actor,
        expires_at=clock.now() + timedelta(days=settings().store_credit_days),
    )


def load(session: Session, credit: Credit, amount_minor: int, *, key: str, actor: str) -> None:
    """Put money on a credit that was bought or granted, once per key."""
    if amount_minor <= 0:
        raise Invalid(
            "the amount must be above zero",
            field="amount_minor",
            remedy="give it in minor units of the credit's currency",
        )
    _book(session, credit.id, CreditEntryKind.ISSUE, amount_minor, key=key, actor=actor)


def named(session: Session, code: str) -> Credit:
    """The credit that this code is of, however it was typed."""
    plain = code.strip().upper().translate(_MEANT)
    row = session.exec(select(Credit).where(Credit.code_hash == token_hash(plain))).first()
    if row is None:
        raise NotFound(
            "there is no gift card or store credit with this code",
            field="code",
            remedy="type all sixteen characters as they are printed",
        )
    return row


def read(session: Session, credit_id: UUID) -> Credit:
    """A credit by its id."""
    row = session.get(Credit, credit_id)
    if row is None:
        raise NotFound(
            f"there is no credit {credit_id}",
            field="credit_id",
            remedy="use the id that opening the credit answered with",
        )
    return row


def renew_code(session: Session, credit_id: UUID, *, actor: str) -> Opened:
    """Give a credit another code, as when the old one was lost or seen; the old one is void."""
    row = read(session, credit_id)
    code = _new_code()
    row.code_hash, row.ending = token_hash(code), code[-4:]
    _audit(session, row, "code_renewed", actor=actor, facts={"ending": row.ending})
    return Opened(row, "-".join(code[n : n + 4] for n in range(0, _LENGTH, 4)))


def spend(
    session: Session, credit: Credit, amount_minor: int, *, order_id: UUID, key: str, actor: str
) -> bool:
    """Take money off a credit for an order; False if the key did so before.

    Raises `CreditExpired` or `NotEnoughCredit`, whoever else spends it at this moment.
    """
    return _book(
        session,
        credit.id,
        CreditEntryKind.SPEND,
        -amount_minor,
        key=key,
        order_id=order_id,
        actor=actor,
    )


def give_back(
    session: Session, credit_id: UUID, amount_minor: int, *, order_id: UUID, key: str, actor: str
) -> Credit:
    """Put an order's money on a credit, once per key. It can be spent for a year at least."""
    _book(
        session,
        credit_id,
        CreditEntryKind.REFUND,
        amount_minor,
        key=key,
        order_id=order_id,
        actor=actor,
    )
    return read(session, credit_id)


def next_due(session: Session, *, limit: int) -> Sequence[UUID]:
    """Credits that have expired with money on them."""
    return session.exec(
        select(Credit.id)
        .where(col(Credit.expires_at) <= clock.now(), Credit.balance_minor > 0)
        .order_by(col(Credit.expires_at))
        .limit(limit)
    ).all()


def expire(session: Session, credit_id: UUID) -> bool:
    """Take what is left off a credit that has expired, for the bookkeeping; False if it has not."""
    row = session.get_one(Credit, credit_id, with_for_update=True, populate_existing=True)
    due = row.expires_at is not None and row.expires_at <= clock.now()
    if not due or not row.balance_minor:
        return False
    assert row.expires_at is not None
    key = f"expire:{row.id}:{row.expires_at.isoformat()}"
    left = row.balance_minor
    return _book(session, row.id, CreditEntryKind.EXPIRE, -left, key=key, actor="system")


def _book(
    session: Session,
    credit_id: UUID,
    kind: CreditEntryKind,
    delta_minor: int,
    *,
    key: str,
    actor: str,
    order_id: UUID | None = None,
) -> bool:
    """Write an entry under its key and change the balance; False if it is there already."""
    now = clock.now()
    fresh = session.execute(
        insert(CreditEntry)
        .values(
            id=new_id(), credit_id=credit_id, kind=kind, delta_minor=delta_minor, key=key,
            order_id=order_id, at=now, actor=actor,
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(col(CreditEntry.id))
    ).first()  # fmt: skip
    if fresh is None:
        return False
    change = update(Credit).where(
        col(Credit.id) == credit_id, col(Credit.balance_minor) + delta_minor >= 0
    )
    if kind is CreditEntryKind.SPEND:
        good = col(Credit.expires_at).is_(None) | (col(Credit.expires_at) > now)
        change = change.where(good)
    if kind is CreditEntryKind.REFUND:
        longer = func.greatest(Credit.expires_at, now + LASTS_AGAIN)
        lasts = case((col(Credit.expires_at).is_(None), None), else_=longer)
        change = change.values(expires_at=lasts)
    done = session.execute(
        change.values(balance_minor=col(Credit.balance_minor) + delta_minor)
        .returning(col(Credit.id))
        .execution_options(synchronize_session=False)
    ).first()
    row = session.get_one(Credit, credit_id, populate_existing=True)
    if done is None:
        raise _refusal(row, -delta_minor)
    facts = {"delta_minor": delta_minor, "balance_minor": row.balance_minor, "key": key}
    _audit(session, row, kind.value, actor=actor, facts=facts, order_id=order_id)
    return True


def _refusal(row: Credit, wished_minor: int) -> Conflict:
    if row.expires_at is not None and row.expires_at <= clock.now():
        return CreditExpired(
            f"the credit ending {row.ending} expired on {row.expires_at:%Y-%m-%d}",
            field="code",
            remedy="let the customer pay in another way",
        )
    return NotEnoughCredit(
        f"the credit ending {row.ending} has {show(row.balance_minor, currency=row.currency)},"
        f" not {show(wished_minor, currency=row.currency)}",
        field="amount_minor",
        remedy="take what it has, and the rest in another way",
        facts={"balance_minor": row.balance_minor},
    )


def _new_code() -> str:
    """Eighty random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))


def _audit(
    session: Session,
    row: Credit,
    what: str,
    *,
    actor: str,
    facts: dict[str, Any],
    order_id: UUID | None = None,
) -> None:
    record(
        session,
        action=f"credit.{what}",
        subject_type="credit",
        subject_id=row.id,
        order_id=order_id,
        actor=actor,
        facts=facts,
    )
