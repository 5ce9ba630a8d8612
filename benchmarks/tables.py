"""The results as plain text, fit for a terminal and for a page."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from typing import Any

from benchmarks import cases, gates
from benchmarks.measure import Meter, Result, Series

CAVEAT = "All peers in one process: no fsync, no serialisation of messages, simulated links. Figures of this run only."
RATIOS = {
    "÷ PySyncObj": gates.PYSYNCOBJ,
    "÷ tuned": cases.TUNED,
    "÷ happysim": cases.HAPPYSIM,
    "÷ SimPy": cases.SIMPY,
    "÷ floor": cases.FLOOR,
}
OTHERS = (cases.BATCHED, cases.PLAIN, cases.TUNED, cases.HAPPYSIM, cases.SIMPY, cases.FLOOR)


def number(value: float) -> str:
    """Three digits that matter, thousands as k, millions as M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if value >= 0.9995 * size:
            return number(value / size) + letter
    return f"{value:.0f}" if value >= 99.95 else f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def spread(series: Series | None, unit: str = "") -> str:
    """Median, and in brackets the lowest and the highest."""
    if series is None:
        return "–"
    low, middle, high = (number(value) for value in (series.low, series.median, series.high))
    return f"{middle}{unit} ({low}–{high})"


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, the first to the left."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)


def machine() -> str:
    """What this ran on."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python}, {platform.machine()}, {os.cpu_count()} cores"


def heading(meter: Meter) -> str:
    """What all tables of a run have in common."""
    busy = meter.wall / meter.cpu if meter.cpu else 1.0
    return (
        f"{machine()}; {meter.rounds} rounds, contenders in turn; median (lowest–highest).\n"
        f"Seconds are those of this process on a core; by the wall clock the run took {busy:.2f} times as long.\n"
        f"Figures taken again because the computer was disturbed: {meter.again}.\n"
        f"{CAVEAT}"
    )


def ratio_table(results: Sequence[Result]) -> str:
    """groupkit: each figure, and how many times as good it is as the others; with the heap price beside it."""
    head = ["", "n", "groupkit", "figure", *RATIOS, "heap, ns"]
    rows = []
    for result in results:
        for mine in (cases.RECORDED, cases.BARE):
            if mine not in result.series:
                continue
            first = mine == cases.RECORDED
            name = [result.case.name, str(result.case.peers or "")] if first else ["", ""]
            ratios = [spread(gates.against(result, mine, other)) for other in RATIOS.values()]
            figure = spread(result.series[mine], unit_of(result))
            rows.append([*name, mine, figure, *ratios, spread(result.noise) if first else ""])
    return f"Above 1: groupkit is better.\n\n{grid(head, rows)}\n\n{CAVEAT}"


def figure_table(results: Sequence[Result]) -> str:
    """The figures of the others."""
    used = [name for name in OTHERS if any(name in result.series for result in results)]
    rows = [
        [
            result.case.name,
            str(result.case.peers),
            *(spread(result.series.get(name), unit_of(result) if name in result.series else "") for name in used),
        ]
        for result in results
        if any(name in result.series for name in used)
    ]
    return f"{grid(['', 'n', *used], rows)}\n\n{CAVEAT}" if rows else ""


def trial_table(results: Sequence[Result]) -> str:
    """The election trial as a unit: so many a second, so long for one of its events."""
    found = next((result for result in results if result.case.name == cases.TRIAL), None)
    if found is None:
        return ""
    events, rows = cases.trial_events(), []
    for name, series in found.series.items():
        each = Series([figure / events[name] for figure in series.figures]) if name in events else None
        runs = Series([1e6 / figure for figure in series.figures])
        rows.append([name, spread(runs, "/s"), f"{events[name]:.1f}" if name in events else "–", spread(each, " µs")])
    return f"{grid(['', 'runs', 'events of a run', 'an event'], rows)}\n\n{CAVEAT}"


def gate_table(results: Sequence[Result]) -> str:
    """Whether each gate and each goal is met."""
    rows = []
    for verdict in gates.verdicts(results):
        gate = verdict.gate
        bound = f"{'≤' if verdict.most else '≥'} {number(verdict.threshold)} {verdict.unit}"
        state = "met" if verdict.met else "NOT MET"
        rows.append([verdict.kind, gate.case, str(gate.peers or ""), bound, spread(verdict.measured), state])
    return f"{grid(['', 'of', 'n', 'asked', 'measured', ''], rows)}\n\n{CAVEAT}" if rows else ""


def unit_of(result: Result) -> str:
    """The unit, as it follows a number."""
    unit = result.case.unit
    return unit if unit.startswith("/") else f" {unit}"


def as_data(meter: Meter, results: Sequence[Result]) -> dict[str, Any]:
    """Everything as plain data for a JSON file."""
    return {
        "machine": machine(),
        "rounds": meter.rounds,
        "taken_again": meter.again,
        "wall_per_cpu_second": meter.wall / meter.cpu if meter.cpu else None,
        "caveat": CAVEAT,
        "cases": [
            {
                "name": result.case.name,
                "peers": result.case.peers,
                "unit": result.case.unit,
                "more_is_better": result.case.more_is_better,
                "figures": {name: series.figures for name, series in result.series.items()},
                "heap_ns": result.noise.figures,
            }
            for result in results
        ],
        "verdicts": [
            {
                "kind": verdict.kind,
                "case": verdict.gate.case,
                "peers": verdict.gate.peers,
                "of": verdict.gate.of,
                "threshold": verdict.threshold,
                "at_most": verdict.most,
                "measured": verdict.measured.median,
                "met": verdict.met,
            }
            for verdict in gates.verdicts(results)
        ],
    }
