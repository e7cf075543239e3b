"""Word a notice: our templates in the customer's language, or the brand's own.

A wording is three texts: subject, text and short message. The e-mail's HTML is made from the text,
so that a brand writes each thing once.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.exceptions import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from oms.errors import Invalid
from oms.languages import templating
from oms.languages.speech import Speech
from oms.notifications import facts
from oms.notifications.models import NoticeKind, NoticeTemplate

PARTS: Final = ("subject", "text", "sms")
LONGEST: Final = {"subject": 200, "text": 10_000, "sms": 1_000}
_TEMPLATES: Final = Path(__file__).parent / "templates"
_ADDRESS: Final = re.compile(r"https?://[^\s<>&\"']+(?:&amp;[^\s<>&\"']+)*")
_GAP: Final = re.compile(r"\n\s*\n")


def _environment(*, html: bool) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=html,  # noqa: S701 - plain text is not HTML; what is, is escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templating.install(made)
    return made


_TEXTS: Final = _environment(html=False)
_PAGES: Final = _environment(html=True)
_BRANDS: Final = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
"""What people write runs where it can reach nothing but its facts."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A notice in words."""

    subject: str
    text: str
    sms: str


def word(
    kind: NoticeKind, given: Mapping[str, Any], speech: Speech, own: NoticeTemplate | None
) -> Worded:
    """Word a notice from its facts, by the brand's own template if it has one."""
    if own is not None and not own.withdrawn:
        texts = {part: _BRANDS.from_string(getattr(own, part)).render(given) for part in PARTS}
    else:
        template = _TEXTS.get_template(f"{kind.value}.txt")
        texts = {part: _block(template, part, {**given, "speech": speech}) for part in PARTS}
    return Worded(
        subject=" ".join(texts["subject"].split()),
        text=_tidy(texts["text"]),
        sms=" ".join(texts["sms"].split()),
    )


def page(
    *, shop: str, subject: str, text: str, speech: Speech, unsubscribe: str | None = None
) -> str:
    """The same as HTML: paragraphs, and addresses that can be followed."""
    return _PAGES.get_template("layout.html").render(
        shop=shop,
        subject=subject,
        paragraphs=[_paragraph(part) for part in _GAP.split(text) if part.strip()],
        unsubscribe=unsubscribe,
        speech=speech,
    )


def check(kind: NoticeKind, texts: Mapping[str, str], speech: Speech, *, shop: str) -> Worded:
    """What a brand's own wording looks like with made-up facts.

    Raises `Invalid` naming the part for one that cannot be read, names what the kind does not
    have, is too long or says nothing.
    """
    given = facts.samples(kind, speech, shop=shop)
    made = {part: _checked(part, texts[part], given) for part in PARTS}
    return Worded(
        subject=" ".join(made["subject"].split()),
        text=_tidy(made["text"]),
        sms=" ".join(made["sms"].split()),
    )


def _checked(part: str, source: str, given: Mapping[str, Any]) -> str:
    known = ", ".join(given)
    if len(source) > LONGEST[part]:
        raise Invalid(
            f"{part} has {len(source)} letters, more than {LONGEST[part]}",
            field=part,
            remedy="say it more briefly",
        )
    try:
        unknown = find_undeclared_variables(_BRANDS.parse(source)) - set(given)
        if unknown:
            raise Invalid(
                f"{part} names {', '.join(sorted(unknown))}, which this kind of notice has not",
                field=part,
                remedy=f"name only {known}",
            )
        made = _BRANDS.from_string(source).render(given)
    except TemplateSyntaxError as error:
        raise Invalid(
            f"{part}, line {error.lineno}: {error.message}",
            field=part,
            remedy="write {{ name }} for a fact and {% if name %}…{% endif %} for a condition",
        ) from error
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise Invalid(
            f"{part} cannot be filled in: {error}", field=part, remedy=f"name only {known}"
        ) from error
    if not made.strip():
        raise Invalid(f"{part} says nothing", field=part, remedy="write what customers should read")
    return made


def source_of(kind: NoticeKind, speech: Speech, *, shop: str) -> Worded:
    """Our own wording with made-up facts, to begin a brand's own from."""
    return word(kind, facts.samples(kind, speech, shop=shop), speech, None)


def _block(template: Template, name: str, given: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(given))))


def _tidy(text: str) -> str:
    """At most one empty line between paragraphs, none at the ends."""
    lines = (line.strip() for line in text.strip().splitlines())
    return _GAP.sub("\n\n", "\n".join(lines)) + "\n"


def _paragraph(text: str) -> Markup:
    lines: Sequence[str] = [str(escape(line)) for line in text.strip().splitlines()]
    linked = (
        _ADDRESS.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', line) for line in lines
    )
    return Markup("<br>").join(Markup(line) for line in linked)  # noqa: S704 - escaped above
