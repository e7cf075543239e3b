"""A GraphQL request taken apart, as far as it needs no GraphQL library."""

import re
from typing import Any, Final

from api.sandbox.state import State

_ROOT: Final = re.compile(r"\{\s*(\w+)")
_PAIR: Final = re.compile(r"(\w+)\s*:\s*(\$?\w+)")

Json = dict[str, Any]


class Call:
    """One operation: its root field, and the arguments of any field in it."""

    def __init__(self, state: State, channel: str, body: Json) -> None:
        self.state, self.channel = state, channel
        self.query: str = body.get("query") or ""
        self.variables: Json = body.get("variables") or {}
        self.operation: str | None = body.get("operationName")
        found = _ROOT.search(self.query)
        self.root = found.group(1) if found else ""

    def arguments(self, field: str) -> Json:
        """The arguments of one field in the document, variables filled in."""
        found = re.search(rf"\b{field}\s*\(([^)]*)\)", self.query)
        pairs = _PAIR.findall(found.group(1)) if found else []
        return {
            name: self.variables.get(value[1:]) if value.startswith("$") else value
            for name, value in pairs
        }

    def page(self, field: str, nodes: list[Json]) -> Json:
        """The page of a connection that was asked for; the cursor is a position."""
        asked = self.arguments(field)
        start = int(asked.get("after") or 0)
        end = start + int(asked.get("first") or len(nodes) or 1)
        return {
            "nodes": nodes[start:end],
            "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(min(end, len(nodes)))},
        }
