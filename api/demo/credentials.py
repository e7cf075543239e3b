"""What a newcomer needs to come in, in words that are shown as they are."""

import json
from pathlib import Path
from typing import Final

from api.demo.files import write_private
from api.demo.keeping import FILE as SECRETS_FILE
from api.demo.keeping import Secrets
from api.demo.locations import NEWCOMERS_STORE
from oms.network.schema import NetworkFile, Product

FILE: Final = "demo-credentials.txt"
BADGE: Final = "100"
OPERATOR: Final = "operator"

_TEXT: Final = """\
Your store is {store} ({code}). No simulated associate works there: its queue is yours.
  1. Open this once; it makes your browser a device of the store:
     {web_url}/enrol#{token}
  2. Sign in with badge {badge} and PIN {pin}. You look after the store as well: the tab "Store".

Operations sees every order of every store: {web_url}/operations
  Login {operator}, password {password}

A pickup order for your store, as its till would send it; paste it into another terminal:
{curl}
What its customer is told, code to collect it included, stands on the order's page in operations.

All other keys, tokens and PINs are in {secrets_file} in the data folder.
"""


def write_credentials(
    data_dir: Path, *, secrets: Secrets, network: NetworkFile, web_url: str
) -> None:
    """Write the file, for its owner's eyes only."""
    store = next(one for one in network.locations if one.code == NEWCOMERS_STORE)
    text = _TEXT.format(
        store=store.name,
        code=store.code,
        web_url=web_url.rstrip("/"),
        token=secrets.places[store.code].device_token,
        badge=BADGE,
        pin=secrets.places[store.code].pin,
        operator=OPERATOR,
        password=secrets.operator_password,
        curl=_curl(_in_stock(network), network.currency, secrets.api_key, web_url.rstrip("/")),
        secrets_file=SECRETS_FILE,
    )
    write_private(data_dir / FILE, text)


def _curl(product: Product, currency: str, key: str, web_url: str) -> str:
    order = {
        "source": "till",
        "delivery": "pickup",
        "pickup_store": NEWCOMERS_STORE,
        "customer_name": "Robin Example",
        "customer_email": "robin@example.com",
        "currency": currency,
        "lines": [{"sku": product.sku, "quantity": 1, "unit_price_minor": product.price_minor}],
    }
    return (
        f"  curl -s {web_url}/v1/orders -H 'Authorization: Bearer {key}' \\\n"
        "    -H \"Idempotency-Key: till-$(date +%s)\" -H 'Content-Type: application/json' \\\n"
        f"    -d '{json.dumps(order, separators=(',', ':'))}'"
    )


def _in_stock(network: NetworkFile) -> Product:
    """What the newcomer's store has most of."""
    rows = [one for one in network.stock if one.location == NEWCOMERS_STORE]
    most = max(rows, key=lambda row: row.units)
    return next(product for product in network.products if product.sku == most.sku)
