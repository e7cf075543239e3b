"""Write what the demo's processes read at their start: settings, the shops' own, the shop book."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from api.demo import carriers
from api.demo.book import book
from api.demo.files import write_private
from api.demo.keeping import Secrets, kept
from api.demo.network import CURRENCY, network
from api.demo.products import CHANNELS
from api.sandbox.book import Book
from api.sandbox.config import SandboxConfig, ShopConfig
from api.sandbox.stock import ONLINE
from api.stack.options import MAIL_PORT
from oms.channels.stock import REST

SETTINGS, SANDBOX, BOOK = "tributary.toml", "sandbox.json", "shop-book.json"
CARRIER_LEDGER: Final = "simulated-carrier.sqlite3"

_CARRIER_SPEED: Final = 4320.0
"""Three days on the road take a minute."""
_TRACKING_POLL_S: Final = 5
_HEADING: Final = "# Written at each start of the demo; changes made here are lost."
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


def prepare(
    data_dir: Path,
    *,
    web_url: str,
    sandbox_url: str,
    mail_port: int = MAIL_PORT,
    shared: Path | None = None,
) -> None:
    """Write the settings file that `TRIBUTARY_CONFIG` is to name, and the sandbox's two files.

    Secrets are made at the first call and stay; addresses are those of this call. `shared` is the
    folder of real data, for a larger network. Each file is readable by its owner only.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole = network(shared=shared)
    secrets = kept(data_dir, places=[place.code for place in whole.locations])
    shops = book(whole, shared=shared)
    settings = _settings(
        data_dir, secrets, shops, web_url=web_url, sandbox_url=sandbox_url.rstrip("/")
    ) | {"smtp_url": f"smtp://127.0.0.1:{mail_port}", "mail_from": "shop@tributary.example"}
    write_private(data_dir / SETTINGS, "\n".join([_HEADING, *_toml(settings), ""]))
    sandbox = _sandbox(secrets, web_url=web_url, mail_port=mail_port)
    write_private(data_dir / SANDBOX, sandbox.model_dump_json(indent=2) + "\n")
    write_private(data_dir / BOOK, TypeAdapter(Book).dump_json(shops, indent=1).decode() + "\n")


def _settings(
    data_dir: Path, secrets: Secrets, shops: Book, *, web_url: str, sandbox_url: str
) -> dict[str, Any]:
    return {
        "public_url": web_url,
        "carrier": "simulated",
        "compare_carriers": list(carriers.COMPARED),
        "carrier_seed": secrets.carrier_seed,
        "carrier_currency": CURRENCY,
        "simulated_carrier_speed": _CARRIER_SPEED,
        "simulated_carrier_ledger": str(data_dir.absolute() / CARRIER_LEDGER),
        "tracking_poll_seconds": _TRACKING_POLL_S,
        "channels": {
            channel: _channel(channel, secrets, shops, sandbox_url=sandbox_url)
            for channel in CHANNELS
        },
        "carriers": carriers.settings(secrets.carrier_seed, sandbox_url=sandbox_url),
    }


def _channel(channel: str, secrets: Secrets, shops: Book, *, sandbox_url: str) -> dict[str, Any]:
    """One channel. The code of each is also its kind and its path in the sandbox."""
    known = secrets.shops[channel]
    common = {"kind": channel, "secrets": [known.secret], "api_url": f"{sandbox_url}/{channel}"}
    places = {
        store.channel_locations.get(channel, store.name): store.code for store in shops.stores
    }
    match channel:
        case "shopify":
            return common | {
                "access_token": known.access_token,
                "locations": places,
                "stock_locations": places | {ONLINE: REST},
            }
        case "woocommerce":
            keys = {
                "consumer_key": known.consumer_key,
                "consumer_secret": known.consumer_secret,
            }
            return common | keys | {"locations": places}
        case _:  # the reference channel calls our stores by our codes
            return common | {"api_url": f"{sandbox_url}/{channel}/webhooks"}


def _sandbox(secrets: Secrets, *, web_url: str, mail_port: int) -> SandboxConfig:
    return SandboxConfig(
        oms_url=web_url,
        mail_port=mail_port,
        shops={
            channel: ShopConfig.model_validate(
                {"kind": channel, "currency": CURRENCY, **secrets.shops[channel].model_dump()}
            )
            for channel in CHANNELS
        },
        carriers=carriers.played(secrets.carrier_seed, speed=_CARRIER_SPEED),
    )


def _toml(table: Mapping[str, Any], *, name: str = "") -> Iterator[str]:
    """A table in TOML. Strings, numbers and lists of strings are written as in JSON."""
    plain = {key: value for key, value in table.items() if not isinstance(value, Mapping)}
    if name and plain:
        yield f"\n[{name}]"
    for key, value in plain.items():
        yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _toml(value, name=f"{name}.{_key(key)}" if name else _key(key))


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
