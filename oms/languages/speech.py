"""Speak to one person: their language, and how their country writes dates and money."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency

from oms import money
from oms.languages.catalogues import Language, translations

_MOST_TAGS: Final = 20


@dataclass(frozen=True, slots=True)
class Speech:
    """A language with a country's habits, such as German in Austria."""

    language: Language
    locale: Locale

    def gettext(self, message: str) -> str:
        """The wording of a message."""
        return translations(self.language).gettext(message)

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The wording for so many things; Polish has three of them."""
        return translations(self.language).ngettext(one, many, number)

    def moment(self, moment: datetime, zone: str) -> str:
        """A day and time on the clock of a place ("Tuesday, March 3, 2:30 PM")."""
        there = moment.astimezone(ZoneInfo(zone))
        time = format_time(there, "short", tzinfo=ZoneInfo(zone), locale=self.locale)
        pattern: str = self.locale.datetime_formats["medium"]
        return pattern.format(time, self.weekday(there.date()))

    def day(self, moment: datetime, zone: str) -> str:
        """A day on the calendar of a place ("Tuesday, March 3")."""
        return self.weekday(moment.astimezone(ZoneInfo(zone)).date())

    def clock_time(self, moment: datetime, zone: str) -> str:
        """The time of day on the clock of a place ("14:30", "2:30 PM")."""
        there = ZoneInfo(zone)
        return format_time(moment.astimezone(there), "short", tzinfo=there, locale=self.locale)

    def stamp(self, moment: datetime, zone: str) -> str:
        """A moment that has passed, short and with its year."""
        there = ZoneInfo(zone)
        return format_datetime(moment.astimezone(there), "short", tzinfo=there, locale=self.locale)

    def money(self, minor: int, currency: str) -> str:
        """An amount of money ("$12.50", "12,50 €")."""
        amount = Decimal(money.to_decimal(minor, currency=currency))
        return format_currency(amount, currency, locale=self.locale)

    def country(self, code: str) -> str:
        """The name of a country ("Polen")."""
        return str(self.locale.territories.get(code.upper(), code))

    def address(
        self, *, street: str, city: str, postcode: str, country: str, region: str = ""
    ) -> tuple[str, ...]:
        """The lines of an address as its own country writes them; abroad with the country.

        Town lines follow the Universal Postal Union's guides for each country.
        """
        lines = (street, *_town(city=city, region=region, postcode=postcode, country=country))
        abroad = (country,) if country != self.locale.territory else ()
        return (*(line for line in lines if line), *(self.country(code) for code in abroad))

    def weekday(self, day: date) -> str:
        """The day with its weekday and without its year, each language in its own sequence."""
        pattern = self.locale.date_formats["full"].pattern
        for year in (", y", " 'г'.", " y", "y"):
            pattern = pattern.replace(year, "")
        return format_date(day, pattern.strip(" ,"), locale=self.locale)


def speech(tag: str) -> Speech | None:
    """How to speak to somebody of a locale ("de-AT", "nl_BE"); None if we have not the language."""
    language, _, rest = tag.strip().replace("_", "-").partition("-")
    if language.lower() not in set(Language):
        return None
    spoken = Language(language.lower())
    territory = next((part.upper() for part in rest.split("-") if len(part) == 2), None)
    return Speech(spoken, _locale(spoken, territory))


def english() -> Speech:
    """What is spoken when nothing is known."""
    return Speech(Language.ENGLISH, _locale(Language.ENGLISH, None))


def choose(*tags: str, accept_language: str = "", country: str = "") -> Speech:
    """Speak by the first of the tags that we have, else as the browser asks, else English.

    A language that names no country is given `country`'s habits, if it is spoken there.
    """
    for tag in (*tags, *_accepted(accept_language)):
        found = speech(tag)
        if found is not None:
            if found.locale.territory is None and country:
                return Speech(found.language, _locale(found.language, country.upper()))
            return found
    return Speech(Language.ENGLISH, _locale(Language.ENGLISH, country.upper() or None))


def _accepted(header: str) -> Iterator[str]:
    """The tags of an Accept-Language header, the most wanted first (RFC 9110, 12.5.4)."""
    weighed = []
    for at, part in enumerate(header.split(",")[:_MOST_TAGS]):
        tag, _, parameter = part.partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if weight > 0:
            weighed.append((-weight, at, tag))
    return (tag for _, _, tag in sorted(weighed))


@lru_cache(maxsize=256)
def _locale(language: Language, territory: str | None) -> Locale:
    """The language in a country if it is spoken there, else as it is spoken at home."""
    try:
        return Locale(language.value, territory)
    except (UnknownLocaleError, ValueError):
        return Locale(language.value)


def _town(*, city: str, region: str, postcode: str, country: str) -> tuple[str, ...]:
    match country.upper():
        case "US":
            return (f"{city}, {region} {postcode}" if region else f"{city} {postcode}",)
        case "CA" | "AU":
            return (" ".join(part for part in (city, region, postcode) if part),)
        case "GB" | "IE":
            return (city, postcode)
        case "IT":
            return (" ".join(part for part in (postcode, city, region) if part),)
        case _:
            return (f"{postcode} {city}".strip(),)
