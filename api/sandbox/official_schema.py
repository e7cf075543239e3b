"""Shopify's official schema at work, by graphql-core; loaded only when a schema file is given."""

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLError,
    OperationDefinitionNode,
    build_client_schema,
    execute_sync,
    get_operation_ast,
    get_variable_values,
    parse,
    validate,
)

_GZIP = b"\x1f\x8b"


class OfficialSchema:
    """The schema of one API version."""

    def __init__(self, path: Path) -> None:
        raw = path.read_bytes()
        document = json.loads(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
        # The published introspection breaks a rule of its own specification; queries do not care.
        self._schema = build_client_schema(document.get("data", document), assume_valid=True)

    def faults(
        self, document: str, variables: Mapping[str, Any], operation: str | None
    ) -> list[str]:
        """What is wrong with a request: its syntax, its fields, the values of its variables."""
        try:
            parsed = parse(document)
        except GraphQLError as error:
            return [error.message]
        if errors := validate(self._schema, parsed):
            return [error.message for error in errors]
        chosen = get_operation_ast(parsed, operation)
        if not isinstance(chosen, OperationDefinitionNode):
            return [f"there is no operation {operation}"]
        values = get_variable_values(
            self._schema, chosen.variable_definitions or (), dict(variables)
        )
        return [error.message for error in values] if isinstance(values, list) else []

    def completed(
        self,
        document: str,
        variables: Mapping[str, Any],
        operation: str | None,
        answer: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The answer cut to what was asked for; raises if a value is not of the schema's type."""
        result = execute_sync(
            self._schema,
            parse(document),
            root_value=answer,
            variable_values=dict(variables),
            operation_name=operation,
        )
        if result.errors:
            raise result.errors[0]
        return result.data or {}
