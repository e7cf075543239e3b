"""`oms notices`: how customers are told what, and the brands' own wordings."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.schemas.notices import TemplateOut
from oms.db import transaction
from oms.languages.catalogues import Language
from oms.notifications import brands, templating
from oms.notifications.models import NoticeKind
from oms.notifications.wording import PARTS

notices = typer.Typer(help="What customers are told, and how it is worded.")

Kind = Annotated[NoticeKind, typer.Argument(help="What is told.")]
Tongue = Annotated[Language, typer.Option("--language", help="In which language.")]
Brand = Annotated[str, typer.Option(help="For which brand of the settings.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(notices, name="notices")


@notices.command("list")
def list_templates(as_json: AsJson = False) -> None:
    """List every version of the brands' own wordings, the newest of each first."""
    with transaction() as session:
        rows = [TemplateOut.model_validate(row) for row in templating.listed(session)]
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    table = Table("brand", "kind", "language", "version", "by", "note", box=None)
    for row in rows:
        note = "withdrawn" if row.withdrawn else row.note
        table.add_row(
            row.brand, row.kind.value, row.language, str(row.version), row.created_by, note
        )
    Console(highlight=False).print(table)


@notices.command("preview")
def preview(
    kind: Kind,
    language: Tongue = Language.ENGLISH,
    brand: Brand = brands.DEFAULT,
    file: Annotated[
        Path | None, typer.Option(help="A wording to try: JSON with subject, text and sms.")
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="Print the mail's HTML.")] = False,
) -> None:
    """Show how a kind reads with made-up facts: our wording, or one from a file."""
    texts = _read(file) if file is not None else None
    worded, page = templating.preview(brand=brand, language=language, kind=kind, texts=texts)
    if html:
        typer.echo(page)
        return
    typer.echo(f"{worded.subject}\n\n{worded.text}\n{worded.sms}")


@notices.command("set")
def set_template(
    kind: Kind,
    file: Annotated[Path, typer.Argument(help="JSON with subject, text and sms.")],
    language: Tongue = Language.ENGLISH,
    brand: Brand = brands.DEFAULT,
    note: Annotated[str, typer.Option(help="For whoever reads the history.")] = "",
) -> None:
    """Use a brand's own wording from now on."""
    with transaction() as session:
        row = templating.put(
            session,
            brand=brand,
            language=language,
            kind=kind,
            texts=_read(file),
            note=note,
            actor="operator:cli",
        )
        version = row.version
    typer.echo(f"{brand}, {kind.value}, {language.value}: version {version} is used from now on")


@notices.command("withdraw")
def withdraw(
    kind: Kind,
    language: Tongue = Language.ENGLISH,
    brand: Brand = brands.DEFAULT,
    note: Annotated[str, typer.Option(help="For whoever reads the history.")] = "",
) -> None:
    """Use our own wording again."""
    with transaction() as session:
        templating.withdraw(
            session, brand=brand, language=language, kind=kind, note=note, actor="operator:cli"
        )
    typer.echo(f"{brand}, {kind.value}, {language.value}: our own wording is used again")


def _read(file: Path) -> dict[str, str]:
    """A wording from a file; `BadParameter` names what it lacks."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(found.get(part), str) for part in PARTS):
        raise typer.BadParameter(f"{file} must hold an object with {', '.join(PARTS)}, all texts")
    return {part: found[part] for part in PARTS}
