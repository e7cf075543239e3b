"""Hold GraphQL requests and answers against Shopify's official schema, where there is one.

The module behind it needs graphql-core, which only the development dependencies bring; it is
loaded by name when a schema file is given. Without one the sandbox plays Shopify unchecked.
"""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

from oms.errors import Invalid

Json = Mapping[str, Any]


class Schema(Protocol):
    """A schema that requests and answers can be held against."""

    def faults(self, document: str, variables: Json, operation: str | None) -> list[str]:
        """What is wrong with a request; empty if nothing is."""

    def completed(
        self, document: str, variables: Json, operation: str | None, answer: Json
    ) -> dict[str, Any]:
        """The answer cut to what was asked for; raises if a value is not of the schema's type."""


def load_schema(path: Path) -> Schema:
    """The schema in a file of introspection JSON, gzipped or not."""
    try:
        module = importlib.import_module("api.sandbox.official_schema")
        return cast("Schema", module.OfficialSchema(path))
    except ModuleNotFoundError as error:
        raise Invalid(
            "--shopify-schema needs graphql-core, which is not installed",
            field="--shopify-schema",
            remedy="install the development dependencies, or leave the option out",
        ) from error
    except (OSError, ValueError) as error:
        raise Invalid(
            f"the schema {path} cannot be read: {error}", field="--shopify-schema"
        ) from error
