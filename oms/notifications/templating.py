"""A brand's own wordings: kept by version, checked before they are kept."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlmodel import Session, col, select

from oms import clock
from oms.audit.recording import record
from oms.errors import Conflict, Invalid
from oms.languages.catalogues import Language
from oms.languages.speech import speech
from oms.notifications import brands, wording
from oms.notifications.models import NoticeKind, NoticeTemplate
from oms.notifications.wording import Worded


def in_use(
    session: Session, *, brand: str, language: str, kind: NoticeKind
) -> NoticeTemplate | None:
    """The newest version, unless it says that ours is to be used again."""
    newest = _newest(session, brand=brand, language=language, kind=kind)
    return None if newest is None or newest.withdrawn else newest


def listed(session: Session, *, brand: str | None = None) -> Sequence[NoticeTemplate]:
    """Every version of every brand's wording, the newest of each first."""
    wanted = select(NoticeTemplate).order_by(
        col(NoticeTemplate.brand),
        col(NoticeTemplate.kind),
        col(NoticeTemplate.language),
        col(NoticeTemplate.version).desc(),
    )
    return session.exec(
        wanted.where(NoticeTemplate.brand == brand) if brand is not None else wanted
    ).all()


def preview(
    *, brand: str, language: str, kind: NoticeKind, texts: Mapping[str, str] | None
) -> tuple[Worded, str]:
    """How a wording reads with made-up facts, and as HTML; ours, if `texts` is None.

    Raises `Invalid` naming the part that cannot be used.
    """
    shop = brands.named(_known(brand)).name
    spoken = speech(_language(language))
    assert spoken is not None
    if texts is None:
        worded = wording.source_of(kind, spoken, shop=shop)
    else:
        worded = wording.check(kind, texts, spoken, shop=shop)
    shown = wording.page(shop=shop, subject=worded.subject, text=worded.text, speech=spoken)
    return worded, shown


def put(
    session: Session,
    *,
    brand: str,
    language: str,
    kind: NoticeKind,
    texts: Mapping[str, str],
    note: str,
    actor: str,
    after: int | None = None,
) -> NoticeTemplate:
    """Use this wording from now on. `after` is the version that it was written from.

    Raises `Invalid` for a wording that cannot be used and `Conflict` when somebody else has
    changed it meanwhile.
    """
    preview(brand=brand, language=language, kind=kind, texts=texts)
    return _add(
        session,
        NoticeTemplate(
            brand=brand,
            language=language,
            kind=kind,
            version=0,
            note=note,
            created_at=clock.now(),
            created_by=actor,
            subject=texts["subject"],
            text=texts["text"],
            sms=texts["sms"],
        ),
        after=after,
    )


def withdraw(
    session: Session, *, brand: str, language: str, kind: NoticeKind, note: str, actor: str
) -> NoticeTemplate:
    """Use our own wording again; what was written before is kept."""
    newest = _newest(session, brand=_known(brand), language=_language(language), kind=kind)
    if newest is None or newest.withdrawn:
        raise Conflict(
            f"{brand} has no wording of its own for {kind.value} in {language}",
            field="kind",
            remedy="nothing is left to do",
        )
    return _add(
        session,
        NoticeTemplate(
            brand=brand,
            language=language,
            kind=kind,
            version=0,
            withdrawn=True,
            note=note,
            created_at=clock.now(),
            created_by=actor,
            subject=newest.subject,
            text=newest.text,
            sms=newest.sms,
        ),
        after=newest.version,
    )


def _add(session: Session, row: NoticeTemplate, *, after: int | None) -> NoticeTemplate:
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
        {"name": f"notice_template:{row.brand}:{row.language}:{row.kind.value}"},
    )
    newest = _newest(session, brand=row.brand, language=row.language, kind=row.kind)
    before = newest.version if newest else 0
    if after is not None and after != before:
        raise Conflict(
            f"this wording has changed since you read it (version {after}, now {before})",
            field="after",
            remedy="read it again, and write yours from what is there now",
            facts={"version": before},
        )
    row.version = before + 1
    session.add(row)
    session.flush()
    record(
        session,
        action="notice_template.withdrawn" if row.withdrawn else "notice_template.changed",
        subject_type="notice_template",
        subject_id=row.id,
        actor=row.created_by,
        facts={
            "brand": row.brand,
            "language": row.language,
            "kind": row.kind.value,
            "version": row.version,
            "note": row.note,
        },
    )
    return row


def _newest(
    session: Session, *, brand: str, language: str, kind: NoticeKind
) -> NoticeTemplate | None:
    return session.exec(
        select(NoticeTemplate)
        .where(
            NoticeTemplate.brand == brand,
            NoticeTemplate.language == language,
            NoticeTemplate.kind == kind,
        )
        .order_by(col(NoticeTemplate.version).desc())
        .limit(1)
    ).first()


def _known(brand: str) -> str:
    if brand not in brands.codes():
        raise Invalid(
            f"there is no brand {brand!r}",
            field="brand",
            remedy=f"use one of the settings' brands: {', '.join(brands.codes())}",
        )
    return brand


def _language(language: str) -> str:
    if language not in set(Language):
        raise Invalid(
            f"{language!r} is no language that we speak",
            field="language",
            remedy=f"use one of {', '.join(Language)}",
        )
    return language
