"""Election timers as they ran: told between the rows, the same as the present showed them."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import pytest

from groupkit import OBSERVER, Cluster, ConsensusConfig, Counter, Timeline, reluctant, run
from groupkit.record import page, tape
from groupkit.record.recorder import Recorder
from groupkit.record.waits import newest_from, with_timers

Moment = tuple[float, dict[str, tuple[float, float] | None]]


async def meddled(cluster: Cluster) -> list[Moment]:
    """A life with every kind of timer, and what the present said of them, moment by moment."""
    seen: list[Moment] = []

    async def look(seconds: float) -> None:
        for _ in range(round(seconds / 0.05)):
            await cluster.clock.advance(0.05)
            peers = cluster.view(wires=False)["peers"]
            seen.append((cluster.clock.now, {n: p["timer"] and p["timer"][1:] for n, p in peers.items()}))
        seen.pop()  # what is done next is done at that very moment

    await look(4.0)
    leader = cluster.leader()
    cluster.kill(leader)
    await look(0.5)
    cluster.align_timers()
    await look(3.0)
    cluster.restart(leader)
    cluster.kill("c")
    cluster.restart("c")
    await look(0.2)
    cluster.spread_timers()
    cluster.drift("b", 2.0)
    await look(1.0)
    cluster.freeze("d")
    cluster.isolate(cluster.leader() or "a")
    await look(4.0)
    cluster.thaw("d")
    cluster.heal()
    cluster.timeout_now("b")
    await look(3.0)
    return seen


def told_at(rows: list[Any], moments: list[Moment]) -> list[Moment]:
    """The timers at these moments, folded from rows as pictures fold them."""
    timers: dict[str, tuple[float, float] | None] = {}
    found, place = [], 0
    for time, peers in moments:
        stop = bisect_right(rows, time, key=lambda row: row[0])
        for row in rows[place:stop]:
            if row[1] == "timer":
                timers[row[2]] = row[3]
            elif row[1] == "state" and row[3] in ("leader", "down"):
                timers[row[2]] = None
        place = stop
        found.append((time, {name: timers.get(name) for name in peers}))
    return found


@pytest.mark.parametrize("quorum", ["members", "bonded"])
def test_timers_are_told_as_the_present_showed_them(quorum: str) -> None:
    async def main() -> tuple[list[Moment], Recorder]:
        async with Cluster(5, machine=Counter, quorum=quorum) as cluster:
            return await meddled(cluster), cluster.recorder

    seen, recorder = run(main, seed=3)
    rows = list(with_timers(recorder.rows, recorder, 0.0, recorder.now()))
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert told_at(rows, seen) == seen
    assert sum(timer is not None for _, peers in seen for timer in peers.values()) > 500


def test_a_run_whose_beginning_was_let_go_of_tells_the_timers_of_the_rest() -> None:
    async def main() -> tuple[list[Moment], Recorder]:
        async with Cluster(5, machine=Counter) as cluster:
            seen = await meddled(cluster)
            before = sum(len(one.times) for one in cluster.recorder.waits.values())
            cluster.recorder.keep_rows = 150
            cluster.recorder.trim()
            assert sum(len(one.times) for one in cluster.recorder.waits.values()) < before
            return seen, cluster.recorder

    seen, recorder = run(main, seed=3)
    start = recorder.rows[0][0]
    assert start > 0
    later = [moment for moment in seen if moment[0] >= start]
    assert len(later) > 20
    assert told_at(list(with_timers(recorder.rows, recorder, start, recorder.now())), later) == later
    recorder.keep_messages = 50
    recorder.trim()
    first = recorder.messages[0][1]
    assert all(len([time for time in one.times[::2] if time < first]) <= 1 for one in recorder.waits.values())


def test_reluctant_peers_wait_longer_and_observers_have_no_timer() -> None:
    class Slow(Counter):
        leadership = reluctant(3.0)

    class Aside(Counter):
        leadership = OBSERVER

    for kind, longest in ((Slow, {7.5}), (Aside, set())):

        async def main(kind: type[Counter] = kind) -> Timeline:
            async with Cluster(3, machine=kind, quorum="bonded") as cluster:
                await cluster.clock.advance(1.0)
                return cluster.timeline

        recorder = run(main, seed=1).recorder
        rows = list(with_timers(recorder.rows, recorder, 0.0, 1.0))
        assert {row[3][1] for row in rows if row[1] == "timer"} == longest


def test_a_page_has_the_newest_timers_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "TIMERS", 30)

    async def main() -> Timeline:
        async with Cluster(5, config=ConsensusConfig()) as cluster:
            await cluster.clock.advance(30.0)
            return cluster.timeline

    timeline = run(main, seed=1)
    since = newest_from(timeline.recorder, timeline.end, 30)
    assert 0 < since < timeline.end
    told = tape.tape(timeline)
    assert f"it shows election timers from {since:.4g} s on" in told["note"]
    assert 30 <= sum(row[1] == "timer" for row in told["rows"]) <= 34
    assert "timer" in page.data(timeline)


def test_up_to_a_moment_and_without_a_record() -> None:
    async def main() -> Timeline:
        async with Cluster(3) as cluster:
            await cluster.clock.advance(9.0)
            assert Cluster(3, record=False)["a"].alive
            return cluster.timeline

    timeline = run(main, seed=1)
    half = timeline.until(4.5).recorder
    assert max(time for one in half.waits.values() for time in one.times[::2]) <= 4.5
    assert sum(len(one.times) for one in half.waits.values()) < sum(
        len(o.times) for o in timeline.recorder.waits.values()
    )
