"""What a row of the suite "growth" hands back."""

from dataclasses import dataclass

from plot import Figure
from result import Row


@dataclass(frozen=True)
class Grown:
    """A row of the table for each size, the figures by their files' names, and the servers."""

    rows: list[Row]
    figures: dict[str, Figure]
    commands: list[str]
