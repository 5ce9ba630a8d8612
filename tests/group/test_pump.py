"""The pump at a finite pace: virtual and wall time, busy kernels, slow motion. The wall clock is a number here."""

from __future__ import annotations

import asyncio
import math

import pytest

from groupkit import Cluster, ConsensusConfig, Counter
from tests.group.fake_time import WallLoop, in_wall_time
from tests.group.helpers import INC, others

SHORT = ConsensusConfig(
    heartbeat_interval=0.05, heartbeat_jitter=0.02, election_timeout=0.15, election_timeout_jitter=0.15
)


async def paced(count: int = 5, pace: float = 1.0, config: ConsensusConfig | None = SHORT, seed: int = 1) -> Cluster:
    cluster = Cluster(count, machine=Counter, seed=seed, pace=pace, config=config)
    await cluster.when().leader_elected()
    await cluster.when().converged()
    return cluster


def elections(cluster: Cluster) -> int:
    return sum(row[1] == "election" for row in cluster.recorder.rows)


def test_real_time_flows_as_the_wall_clock_also_when_nobody_awaits() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced()
        began, wall = cluster.clock.now, loop.time()
        await asyncio.sleep(3.0)
        assert cluster.clock.now - began == pytest.approx(loop.time() - wall, abs=0.02)
        await cluster.clock.sleep(2.0)
        assert cluster.clock.now - began == pytest.approx(5.0, abs=0.05)

    in_wall_time(main)


@pytest.mark.parametrize("pace", [0.1, 0.5, 2.0, 10.0])
def test_slow_motion_and_fast_forward(pace: float) -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3)
        cluster.clock.pace = pace
        assert cluster.clock.pace == pace
        began, wall = cluster.clock.now, loop.time()
        await cluster.clock.sleep(4.0)
        assert loop.time() - wall == pytest.approx(4.0 / pace, rel=0.05)
        assert cluster.clock.now - began == pytest.approx(4.0, abs=0.01)

    in_wall_time(main)


@pytest.mark.parametrize("blocked", [0.2, 0.5, 1.0])
def test_a_busy_kernel_causes_no_election(blocked: float) -> None:
    async def main(loop: WallLoop) -> None:
        for seed in range(10):
            cluster = await paced(5, seed=seed)
            before = elections(cluster)
            for _ in range(5):
                now = cluster.clock.now
                loop.block(blocked)
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                assert cluster.clock.now - now <= 0.0201 + 1e-6, "at most 20 ms are made up"
                await cluster.clock.sleep(0.3)
            assert elections(cluster) == before
            stalls = [row for row in cluster.recorder.rows if row[1] == "stall"]
            assert len(stalls) == 5 and all(row[3] == pytest.approx(blocked, abs=0.06) for row in stalls)
            await cluster.close()

    in_wall_time(main)


@pytest.mark.parametrize("blocked", [0.06, 0.15, 0.5])
def test_a_machine_that_is_slow_in_apply_is_a_busy_kernel_too(blocked: float) -> None:
    async def main(loop: WallLoop) -> None:
        class Slow(Counter):
            def apply(self, command: object, ctx: object) -> None:
                loop.block(blocked)

        cluster = Cluster(3, machine=Slow, seed=1, pace=1.0, config=SHORT)
        await cluster.when().leader_elected()
        before, began, wall = elections(cluster), cluster.clock.now, loop.time()
        await cluster["a"].group.execute(INC())
        await cluster.when().converged()
        await cluster.clock.sleep(1.0)
        stalls = [row[3] for row in cluster.recorder.rows if row[1] == "stall"]
        assert elections(cluster) == before
        assert sum(stalls) == pytest.approx(3 * blocked, abs=0.07), "each of the three peers applied it once"
        gone = loop.time() - wall - (cluster.clock.now - began)
        assert gone == pytest.approx(sum(stalls), abs=0.05), "what was lost is written down, and nothing else was lost"
        assert all(lost >= 0.03 for lost in stalls)
        await cluster.close()

    in_wall_time(main)


def test_an_apply_that_is_hardly_slow_is_no_stall() -> None:
    async def main(loop: WallLoop) -> None:
        class Slow(Counter):
            def apply(self, command: object, ctx: object) -> None:
                loop.block(0.015)

        cluster = Cluster(3, machine=Slow, seed=1, pace=1.0, config=SHORT)
        await cluster.when().leader_elected()
        began, wall = cluster.clock.now, loop.time()
        await cluster["a"].group.execute(INC())
        await cluster.clock.sleep(1.0)
        assert not [row for row in cluster.recorder.rows if row[1] == "stall"]
        assert cluster.clock.now - began == pytest.approx(loop.time() - wall, abs=0.05)
        await cluster.close()

    in_wall_time(main)


def test_verbs_of_a_busy_cell_do_not_make_up_for_the_hold_up() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(5)
        leader = cluster.leader()
        assert leader
        for act in (
            lambda: setattr(cluster.link("a", "b"), "latency", 0.01), lambda: cluster[leader].group.execute(INC()),
            lambda: cluster.clock.now,
            lambda: cluster.clock.sleep(1), lambda: cluster["a"].group.when().online(timeout=9),
        ):  # fmt: skip
            before, elected = cluster.clock.now, elections(cluster)
            loop.block(0.5)
            act()
            await asyncio.sleep(0)
            assert cluster.clock.now - before <= 0.0402, act
            loop.block(0.5)
            act()
            await asyncio.sleep(0)
            await cluster.clock.sleep(0.2)
            assert elections(cluster) == elected

    in_wall_time(main)


def test_the_real_loop_blocked_for_real_causes_no_election() -> None:
    import time

    async def main() -> None:
        cluster = await paced(5)
        before = elections(cluster)
        for blocked in (0.2, 0.5):
            time.sleep(blocked)  # this is the very thing under test: a cell that computes
            await cluster.clock.sleep(0.1)
        assert elections(cluster) == before

    asyncio.run(main())


def test_pause_and_resume() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3)
        clock = cluster.clock
        clock.pause()
        clock.pause()
        now = clock.now
        assert clock.paused and "paused" in repr(clock)
        waiting = asyncio.ensure_future(clock.sleep(1.0))
        await asyncio.sleep(5)
        assert clock.now == now and not waiting.done()
        leader = cluster.leader()
        assert leader
        cluster.kill(leader)
        assert not cluster[leader].alive, "verbs take effect while time stands still"
        clock.resume()
        clock.resume()
        await waiting
        assert clock.now == pytest.approx(now + 1.0, abs=0.03) and not clock.paused

    in_wall_time(main)


def test_step_runs_the_next_events_while_paused() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3)
        with pytest.raises(
            RuntimeError, match=r"step\(1\) needs a clock that stands still: call clock.pause\(\) first"
        ):
            cluster.clock.step()
        cluster.clock.pause()
        before, events = cluster.clock.now, cluster._world.events
        await cluster.clock.step()
        assert cluster._world.events == events + 1
        await cluster.clock.step(10)
        assert cluster._world.events == events + 11 and cluster.clock.now > before
        for bad, error in [(0, ValueError), (-1, ValueError), (True, TypeError), (1.5, TypeError)]:
            with pytest.raises(error, match="step"):
                cluster.clock.step(bad)  # type: ignore[arg-type]
        stood = cluster.clock.now
        await asyncio.sleep(1)
        assert cluster.clock.now == stood

    in_wall_time(main)


@pytest.mark.parametrize("pace", [1.0, math.inf])
@pytest.mark.parametrize("paused", [False, True])
def test_advance_goes_as_fast_as_it_can_whatever_the_pace(pace: float, paused: bool) -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3, pace)
        if paused:
            cluster.clock.pause()
        began, wall = cluster.clock.now, loop.time()
        await cluster.clock.advance(20)
        assert cluster.clock.now - began == pytest.approx(20, abs=0.02)
        assert loop.time() - wall < 0.1
        await asyncio.gather(cluster.clock.advance(2), cluster.clock.advance(1), cluster.clock.advance(0))
        assert cluster.clock.now - began == pytest.approx(22, abs=0.05)
        assert cluster.clock.paused is paused

    in_wall_time(main)


def test_from_fast_to_real_time_and_back() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3, math.inf)
        cluster.clock.pace = 1.0
        began, wall = cluster.clock.now, loop.time()
        await cluster.clock.sleep(1)
        assert loop.time() - wall == pytest.approx(1.0, abs=0.05)
        cluster.clock.pace = math.inf
        wall = loop.time()
        await cluster.clock.sleep(100)
        assert loop.time() - wall < 0.1 and cluster.clock.now - began == pytest.approx(101, abs=0.1)
        for bad in (0, -1, math.nan, "1", True, None):
            with pytest.raises((ValueError, TypeError), match="pace is a number above 0"):
                cluster.clock.pace = bad  # type: ignore[assignment]

    in_wall_time(main)


def test_events_in_real_time_come_when_they_are_due() -> None:
    async def main(loop: WallLoop) -> None:
        cluster = await paced(3, config=None)
        leader = cluster.leader()
        assert leader
        wall, began = loop.time(), cluster.clock.now
        cluster.kill(leader)
        await cluster[others(cluster, leader)[0]].group.when().leader_changed()
        assert loop.time() - wall == pytest.approx(cluster.clock.now - began, abs=0.03)
        assert loop.time() - wall > 1.0

    in_wall_time(main)


def test_a_paced_run_and_a_fast_run_are_the_same_run() -> None:
    rows = []

    async def script(pace: float) -> None:
        cluster = Cluster(3, machine=Counter, seed=4, pace=pace)
        cluster.at(4.0, "kill", "a")
        cluster.at(9.0, "restart", "a")
        cluster.at(9.0, "isolate", "b")
        await cluster.clock.sleep(12.0)
        rows.append(cluster.timeline.digest())

    in_wall_time(lambda loop: script(math.inf))
    in_wall_time(lambda loop: script(20.0))
    assert rows[0] == rows[1]
