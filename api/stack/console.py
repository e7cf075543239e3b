"""What `oms up` prints: one line per part, then where everything is."""

from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

from rich.console import Console as Screen
from rich.text import Text

from api.stack.errors import StackError

TITLE_WIDTH = 26


class Console:
    """The terminal, or a plain file; one that went away silences us and stops nothing."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._screen = Screen(file=file, highlight=False)

    def say(self, line: str = "", *, style: str = "") -> None:
        """Print text as it is, however long its lines."""
        with suppress(OSError):
            self._screen.print(Text(line, style=style), soft_wrap=True)

    def ready(self, title: str, *, seconds: float) -> None:
        """Report a part that came up, or a step that is done."""
        self.say(f"  {title:<{TITLE_WIDTH}}{seconds:5.1f} s")

    def addresses(self, table: Mapping[str, str]) -> None:
        """Print names beside what they stand for."""
        for name, value in table.items():
            self.say(f"  {name:<{TITLE_WIDTH}}{value}")

    def refuse(self, error: StackError) -> None:
        """Say what went wrong and the way out."""
        self.say(f"oms up: {error.message}", style="red")
        if error.remedy:
            self.say(f"        {error.remedy}")
