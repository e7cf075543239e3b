"""Recognise a customer, or make one."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from oms import clock
from oms.customers.models import Customer
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

_ADD = """
INSERT INTO customers (id, name, email, phone, created_at)
SELECT g.id, g.name, g.email, g.phone, :at
FROM unnest(:ids, :names, :emails, :phones) AS g (id, name, email, phone)
ORDER BY lower(g.email)
ON CONFLICT (lower(email)) WHERE email <> '' DO NOTHING
"""
_FIND = """
SELECT g.email, c.id FROM unnest(:emails) AS g (email)
JOIN customers AS c ON lower(c.email) = lower(g.email) AND c.email <> ''
"""


def find_or_create_many(session: Session, people: Sequence[Person]) -> list[UUID]:
    """The customer of each of these people, in three statements for any number of them."""
    fresh = [new_id() for _ in people]
    known = {email.strip() for _, email, _ in people if email.strip()}
    if not people:
        return []
    session.execute(
        text(_ADD).bindparams(
            bindparam("at", clock.now()),
            bindparam("ids", fresh, type_=ARRAY(Uuid())),
            *(
                bindparam(name, [person[at].strip() for person in people], type_=ARRAY(Text))
                for at, name in enumerate(("names", "emails", "phones"))
            ),
        )
    )
    rows = session.execute(text(_FIND).bindparams(bindparam("emails", [*known], type_=ARRAY(Text))))
    found: dict[str, UUID] = {row.email: row.id for row in rows}
    return [
        found[email.strip()] if email.strip() else mine
        for (_, email, _), mine in zip(people, fresh, strict=True)
    ]
