"""Hold requests and answers against Amazon's official models, where their folder is given."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

ORDERS: Final = "amazon-orders_2026-01-01.json"
V0: Final = "amazon-ordersV0.json"


class Models:
    """The schemas of one official file (Swagger 2.0), by name."""

    def __init__(self, path: Path) -> None:
        document = json.loads(path.read_bytes())
        self._definitions = _closed(document["definitions"])

    def faults(self, schema: str, document: Any) -> list[str]:
        """What is wrong with a document: where, and why. A property that is not listed is wrong."""
        # A development dependency, there only where schemas are.
        from jsonschema import Draft4Validator, FormatChecker

        validator = Draft4Validator(
            {"$ref": f"#/definitions/{schema}", "definitions": self._definitions},
            format_checker=FormatChecker(),
        )
        return [
            f"{'.'.join(str(part) for part in error.absolute_path) or 'body'}: {error.message}"
            for error in validator.iter_errors(document)
        ][:20]


def _closed(definitions: dict[str, Any]) -> dict[str, Any]:
    """The definitions without room for what they do not name."""
    return {
        name: definition | {"additionalProperties": False}
        if definition.get("properties")
        else definition
        for name, definition in definitions.items()
    }


@cache
def models(folder: Path, name: str) -> Models | None:
    """An official file's schemas; None where the folder does not hold it."""
    path = folder / name
    return Models(path) if path.is_file() else None


def load(folder: Path) -> None:
    """Read the files before the first request comes, which would have to wait for them."""
    for name, schema in ((ORDERS, "Order"), (V0, "ConfirmShipmentRequest")):
        if (found := models(folder, name)) is not None:
            found.faults(schema, {})
