"""Let templates speak: what they are given as `speech` translates and writes for them."""

from collections.abc import Mapping
from datetime import datetime

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from oms.languages.speech import Speech


def install(environment: Environment) -> None:
    """Teach an environment `_`, `{% trans %}`, and the filters of one person's language."""
    environment.add_extension("jinja2.ext.i18n")
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        _gettext, _ngettext, newstyle=True
    )
    environment.filters.update(
        on_day=_on_day, at_moment=_at_moment, at_time=_at_time, money=_money, stamped=_stamped
    )


def _speech(context: Context | Mapping[str, object]) -> Speech:
    found = context["speech"]
    assert isinstance(found, Speech)
    return found


@pass_context
def _gettext(context: Context, message: str) -> str:
    return _speech(context).gettext(message)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int) -> str:
    return _speech(context).ngettext(one, many, number)


@pass_context
def _on_day(context: Context, moment: datetime, zone: str) -> str:
    return _speech(context).day(moment, zone)


@pass_context
def _at_moment(context: Context, moment: datetime, zone: str) -> str:
    return _speech(context).moment(moment, zone)


@pass_context
def _at_time(context: Context, moment: datetime, zone: str) -> str:
    return _speech(context).clock_time(moment, zone)


@pass_context
def _stamped(context: Context, moment: datetime, zone: str) -> str:
    return _speech(context).stamp(moment, zone)


@pass_context
def _money(context: Context, minor: int, currency: str) -> str:
    return _speech(context).money(minor, currency)
