"""Hold documents against a carrier's official OpenAPI schema, where its file is given.

The files have known faults; each is named here and mended before use, nothing else is.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final


class Official:
    """The schemas of one official file, by name."""

    def __init__(self, path: Path) -> None:
        import yaml  # both only where schemas are given

        # Shipping.yaml has a tab where YAML allows none.
        text = path.read_text(encoding="utf-8").replace("\t", "    ")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document: dict[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506 - a safe one
        self._mend = _MENDS.get(path.name)
        if self._mend:
            self.document = deepcopy(self.document)
            self._mend(self.document["components"]["schemas"])

    def faults(self, schema: str, document: Any) -> list[str]:
        """What is wrong with a document: where, and why."""
        validator = self._validator(schema)
        return [
            f"{'.'.join(str(part) for part in error.absolute_path) or 'body'}: {error.message}"
            for error in validator.iter_errors(document)
        ][:20]

    def _validator(self, schema: str) -> Any:
        from jsonschema import Draft202012Validator

        return Draft202012Validator(
            {"$ref": f"#/components/schemas/{schema}", "components": self.document["components"]}
        )


@cache
def official(folder: Path, name: str) -> Official | None:
    """An official file's schemas; None where the folder does not hold it."""
    path = folder / name
    return Official(path) if path.is_file() else None


def _mend_rating(schemas: dict[str, Any]) -> None:
    """Service codes have two characters; the file wants three."""
    code = schemas["Shipment_Service"]["properties"]["Code"]
    code["minLength"], code["maxLength"] = 2, 3


def _mend_shipping(schemas: dict[str, Any]) -> None:
    """Label recovery: the file's own example breaks it.

    It requires Roadie numbers and references of every request, where one of three ways to name
    the label is meant, and four characters for formats such as ZPL.
    """
    recovery = schemas["LabelRecoveryRequest"]
    recovery["required"] = ["Request"]
    for name in (
        "LabelRecovery_LabelSpecification_LabelImageFormat",
        "LabelImage_LabelImageFormat",
    ):
        schemas[name]["properties"]["Code"]["minLength"] = 3


_MENDS: Final[Mapping[str, Callable[[dict[str, Any]], None]]] = {
    "ups-Rating.yaml": _mend_rating,
    "ups-Shipping.yaml": _mend_shipping,
}
