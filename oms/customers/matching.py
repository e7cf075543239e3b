"""Recognise a customer, or make one."""

from sqlalchemy import func, text
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
