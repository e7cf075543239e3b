"""Recognise a customer, or make one."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import Customer
from oms.db import read_rows
from oms.ids import new_id


def find_or_create(session: Session, *, name: str, email: str, phone: str) -> Customer:
    """The customer with this e-mail address; without one every order has its own customer.

    Two orders of a new customer may arrive at once: the unique index decides, the loser reads.
    """
    email = email.strip()
    if not email:
        customer = Customer(name=name, phone=phone, created_at=clock.now())
        session.add(customer)
        session.flush()
        return customer
    session.execute(
        insert(Customer)
        .values(id=new_id(), name=name, email=email, phone=phone, created_at=clock.now())
        .on_conflict_do_nothing(
            index_elements=[text("lower(email)")], index_where=text("email <> ''")
        )
    )
    return session.exec(
        # The database folds both sides: Python's lower() differs for some letters.
        select(Customer).where(func.lower(col(Customer.email)) == func.lower(email))
    ).one()


Person = tuple[str, str, str]
"""Name, e-mail address (or nothing) and telephone."""

_ADD: Final = """
INSERT INTO customers (id, name, email, phone, created_at)
SELECT g.id, g.name, g.email, g.phone, %b::timestamptz
FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[]) AS g (id, name, email, phone)
ORDER BY lower(g.email)
ON CONFLICT (lower(email)) WHERE email <> '' DO NOTHING
RETURNING email, id
"""
_FIND: Final = """
SELECT g.email, c.id FROM unnest(%b::text[]) AS g (email)
JOIN customers AS c ON lower(c.email) = lower(g.email) AND c.email <> ''
"""


def find_or_create_many(session: Session, people: Sequence[Person]) -> list[UUID]:
    """The customer of each of these people, in two statements for any number of them."""
    if not people:
        return []
    fresh = [new_id() for _ in people]
    names, emails, phones = (
        [one.strip() for one in column] for column in zip(*people, strict=True)
    )
    found = dict(read_rows(session, _ADD, [clock.now(), fresh, names, emails, phones]))
    known = {email for email in emails if email and email not in found}
    if known:
        found |= dict(read_rows(session, _FIND, [list(known)]))
    return [found[email] if email else mine for email, mine in zip(emails, fresh, strict=True)]
