"""Payloads of our own making, and a way to change one place in them."""

import copy
import json
import re
from pathlib import Path
from typing import Any

_PART = re.compile(r"(\w+)|\[(\d+)\]")
_ABSENT = object()


def payload(name: str, changes: dict[str, Any] | None = None) -> bytes:
    """The payload with places such as `line_items[0].quantity` changed; `ABSENT` removes one."""
    document = json.loads((Path(__file__).parent / f"{name}.json").read_text())
    for place, value in (changes or {}).items():
        _set(document, place, value)
    return json.dumps(document).encode()


ABSENT = _ABSENT


def _set(document: Any, place: str, value: object) -> None:
    *way, last = [int(index) if index else name for name, index in _PART.findall(place)]
    for part in way:
        document = document[part]
    if value is _ABSENT:
        del document[last]
    else:
        document[last] = copy.deepcopy(value)
