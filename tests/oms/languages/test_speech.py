"""Dates, money and addresses as each country writes them; who is spoken to in what."""

from datetime import UTC, datetime

import pytest
from babel import Locale

from oms.languages.catalogues import Language
from oms.languages.speech import Speech, choose, speech

EVENING = datetime(2026, 6, 22, 22, 30, tzinfo=UTC)


def spoken(tag: str) -> Speech:
    found = speech(tag)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("tag", "moment", "day", "amount"),
    [
        ("en-US", "Monday, June 22, 6:30 PM", "Tuesday, June 23", "€1,234.50"),
        ("en-GB", "Monday, 22 June, 18:30", "Tuesday, 23 June", "€1,234.50"),
        ("nl-NL", "maandag 22 juni, 18:30", "dinsdag 23 juni", "€ 1.234,50"),
        ("de-DE", "Montag, 22. Juni, 18:30", "Dienstag, 23. Juni", "1.234,50 €"),
        ("pl-PL", "poniedziałek, 22 czerwca, 18:30", "wtorek, 23 czerwca", "1234,50 €"),
        ("it-IT", "lunedì 22 giugno, 18:30", "martedì 23 giugno", "1.234,50 €"),
    ],
)
def test_each_country_writes_in_its_own_way(tag: str, moment: str, day: str, amount: str) -> None:
    found = spoken(tag)
    plain = (
        found.moment(EVENING, "America/New_York"),
        found.day(EVENING, "Europe/Berlin"),
        found.money(123_450, "EUR"),
    )
    said = tuple(text.replace("\u00a0", " ").replace("\u202f", " ") for text in plain)
    assert said[:2] == (moment, day)
    assert said[2].replace(" ", "") == amount.replace(" ", "")


@pytest.mark.parametrize(
    ("country", "town"),
    [
        ("US", ("New York, NY 10001",)),
        ("GB", ("New York", "10001")),
        ("CA", ("New York NY 10001",)),
        ("IT", ("10001 New York NY",)),
        ("PL", ("10001 New York",)),
    ],
)
def test_an_address_is_written_as_its_own_country_does(country: str, town: tuple[str, ...]) -> None:
    place = {"street": "1 High", "city": "New York", "postcode": "10001", "region": "NY"}
    at_home = Speech(Language.ENGLISH, Locale("en", "GB" if country == "GB" else "US"))
    abroad = spoken("nl-NL").address(country=country, **place)
    assert abroad == ("1 High", *town, spoken("nl").country(country))
    if country in ("US", "GB"):  # nobody writes the country on a letter at home
        assert at_home.address(country=country, **place) == ("1 High", *town)


@pytest.mark.parametrize(
    ("tags", "header", "language"),
    [
        (("de-AT",), "nl", "de"),
        (("",), "fr;q=1, pl;q=0.8, nl;q=0.9", "nl"),
        (("fr", "it"), "", "it"),
        (("tlh",), "fr, *;q=0.1", "en"),
        (("",), "nl;q=0, pl;q=x, de;q=0.1", "de"),
        (("de_DE_POSIX" * 9, "x" * 5_000), "," * 9_000, "de"),
    ],
)
def test_the_first_that_we_speak_is_spoken(
    tags: tuple[str, ...], header: str, language: str
) -> None:
    assert choose(*tags, accept_language=header).language is Language(language)


def test_a_language_takes_the_habits_of_the_country_it_is_spoken_in() -> None:
    assert str(choose("de", country="AT").locale) == "de_AT"
    assert str(choose("pl", country="US").locale) == "pl"
