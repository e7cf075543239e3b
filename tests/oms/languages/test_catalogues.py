"""Every wording is translated into every language, and says the same with the same placeholders."""

import re

import pytest
from babel.messages.catalog import Message

from oms.languages.catalogues import Language, translations
from tests.oms.languages.collecting import TRANSLATED, catalogue, collected

PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def ways(message: Message) -> list[str]:
    """The translations of a message: one, or one for each plural form."""
    if isinstance(message.string, str):
        return [message.string]
    return list(message.string)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_wording_is_translated_with_its_placeholders(language: Language) -> None:
    known, faults = catalogue(language), []
    wordings = [message for message in collected() if message.id]
    assert len(wordings) > 100
    for message in wordings:
        found = known.get(message.id, message.context)
        if found is None or found.fuzzy or not all(ways(found)):
            faults.append(f"not translated: {message.id!r}")
            continue
        plural = not isinstance(message.id, str)
        if len(ways(found)) != (known.num_plurals if plural else 1):
            faults.append(f"not {known.num_plurals} plural forms: {message.id!r}")
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        wanted = placeholders(ids[-1])
        # Where one is meant, the number itself may be left out.
        allowed = [wanted, wanted - {"count"}] if plural else [wanted]
        faults += [
            f"other placeholders: {text!r}"
            for text in ways(found)
            if placeholders(text) not in allowed
        ]
    assert faults == []
    assert {m.id for m in known if m.id} == {m.id for m in wordings}, "run `make messages`"


def test_polish_has_its_three_numbers() -> None:
    polish = translations(Language.POLISH)
    one, many = (
        "A parcel of your order %(order)s has left us.",
        "%(count)s parcels of your order %(order)s have left us.",
    )
    said = [polish.ngettext(one, many, number) for number in (1, 2, 5, 22, 25)]
    assert len(set(said)) == 3
    assert (said[1], said[2]) == (said[3], said[4])
