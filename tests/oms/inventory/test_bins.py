"""Where articles lie, and in which order one walks there."""

from sqlmodel import Session

from oms.errors import Invalid
from oms.inventory import bins
from oms.inventory.bins import Bin, walk_key
from tests.builders import refused
from tests.oms.shop import Shop, trail

FOOD = Bin("Food", "2", "2-10")


def test_a_walk_counts_as_people_do_and_ends_where_nobody_knows() -> None:
    walk = [
        Bin("Food", "2", "2-9"),
        FOOD,
        Bin("Food", "10", "1"),
        Bin("Garden", "", "A"),
        None,
    ]
    shuffled = [walk[at] for at in (4, 2, 0, 3, 1)]
    assert sorted(shuffled, key=walk_key) == walk


def test_an_article_lies_where_it_was_said_last(session: Session, shop: Shop) -> None:
    def there() -> dict[str, tuple[Bin, ...]]:
        return dict(bins.of_articles(session, location_id=shop.riverside.id, skus=["MUG", "LAMP"]))

    reserve = Bin("Backroom", "1", "R-3", rank=2)
    assert there() == {}
    bins.set_bins(
        session,
        location_id=shop.riverside.id,
        sku="MUG",
        places=[reserve, FOOD],
        actor="anna",
    )
    assert there() == {"MUG": (FOOD, reserve)}
    first = Bin("Backroom", "1", "R-3", rank=1)
    bins.set_bins(session, location_id=shop.riverside.id, sku="MUG", places=[first], actor="anna")
    assert there() == {"MUG": (first,)}
    assert bins.of_articles(session, location_id=shop.harbour.id, skus=["MUG"]) == {}
    assert trail(session, shop.riverside.id) == ["stock.bins_set", "stock.bins_set"]


def test_a_bin_is_named_once_and_there_are_not_too_many(session: Session, shop: Shop) -> None:
    many = [Bin("", "", str(number)) for number in range(bins.MOST_BINS + 1)]
    for places in ([FOOD, Bin("Food", "2", "2-10", rank=2)], many):
        with refused(session, Invalid) as found:
            bins.set_bins(
                session, location_id=shop.riverside.id, sku="MUG", places=places, actor="anna"
            )
        assert found.error.field == "bins"
