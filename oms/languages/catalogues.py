"""The wordings of each language, read from its gettext catalogue.

English is what the sources say; every other language has a `.po` file under `locale/`, which is
compiled in memory at first use: there is no compiled file to forget. `make messages` brings the
catalogues up to date with the sources.
"""

import gettext
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DOMAIN: Final = "tributary"


class Language(StrEnum):
    """What we speak, by ISO 639-1."""

    ENGLISH = "en"
    DUTCH = "nl"
    GERMAN = "de"
    POLISH = "pl"
    ITALIAN = "it"


NAMES: Final = {
    Language.ENGLISH: "English",
    Language.DUTCH: "Nederlands",
    Language.GERMAN: "Deutsch",
    Language.POLISH: "Polski",
    Language.ITALIAN: "Italiano",
}
"""Each in itself, for whoever looks for their own."""


@lru_cache(maxsize=len(Language))
def translations(language: Language) -> gettext.NullTranslations:
    """The catalogue of a language; English needs none."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    path = files("oms.languages").joinpath("locale", language, "LC_MESSAGES", f"{DOMAIN}.po")
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language.value, domain=DOMAIN)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
