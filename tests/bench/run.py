"""Runs suites of benchmarks on a release tree that is built; scripts/bench is the way to start it.

    python3 run.py --build DIR [OPTION...] [SUITE | SUITE/ROW]...

The table goes to stdout, progress to stderr. Targets that are not reached do not change the exit
code: 0 it measured, 1 it could not (the reason is the last line), 2 wrong usage.
"""

import argparse
import datetime
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import agent
import cluster
import dns
import growth
import http_reads
import machine
import plot
import report
import scale
import watches
import writes
from failure import Failure
from suite import Outcome, Setting

# A further suite is a module with ROWS, by name, and run(setting, names).
_SUITES = {
    "dns": dns,
    "http": http_reads,
    "writes": writes,
    "watches": watches,
    "agent": agent,
    "cluster": cluster,
    "scale": scale,
    "growth": growth,
}


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Ends the program on wrong usage."""
    rows = [f"{suite}/{row}" for suite, module in _SUITES.items() for row in module.ROWS]
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures rollcall against its peers and prints one table.",
        epilog="Rows: " + ", ".join(rows),
    )
    parser.add_argument("names", nargs="*", metavar="SUITE[/ROW]", help="default: all suites")
    parser.add_argument("--build", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=_positive, default=7, help="of each row (default 7)")
    parser.add_argument("--seconds", type=_positive, default=3, help="of each run (default 3)")
    parser.add_argument("--cores", help="SERVER,CLIENT (default: the first two)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all values there, too")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="write the curves there, as SVG")
    parser.add_argument(
        "--largest", type=_positive, metavar="N", help="leave out sizes above N of the curves"
    )
    parser.add_argument("--check-usage", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.names = options.names or list(_SUITES)
    for name in options.names:
        if name not in _SUITES and name not in rows:
            parser.error(f'no suite or row "{name}"; there are: {", ".join([*_SUITES, *rows])}')
    return options


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("expected a number above 0")
    return number


def wanted_rows(suite: str, names: Sequence[str]) -> list[str]:
    """The rows of the suite that the names ask for, in the suite's order."""
    return [row for row in _SUITES[suite].ROWS if suite in names or f"{suite}/{row}" in names]


def measure(options: argparse.Namespace) -> dict[str, Outcome]:
    """All suites that are asked for. Whatever they start has ended when this returns or raises."""
    cores = machine.choose_cores(options.cores)
    os.sched_setaffinity(0, {cores.client})  # the server has its core to itself
    began = time.monotonic()

    def say(line: str) -> None:
        elapsed_s = int(time.monotonic() - began)
        print(f"[{elapsed_s // 60}:{elapsed_s % 60:02}] {line}", file=sys.stderr, flush=True)

    outcomes: dict[str, Outcome] = {}
    for suite, module in _SUITES.items():
        rows = wanted_rows(suite, options.names)
        if not rows:
            continue
        with (
            tempfile.TemporaryDirectory(prefix="rollcall-bench.") as scratch,
            ExitStack() as cleanup,
        ):
            setting = Setting(
                options.build.resolve(),
                Path(scratch),
                cores,
                options.rounds,
                options.seconds,
                cleanup,
                say,
                options.largest,
            )
            outcomes[suite] = module.run(setting, rows)
    return outcomes


def write_json(path: Path, about: dict[str, object], outcomes: dict[str, Outcome]) -> None:
    """All values of all rounds."""
    suites = {
        suite: {
            "versions": outcome.versions,
            "commands": outcome.commands,
            "remarks": outcome.remarks,
            "rows": [report.row_as_json(row) for row in outcome.rows],
        }
        for suite, outcome in outcomes.items()
    }
    path.write_text(json.dumps({**about, "suites": suites}, indent=2) + "\n", encoding="utf-8")


def write_plots(folder: Path, outcomes: dict[str, Outcome]) -> None:
    """A file for each figure."""
    for outcome in outcomes.values():
        for name, figure in outcome.figures.items():
            (folder / f"{name}.svg").write_text(plot.svg(figure), encoding="utf-8")


def print_outcome(suite: str, outcome: Outcome) -> None:
    """The table, and below it how its numbers came about."""
    print(f"\n== {suite}")
    print(report.table(outcome.rows))
    print("\nversions")
    for name, version in outcome.versions.items():
        print(f"  {name}: {version}")
    print("\nservers")
    for command in outcome.commands:
        print(f"  {command}")
    print(f"\n{report.details(outcome.rows)}")
    for remark in outcome.remarks:
        print(f"\nnote: {remark}")


def end_orderly_on_signals() -> None:
    """The first one ends this program by way of an exception, which stops all that was started.

    Further ones change nothing: what is being stopped is stopped.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def end(number: int, _: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    for each in signals:
        signal.signal(each, end)


def main(arguments: Sequence[str]) -> None:
    """The program."""
    options = parse_arguments(arguments)
    if options.check_usage:
        return
    end_orderly_on_signals()
    about: dict[str, object] = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine.describe(),
        "revision": machine.revision(),
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    warning = machine.busy_warning()
    if warning:
        about["warning"] = warning
        print(f"bench: warning: {warning}", file=sys.stderr)
    try:
        if options.json is not None:
            options.json.touch()  # better now than after ten minutes
        if options.plots is not None:
            options.plots.mkdir(parents=True, exist_ok=True)
        outcomes = measure(options)
        for what, value in about.items():
            print(f"{what}: {value}")
        for suite, outcome in outcomes.items():
            print_outcome(suite, outcome)
        if options.json is not None:
            write_json(options.json, about, outcomes)
        if options.plots is not None:
            write_plots(options.plots, outcomes)
    except Failure as failure:
        if failure.log:
            print(failure.log, file=sys.stderr)
        print(f"bench: {failure}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        print(f"bench: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
