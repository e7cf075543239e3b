"""A notice is worded and sent by its workflow, however the mail server feels."""

from typing import Any

import pytest
from sqlmodel import col, select

from oms.db import transaction
from oms.notifications.models import Notice, NoticeSending
from oms.orders.models import Order
from oms.settings import settings
from tests.oms.notifications.mailbox import open_mailbox
from tests.workflows import shop
from tests.workflows.conftest import AtWork, run, until
from tests.workflows.test_stories import closed


def test_a_customer_hears_of_their_order_once_though_the_server_asks_to_wait(
    at_work: AtWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[tuple[str, str]]:
        with transaction() as session:
            rows: Any = session.exec(
                select(Notice.kind, NoticeSending.status)
                .join(NoticeSending, col(NoticeSending.notice_id) == Notice.id)
                .order_by(col(Notice.created_at))
            ).all()
            return [(kind.value, status.value) for kind, status in rows]

    async def story() -> None:
        shop.open_shop()
        order_id = shop.order({"MUG": 1})
        with transaction() as session:
            number = session.get_one(Order, order_id).display_number
        async with at_work() as client:
            await until(lambda: told() and told()[0][0] == "confirmed")
            await until(lambda: mailbox.tried)
            mailbox.refuses = ""  # it had asked to wait
            await until(lambda: told() == [("confirmed", "sent")])
            with transaction() as session:
                notice = session.exec(select(Notice)).one()
            assert await closed(client, f"notice:{notice.id}") == "told"
        assert [letter["Subject"] for letter in mailbox.letters] == [
            f"We have received your order {number}"
        ]

    with open_mailbox() as mailbox:
        mailbox.refuses = "451 wait"
        monkeypatch.setenv("TRIBUTARY_SMTP_URL", f"smtp://127.0.0.1:{mailbox.port}")
        settings.cache_clear()
        run(story())
