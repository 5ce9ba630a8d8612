"""What is measured: every case, and who takes part in it."""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks import floor, happysim_group, ours, pysyncobj_group, simpy_group
from benchmarks.measure import Case, Contender, clock

RECORDED: Final = "recorded"  # groupkit with recorder and invariants on, as a user runs it: what the gates judge
BARE: Final = "record=False"  # groupkit without the recorder: what the goals judge
BATCHED: Final = "PySyncObj, batched"
PLAIN: Final = "PySyncObj"
TUNED: Final = "PySyncObj, tuned"
HAPPYSIM: Final = "happysim"
SIMPY: Final = "SimPy"
FLOOR: Final = "floor"

ONE: Final = "one at a time"
HUNDRED: Final = "100 in flight"
THOUSAND: Final = "1,000 at once"
IDLE: Final = "idle group"
TRIAL: Final = "election trial"
SIX: Final = "six ranges"
MEMORY: Final = "memory of a peer"
IMPORT: Final = "import groupkit"
IMPORT_NAMES: Final = "import Cluster, run"

RANGE: Final = (0.150, 0.300)  # election timeouts, seconds
RANGES: Final = [(0.150, high) for high in (0.150, 0.151, 0.155, 0.175, 0.200, 0.300)]  # of Raft's Figure 16


def every_case() -> list[Case]:
    """All cases, in the order of the table."""
    return [
        *[_commands(ONE, 1, peers) for peers in (3, 5, 7, 50)],
        *[_commands(HUNDRED, 100, peers) for peers in (3, 5, 7, 50)],
        *[_batches(peers) for peers in (3, 5, 7, 50)],
        *[_idle(peers) for peers in (5, 50, 100)],
        _trial(),
        _six_ranges(),
        *_sizes(),
    ]


def _commands(name: str, at_once: int, peers: int) -> Case:
    contenders: dict[str, Contender] = {
        RECORDED: partial(ours.commands, peers, at_once, True),
        BARE: partial(ours.commands, peers, at_once, False),
        **(_others(peers, at_once) if peers < 10 else {}),
        FLOOR: partial(floor.commands, peers, at_once),
    }
    return Case(name, peers, contenders, amount=2 * at_once, step=at_once)


def _batches(peers: int) -> Case:
    contenders: dict[str, Contender] = {
        RECORDED: partial(ours.batches, peers, 1000, True),
        BARE: partial(ours.batches, peers, 1000, False),
        **(_others(peers, 1000) if peers < 10 else {}),
        FLOOR: partial(floor.batches, peers, 1000),
    }
    return Case(THOUSAND, peers, contenders, amount=2000, step=1000)


def _others(peers: int, at_once: int) -> dict[str, Contender]:
    run = partial(pysyncobj_group.commands, peers, at_once)
    return {
        BATCHED: partial(run, True, False),
        PLAIN: partial(run, False, False),
        TUNED: partial(run, True, True),
        **({HAPPYSIM: partial(happysim_group.commands, peers, at_once)} if happysim_group.THERE else {}),
    }


def _idle(peers: int) -> Case:
    contenders: dict[str, Contender] = {
        RECORDED: partial(ours.idle, peers, True),
        BARE: partial(ours.idle, peers, False),
        SIMPY: partial(_idle_model, simpy_group.Elections, peers),
        FLOOR: partial(_idle_model, floor.Elections, peers),
    }
    return Case(IDLE, peers, contenders, unit="s/s", amount=1)


def _idle_model(model: type[floor.Elections] | type[simpy_group.Elections], peers: int, seconds: int) -> float:
    config = ours.IDLE
    timeouts = (config.election_timeout, config.election_timeout + config.election_timeout_jitter)
    group = model(peers, seed=7, latency=ours.LATENCY, timeout=timeouts, beat=config.heartbeat_interval)
    assert group.elect(ours.LIMIT) is not None
    start = clock()
    group.run(seconds)
    return clock() - start


def _trial() -> Case:
    contenders: dict[str, Contender] = {
        RECORDED: partial(ours.trials, RANGE, True),
        BARE: partial(ours.trials, RANGE, False),
        SIMPY: partial(_trial_model, simpy_group.Elections, RANGE),
        FLOOR: partial(_trial_model, floor.Elections, RANGE),
    }
    return Case(TRIAL, 5, contenders, per="unit", unit="µs", scale=1e6, amount=3)


def _trial_model(
    model: type[floor.Elections] | type[simpy_group.Elections], timeouts: tuple[float, float], count: int
) -> float:
    start = clock()
    for seed in range(count):
        group = model(5, seed=seed, latency=ours.BROADCAST, timeout=timeouts, beat=timeouts[0] / 2)
        group.trial(ours.LIMIT)
    return clock() - start


def trial_events(count: int = 200) -> dict[str, float]:
    """How many events a trial takes, on average, where they can be counted."""
    mine, total = ours.events(RANGE, count), 0
    for seed in range(count):
        group = floor.Elections(5, seed=seed, latency=ours.BROADCAST, timeout=RANGE, beat=RANGE[0] / 2)
        group.trial(ours.LIMIT)
        total += group.serial - len(group.heap)
    return {RECORDED: mine, BARE: mine, FLOOR: total / count}


def _six_ranges() -> Case:
    """Seconds for 1,000 trials of each range, reckoned from fewer: a unit is one trial of each."""

    def ours_all(record: bool, count: int) -> float:
        return sum(ours.trials(timeouts, record, count) for timeouts in RANGES)

    def model_all(model: type[floor.Elections] | type[simpy_group.Elections], count: int) -> float:
        return sum(_trial_model(model, timeouts, count) for timeouts in RANGES)

    contenders: dict[str, Contender] = {
        RECORDED: partial(ours_all, True),
        BARE: partial(ours_all, False),
        SIMPY: partial(model_all, simpy_group.Elections),
        FLOOR: partial(model_all, floor.Elections),
    }
    return Case(SIX, 5, contenders, per="unit", unit="s", scale=1000.0, amount=1)


def _sizes() -> list[Case]:
    memory: dict[str, Contender] = {RECORDED: partial(ours.memory, True), BARE: partial(ours.memory, False)}

    def importing(line: str) -> dict[str, Contender]:
        return {RECORDED: lambda _: ours.importing(line)}

    return [
        Case(MEMORY, 5, memory, per="itself", unit="kB", scale=1e-3, amount=10),
        Case(IMPORT, 0, importing("import groupkit"), per="itself", unit="ms", scale=1e3),
        Case(IMPORT_NAMES, 0, importing("from groupkit import Cluster, run"), per="itself", unit="ms", scale=1e3),
    ]
