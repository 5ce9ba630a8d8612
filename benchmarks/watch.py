"""``python -m benchmarks.watch``: which share of a run's time the watch over the safety properties takes.

Each workload runs with the watch and without it, in turn, in one process; the share is taken round by round. There is
no public way to leave the watch out: here the hosts of a cluster are built with none. Promised is at most a quarter.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from benchmarks import cases, ours, tables
from benchmarks.__main__ import FULL, QUICK
from benchmarks.measure import Case, Meter, Result, Series
from groupkit import Cluster

WATCHED: Final = "watched"
UNWATCHED: Final = "unwatched"
MOST: Final = 0.25


class Unwatched(Cluster):
    """A cluster that nobody watches."""

    def _watchdog_of(self, *_: Any) -> Any:
        return None


def every_case(record: bool) -> list[Case]:
    """The workloads of the other benchmarks that have something to watch."""
    return [
        *[
            _case(f"{cases.ONE}, {peers}", partial(ours.commands, peers, 1, record), peers, amount=2)
            for peers in (3, 5, 50)
        ],
        *[
            _case(f"{cases.HUNDRED}, {peers}", partial(ours.commands, peers, 100, record), peers, amount=200, step=100)
            for peers in (3, 5, 50)
        ],
        *[
            _case(
                f"{cases.THOUSAND}, {peers}", partial(ours.batches, peers, 1000, record), peers, amount=2000, step=1000
            )
            for peers in (3, 5, 50)
        ],
        _case(f"{cases.IDLE}, 5", partial(ours.idle, 5, record), 5, amount=1),
        _case(f"{cases.TRIAL}, 5", partial(ours.trials, cases.RANGE, record), 5, amount=3),
    ]


def _case(name: str, run: Any, peers: int, *, amount: int, step: int = 1) -> Case:
    contenders = {WATCHED: partial(run, make=Cluster), UNWATCHED: partial(run, make=Unwatched)}
    return Case(name, peers, contenders, amount=amount, step=step)


def shares(result: Result) -> Series:
    """Of the time of the watched run, the part that the unwatched one does not need, round by round."""
    ratio = result.ratio(WATCHED, UNWATCHED)
    assert ratio is not None
    return Series([1.0 - quick for quick in ratio.figures])


def line(result: Result) -> str:
    """One line of the table."""
    share = shares(result)
    word = "met" if share.median <= MOST else "MISSED"
    return f"{result.case.name:<22}{share.median:7.1%}   ({share.low:.1%} to {share.high:.1%})   {word}"


def main(words: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch", description="Measure what the watch costs.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter figures: a first impression")
    parser.add_argument("--bare", action="store_true", help="with record=False, where the watch is all that looks on")
    given = parser.parse_args(words)
    meter = Meter(*(QUICK if given.quick else FULL))
    results: list[Result] = []
    for what, so_far in meter.run(every_case(not given.bare)):
        print(f"benchmarks.watch: {what}", file=sys.stderr, flush=True)
        results = so_far
    print(tables.heading(meter))
    print(f"\n== The watch's share of the time, {'record=False' if given.bare else 'recorded'}; at most {MOST:.0%} ==")
    for result in results:
        print(line(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
