"""What customers read, collected from the sources; as a program, brings the catalogues up to date.

`make messages` runs it: new wordings come in untranslated, those that are gone go.
"""

from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from oms.languages.catalogues import DOMAIN, Language

ROOT = Path(__file__).parents[3]
LOCALE = ROOT / "oms" / "languages" / "locale"
TRANSLATED = tuple(language for language in Language if language is not Language.ENGLISH)
_SPOKEN = (
    "oms/notifications/templates",
    "api/web/templates/customer",
    "api/web/templates/collecting",
)
_WORDINGS = ("api/web/customer_wording.py",)
_JINJA = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "encoding": "utf-8"}


def collected() -> Catalog:
    """Every wording of the sources."""
    found = Catalog(domain=DOMAIN, charset="utf-8")
    for folder in _SPOKEN:
        _add(found, ROOT / folder, "**", "jinja2", _JINJA)
    for file in _WORDINGS:
        path = ROOT / file
        _add(found, path.parent, path.name, "python", {})
    return found


def catalogue(language: Language) -> Catalog:
    """What is translated."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language.value, domain=DOMAIN)
    with path.open("rb") as source:
        return read_po(source, locale=language.value, domain=DOMAIN)


def path_of(language: Language) -> Path:
    """Where a language's catalogue is."""
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def main() -> None:
    """Bring every catalogue up to date."""
    template = collected()
    for language in TRANSLATED:
        known = catalogue(language)
        known.update(template, no_fuzzy_matching=True)
        known.obsolete.clear()
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as target:
            target.write(_header(language).encode())
            write_po(target, known, width=0, no_location=True, omit_header=True, sort_output=True)


def _header(language: Language) -> str:
    plural = Catalog(locale=Locale(language.value)).plural_forms
    return (
        'msgid ""\nmsgstr ""\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        f'"Language: {language.value}\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n\n'
    )


def _add(found: Catalog, folder: Path, pattern: str, method: str, options: dict[str, str]) -> None:
    for name, line, message, comments, context in extract_from_dir(
        folder, [(pattern, method)], {pattern: options}
    ):
        found.add(message, None, [(name, line)], auto_comments=comments, context=context)


if __name__ == "__main__":
    main()
