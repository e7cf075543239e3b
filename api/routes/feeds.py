"""Feeds: what lies in which store, and what we sell, for those who show it to customers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from sqlmodel import Session
from starlette.responses import StreamingResponse

from api.deps import SessionDep, StockReader
from oms.db import transaction
from oms.errors import NotFound
from oms.feeds import revising, writing
from oms.feeds.models import FeedRevision
from oms.feeds.writing import FeedForm
from oms.settings import settings

router = APIRouter(prefix="/v1/feeds", tags=["feeds"])

JSON_LINES = "application/x-ndjson"

Channel = Annotated[
    str | None, Query(max_length=40, description="Only what this channel lists, as it lists it.")
]
IfNoneMatch = Annotated[str | None, Header()]
IfModifiedSince = Annotated[str | None, Header()]


@router.get("/local-inventory", response_class=StreamingResponse)
def local_inventory(
    session: SessionDep,
    _who: StockReader,
    channel: Channel = None,
    if_none_match: IfNoneMatch = None,
    if_modified_since: IfModifiedSince = None,
) -> Response:
    """What lies in which store: one Merchant API `LocalInventory` with its `offerId` a line."""
    ready = settings().pickup_ready_minutes
    found = _revision(session, "local-inventory", channel, str(ready))
    if _has_it(found, if_none_match, if_modified_since):
        return Response(status_code=304, headers=_validators(found))
    lines = writing.local_inventory_feed(transaction, channel=channel, pickup_ready_minutes=ready)
    return _streamed(found, lines, JSON_LINES)


@router.get("/products", response_class=StreamingResponse)
def products(
    session: SessionDep,
    _who: StockReader,
    channel: Channel = None,
    form: Annotated[FeedForm, Query(alias="format")] = FeedForm.JSONL,
    if_none_match: IfNoneMatch = None,
    if_modified_since: IfModifiedSince = None,
) -> Response:
    """What we sell, as JSON lines or as CSV."""
    found = _revision(session, f"products.{form.value}", channel, "")
    if _has_it(found, if_none_match, if_modified_since):
        return Response(status_code=304, headers=_validators(found))
    lines = writing.product_feed(transaction, channel=channel, form=form)
    media = JSON_LINES if form is FeedForm.JSONL else "text/csv; charset=utf-8"
    return _streamed(found, lines, media)


def _revision(session: Session, feed: str, channel: str | None, shape: str) -> FeedRevision:
    if channel is not None and settings().channel(channel) is None:
        raise NotFound(
            f"there is no channel {channel!r}",
            field="channel",
            remedy=f"configured: {', '.join(sorted(settings().channels)) or 'none'}",
        )
    name = f"{feed}:{channel or ''}"
    return revising.revision(session, feed=name, settings=f"{name} {shape}")


def _has_it(found: FeedRevision, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the caller's copy is the present one (RFC 9110, 13.2.2: a tag outweighs a date)."""
    if if_none_match is not None:
        tags = {tag.strip() for tag in if_none_match.split(",")}
        return bool(tags & {_tag(found), "*"})
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return found.changed_at <= since


def _validators(found: FeedRevision) -> dict[str, str]:
    changed: datetime = found.changed_at.astimezone(UTC)
    return {
        "ETag": _tag(found),
        "Last-Modified": format_datetime(changed, usegmt=True),
        "Cache-Control": "private, no-cache",
    }


def _tag(found: FeedRevision) -> str:
    """Weak: two copies with the same tag say the same, if perhaps not byte for byte."""
    return f'W/"{found.digest}"'


def _streamed(found: FeedRevision, lines: Iterator[str], media: str) -> Response:
    return StreamingResponse(lines, media_type=media, headers=_validators(found))
