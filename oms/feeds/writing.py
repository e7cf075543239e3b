"""Write a feed piece by piece, each in a transaction of its own.

A reader may be slow and a feed long: no transaction stays open while a piece is on its way.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Any, Final

from sqlmodel import Session

from oms.feeds import local_inventory, products

_ARTICLES_A_PIECE: Final = 200

Open = Callable[[], AbstractContextManager[Session]]
Entries = Callable[[Session, Sequence[str]], Sequence[Mapping[str, Any]]]


class FeedForm(StrEnum):
    """How a feed is written."""

    CSV = "csv"
    JSONL = "jsonl"


def local_inventory_feed(
    opened: Open, *, channel: str | None, pickup_ready_minutes: int
) -> Iterator[str]:
    """One JSON object a line: what lies in which store."""

    def entries(session: Session, skus: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return local_inventory.entries(
            session, skus, channel=channel, pickup_ready_minutes=pickup_ready_minutes
        )

    for piece in _pieces(opened, entries):
        yield "".join(map(_json_line, piece))


def product_feed(opened: Open, *, channel: str | None, form: FeedForm) -> Iterator[str]:
    """What we sell: CSV with a heading (RFC 4180), or one JSON object a line."""

    def entries(session: Session, skus: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        return products.entries(session, skus, channel=channel)

    if form is FeedForm.JSONL:
        for piece in _pieces(opened, entries):
            yield "".join(map(_json_line, piece))
        return
    yield _csv([products.COLUMNS])
    for piece in _pieces(opened, entries):
        yield _csv([entry[column] for column in products.COLUMNS] for entry in piece)


def _pieces(opened: Open, entries: Entries) -> Iterator[Sequence[Mapping[str, Any]]]:
    after = ""
    while True:
        with opened() as session:
            skus = products.page(session, after=after, limit=_ARTICLES_A_PIECE)
            piece = entries(session, skus) if skus else ()
        if not skus:
            return
        after = skus[-1]
        if piece:
            yield piece


def _json_line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv(rows: Any) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
