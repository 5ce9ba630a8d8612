"""A run in which single messages, timers and latencies were meddled with plays again, live and out of a file."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from groupkit import Cluster, Counter, Timeline, replay
from tests.group.helpers import INC, virtual


async def meddled(seed: int, **options: Any) -> Cluster:
    """A short run with many verbs, chosen by a die of its own."""
    dice = random.Random(seed)
    cluster = Cluster(5, machine=Counter, seed=seed, **options)
    for _ in range(60):
        await cluster.clock.advance(dice.choice([0.001, 0.004, 0.02, 0.3]))
        flying = cluster.in_flight()
        what = dice.randrange(9)
        if what < 4 and flying:
            number = dice.choice(flying).number
            if what == 0:
                cluster.drop_message(number)
            elif what == 1:
                cluster.delay_message(number, dice.uniform(0.001, 2.0))
            elif what == 2:
                cluster.duplicate_message(number, dice.choice([0.0, 0.3]))
            elif flying[-1].arrival > cluster.clock.now + 0.001:
                cluster.at(0.001, "delay_message", flying[-1], 0.1)
        elif what == 4:
            cluster.align_timers()
        elif what == 5:
            cluster.spread_timers()
        elif what == 6:
            cluster.set_latency((0.005, dice.uniform(0.005, 0.2)))
        elif what == 7:
            cluster.kill("a") if cluster["a"].alive else cluster.restart("a")
        else:
            cluster[dice.choice("bcde")].group.execute(INC())
    return cluster


@pytest.mark.parametrize("seed", range(6))
def test_it_plays_again_to_any_moment_and_ends_equal(seed: int, tmp_path: Path) -> None:
    @virtual
    async def test() -> None:
        cluster = await meddled(seed, quorum="bonded" if seed == 5 else "members")
        timeline = cluster.timeline
        verbs = {row[3] for row in cluster.recorder.rows if row[1] == "fault"}
        assert len(verbs & {"drop_message", "delay_message", "duplicate_message", "set_latency"}) >= 3
        assert cluster.violations == []
        assert replay(timeline).timeline.digest() == timeline.digest()
        timeline.save(tmp_path / "run.gz")
        loaded = Timeline.load(tmp_path / "run.gz")
        again = replay(loaded)
        assert loaded.digest() == timeline.digest() == again.timeline.digest() and not again.timeline.diff(loaded)
        for part in range(12):  # also to moments at which what was delayed later was still in time
            replay(loaded, until=timeline.end * part / 12)

    test()


@virtual
async def test_a_replay_goes_another_way_where_a_message_is_dropped() -> None:
    cluster = Cluster(3, machine=Counter, seed=4)
    leader = await cluster.when().leader_elected()
    await cluster[leader].group.execute(INC())
    other = replay(cluster.timeline, until=cluster.clock.now - 0.005)
    number = next(m.number for m in other.in_flight())
    other.drop_message(number)
    other.clock.resume()
    await other.clock.advance(1)
    found = other.timeline.diff(cluster.timeline)
    assert found and "was dropped on its way" in found.ours


@virtual
async def test_that_a_message_was_delayed_is_the_first_difference_not_that_it_was_sent() -> None:
    one, other = Cluster(3, machine=Counter, seed=4), Cluster(3, machine=Counter, seed=4)
    for cluster in (one, other):
        await cluster.clock.advance(2.0)
        while not cluster.in_flight():
            await cluster.clock.advance(0.001)
    one.delay_message(one.in_flight()[0], 0.1)
    found = one.timeline.diff(other.timeline)
    assert found.time == one.clock.now and "comes 0.1 s later" in found.ours
    assert str(found).startswith(f"from {found.time:.6g} s on the one says '")


def test_a_replay_is_of_a_timeline() -> None:
    """Contract 9: a cluster is refused by name, with the way out, and so is what is no run at all."""
    for wrong in (Cluster(3), "run.jsonl.gz", None):
        with pytest.raises(TypeError, match=r"replay takes a Timeline, such as cluster\.timeline or Timeline\.load"):
            replay(wrong)  # type: ignore[arg-type]
