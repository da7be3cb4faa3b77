"""What a suite of benchmarks is given, and what it hands back."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from machine import Cores
from plot import Figure
from result import Row


@dataclass(frozen=True)
class Setting:
    """Given to a suite, which gives what it starts to `cleanup`: that ends it, the last first."""

    build: Path  # of the release tree
    scratch: Path
    cores: Cores
    rounds: int
    seconds: int
    cleanup: ExitStack
    say: Callable[[str], None]  # progress, a line each
    largest: int | None = None  # of the sizes of a curve; None: each has its own


@dataclass
class Outcome:
    """Handed back by a suite."""

    rows: list[Row] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)  # of the servers that were measured
    remarks: list[str] = field(default_factory=list)  # e.g. what was not there to compare with
    figures: dict[str, Figure] = field(default_factory=dict)  # by the names of their files


def measure_rows(
    setting: Setting, names: Sequence[str], measure: Callable[[str], Row], outcome: Outcome
) -> None:
    """Adds the rows of these names to the outcome, one after another."""
    for name in names:
        setting.say(f"row {name}")
        outcome.rows.append(measure(name))
