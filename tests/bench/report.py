"""The results as a table for people and as JSON for programs."""

from collections.abc import Sequence

from result import SUBJECT, Measure, Row, Spread, Target

_GAP = "  "


def table(rows: Sequence[Row]) -> str:
    """One line for each measure of each row: the sides' values, the ratios, what was reached."""
    others = _other_sides(rows)
    head = ["work", "measured", SUBJECT, *others, *(f"/{side}" for side in others), "to reach"]
    lines = [head]
    for row in rows:
        for number, measure in enumerate(row.measures):
            lines.append(
                [
                    row.work if number == 0 else "",
                    measure.name,
                    *(
                        _number(row.spread(measure, side), measure.decimals)
                        for side in (SUBJECT, *others)
                    ),
                    *(_number(row.ratio(measure, side), 2) for side in others),
                    _verdicts(row, measure),
                ]
            )
    return "\n".join(_aligned(lines))


def details(rows: Sequence[Row]) -> str:
    """What each row did and with which commands."""
    lines: list[str] = []
    for row in rows:
        lines.append(f"{row.name}: {row.work}")
        lines += [f"  {note}" for note in row.notes]
        lines += [f"  {what}: {command}" for what, command in row.commands.items()]
    return "\n".join(lines)


def row_as_json(row: Row) -> dict[str, object]:
    """Everything that is known of a row, each round's values included."""
    return {
        "name": row.name,
        "work": row.work,
        "notes": row.notes,
        "commands": row.commands,
        "measures": {
            measure.name: {side: _spread_as_json(row.spread(measure, side)) for side in row.sides()}
            for measure in row.measures
        },
        "ratios": {
            measure.name: {
                side: _spread_as_json(row.ratio(measure, side))
                for side in row.sides()
                if side != SUBJECT
            }
            for measure in row.measures
            if measure.compared
        },
        "targets": [_target_as_json(row, target) for target in row.targets],
        "rounds": row.rounds,
    }


def _other_sides(rows: Sequence[Row]) -> list[str]:
    """In the order in which they first appear."""
    return list(dict.fromkeys(side for row in rows for side in row.sides() if side != SUBJECT))


def _verdicts(row: Row, measure: Measure) -> str:
    words = {True: "reached", False: "NOT REACHED", None: "not measured"}
    return "; ".join(
        f"{target.text()}: {words[row.reached(target)]}"
        for target in row.targets
        if target.measure == measure.name
    )


def _number(spread: Spread | None, decimals: int) -> str:
    return "-" if spread is None else f"{spread.value:,.{decimals}f}"


def _aligned(lines: list[list[str]]) -> list[str]:
    """Text (the first two columns and the last) to the left, numbers to the right."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    last = len(widths) - 1
    aligned = []
    for line in lines:
        cells = [
            cell.ljust(width) if column in (0, 1, last) else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        aligned.append(_GAP.join(cells).rstrip())
    return aligned


def _spread_as_json(spread: Spread | None) -> dict[str, float] | None:
    return (
        None if spread is None else {"value": spread.value, "min": spread.low, "max": spread.high}
    )


def _target_as_json(row: Row, target: Target) -> dict[str, object]:
    return {"measure": target.measure, "text": target.text(), "reached": row.reached(target)}
