"""In one sentence: with which replay a policy was put in force, or why with none."""

from collections.abc import Iterator

from api.reports.wording import counted
from oms import money
from oms.replays.promoting import kept_of
from oms.replays.report import Pair
from oms.sourcing.models import RoutingPolicy


def words(row: RoutingPolicy) -> str:
    """Such as "2026-11-27: 120 decisions, 3 orders changed; USD 12.50 less (-1.2 %), …"."""
    if row.not_replayed_because:
        return f"none: {row.not_replayed_because}"
    kept = kept_of(row)
    if kept is None:
        return "attached" if row.replay else "none"
    sums = "; ".join(part for pair in kept.totals for part in _sums(pair))
    return (
        f"{', '.join(kept.days)} against {kept.baseline}: {counted(kept.compared, 'decision')},"
        f" {kept.reproduced:,} reproduced, {counted(kept.orders_changed, 'order')} changed; {sums};"
        f" by {kept.by}"
    )


def _sums(pair: Pair) -> Iterator[str]:
    before, after = pair.before, pair.after
    change = after.cost_minor - before.cost_minor
    amount = money.grouped(abs(change), currency=pair.currency)
    share = f" ({change / before.cost_minor:+.1%})" if before.cost_minor else ""
    yield f"{amount} {'more' if change > 0 else 'less'}{share}"
    if before.weighed_minor != after.weighed_minor:
        was, now = (
            money.grouped(side.weighed_minor, currency=pair.currency) for side in (before, after)
        )
        yield f"of it only weighed {was} → {now}"
    for name, old, new in (
        ("split", before.split_orders, after.split_orders),
        ("late", before.late, after.late),
        ("unfilled", before.unfilled_lines, after.unfilled_lines),
    ):
        if old != new:
            yield f"{name} {old:,} → {new:,}"
