"""Operations' page of the channels' orders: known until when, and what was missed."""

from datetime import timedelta

from oms import clock
from oms.channels.poll_models import ChannelPoll, ChannelRepair, RepairKind
from oms.db import transaction
from oms.ids import new_id
from tests.web.conftest import Site


def test_the_page_says_what_each_channel_had_not_told(site: Site) -> None:
    now = clock.now()
    with transaction() as unit:
        unit.add(
            ChannelPoll(
                channel="woocommerce",
                known_until=now - timedelta(minutes=1),
                polled_at=now,
                seen=12,
                repaired=1,
            )
        )
        unit.add(
            ChannelPoll(
                channel="reference",
                known_until=now,
                last_error="reference answered 503",
                last_error_at=now,
            )
        )
        unit.add(
            ChannelRepair(
                channel="woocommerce",
                kind=RepairKind.MISSED_CHANGE,
                reference="727",
                message_id=new_id(),
                changed_at=now - timedelta(minutes=9),
                found_at=now,
            )
        )
    with site.in_operations() as client:
        page = client.get("/operations/channels", headers={"HX-Request": "false"}).text
        assert "Missed some" in page
        assert "Missed change" in page
        assert "727" in page
        assert "reference answered 503" in page
        assert "12 orders" in page
        part = client.get("/operations/channels", headers={"HX-Request": "true"}).text
        assert part.lstrip().startswith('<div id="card"')
