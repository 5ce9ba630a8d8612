"""``python -m benchmarks``: measure everything in one run and print it. See README.md in this folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import tables
from benchmarks.cases import every_case
from benchmarks.measure import Case, Meter, Result

FULL = (5, 0.2)  # rounds, seconds for each figure
QUICK = (3, 0.03)


def chosen(names: Sequence[str] | None) -> list[Case]:
    """The cases whose name contains one of ``names``; all without any."""
    known = every_case()
    if not names:
        return known
    found = [case for case in known if any(name.lower() in case.name for name in names)]
    if not found:
        there = ", ".join(repr(name) for name in dict.fromkeys(case.name for case in known))
        sys.exit(f"benchmarks: --only {', '.join(map(repr, names))} matches nothing; there are {there}")
    return found


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure groupkit beside others.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter figures: a first impression")
    parser.add_argument("--only", metavar="NAME", action="append", help="cases whose name contains NAME (repeatable)")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every figure into FILE")
    given = parser.parse_args(words)
    if given.json is not None and not given.json.absolute().parent.is_dir():
        parser.error(f"--json {given.json}: there is no folder {given.json.parent}")
    meter = Meter(*(QUICK if given.quick else FULL))
    results: list[Result] = []
    for what, so_far in meter.run(chosen(given.only)):
        print(f"benchmarks: {what}", file=sys.stderr, flush=True)
        results = so_far
    print(tables.heading(meter))
    for title, table in (
        ("groupkit", tables.ratio_table(results)),
        ("The others", tables.figure_table(results)),
        ("The election trial", tables.trial_table(results)),
        ("Gates (everything on) and goals (record=False)", tables.gate_table(results)),
    ):
        if table:
            print(f"\n== {title} ==\n{table}")
    if given.json is not None:
        given.json.write_text(json.dumps(tables.as_data(meter, results), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
