"""What customers are told: read it, send it again, word it, and who wants what."""

from uuid import UUID

from fastapi import APIRouter
from sqlmodel import Session

from api.deps import ItemId, OperatorDep, OrderReader, OrderWriter, SessionDep
from api.schemas.notices import (
    NoticeOut,
    PreferencesOut,
    PreviewIn,
    PreviewOut,
    SendingOut,
    TemplateIn,
    TemplateOut,
    UnwantedIn,
    WithdrawIn,
    out,
)
from oms.errors import NotFound
from oms.notifications import facts, notices, opting_out, sending, templating
from oms.notifications.models import Medium, NoticeKind
from oms.orders.models import Order

router = APIRouter(prefix="/v1", tags=["notices"])


@router.get("/orders/{order_id}/notices")
def of_order(order_id: ItemId, session: SessionDep, _who: OrderReader) -> list[NoticeOut]:
    """Everything that the order's customer was or is to be told, and how each sending went."""
    found = notices.of_order(session, order_id)
    return [out(one, sending.of_notice(session, one.id)) for one in found]


@router.post("/notices/sendings/{sending_id}/send-again", status_code=202)
def send_again(sending_id: ItemId, session: SessionDep, who: OperatorDep) -> SendingOut:
    """Send again what was refused or given up, after its cause was mended."""
    return SendingOut.model_validate(sending.send_again(session, sending_id, actor=who.actor))


@router.get("/notice-templates")
def read_templates(
    session: SessionDep, _who: OperatorDep, brand: str | None = None
) -> list[TemplateOut]:
    """Every version of the brands' own wordings, the newest of each first."""
    rows = templating.listed(session, brand=brand)
    return [TemplateOut.model_validate(row) for row in rows]


@router.post("/notice-templates", status_code=201)
def put_template(body: TemplateIn, session: SessionDep, who: OperatorDep) -> TemplateOut:
    """Use this wording from now on. 422 names the part that cannot be used, and why."""
    row = templating.put(
        session,
        brand=body.brand,
        language=body.language,
        kind=body.kind,
        texts=body.texts.model_dump(),
        note=body.note,
        actor=who.actor,
        after=body.after,
    )
    return TemplateOut.model_validate(row)


@router.post("/notice-templates/preview")
def preview(body: PreviewIn, _who: OperatorDep) -> PreviewOut:
    """How a wording reads with made-up facts; nothing is kept."""
    texts = body.texts.model_dump() if body.texts is not None else None
    worded, html = templating.preview(
        brand=body.brand, language=body.language, kind=body.kind, texts=texts
    )
    return PreviewOut(
        subject=worded.subject,
        text=worded.text,
        sms=worded.sms,
        html=html,
        names=facts.NAMES[body.kind],
    )


@router.post("/notice-templates/withdraw")
def withdraw(body: WithdrawIn, session: SessionDep, who: OperatorDep) -> TemplateOut:
    """Use our own wording again; what was written before is kept."""
    row = templating.withdraw(
        session,
        brand=body.brand,
        language=body.language,
        kind=body.kind,
        note=body.note,
        actor=who.actor,
    )
    return TemplateOut.model_validate(row)


@router.get("/orders/{order_id}/notice-preferences")
def read_preferences(order_id: ItemId, session: SessionDep, _who: OrderReader) -> PreferencesOut:
    """What the order's customer wants to be told."""
    return _preferences(session, _customer(session, order_id))


@router.put("/orders/{order_id}/notice-preferences")
def put_preferences(
    order_id: ItemId, body: UnwantedIn, session: SessionDep, who: OrderWriter
) -> PreferencesOut:
    """Say what the order's customer does not want by one medium, of this and all their orders."""
    customer_id = _customer(session, order_id)
    opting_out.put(session, customer_id, body.medium, body.unwanted, actor=who.actor)
    return _preferences(session, customer_id)


def _customer(session: Session, order_id: UUID) -> UUID:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound(
            f"there is no order {order_id}",
            field="order_id",
            remedy="use the order_id that placing the order answered with",
        )
    return order.customer_id


def _preferences(session: Session, customer_id: UUID) -> PreferencesOut:
    unwanted = opting_out.of_customer(session, customer_id)
    media = (Medium.EMAIL, Medium.SMS)
    return PreferencesOut(
        unwanted={
            medium: [kind for kind in NoticeKind if (medium, kind) in unwanted] for medium in media
        },
        always_sent={
            medium: [kind for kind in NoticeKind if not opting_out.may_refuse(kind, medium)]
            for medium in media
        },
    )
