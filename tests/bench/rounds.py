"""The rounds of a row: what each side is measured by, in turn."""

from collections.abc import Callable, Mapping

from result import Row, Sample
from suite import Setting


def alternate(
    setting: Setting,
    row: Row,
    measuring: Mapping[str, Callable[[], Sample]],
    said_of: Callable[[str, Sample], str],
) -> None:
    """Fills the row's rounds. Each begins with another side, so that none has the best place.

    `measuring` has for each side what measures it once; `said_of` says for a line of progress what
    came of it.
    """
    sides = list(measuring)
    for number in range(setting.rounds):
        first = number % len(sides)
        samples: dict[str, Sample] = {}
        for side in (*sides[first:], *sides[:first]):
            samples[side] = measuring[side]()
            setting.say(
                f"{row.name}, round {number + 1} of {setting.rounds}: "
                + said_of(side, samples[side])
            )
        row.rounds.append(samples)
