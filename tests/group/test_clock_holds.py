"""Time stands still while somebody holds it; what its user paused is counted apart from that."""

import gc
import math
import weakref

import pytest

from groupkit import Cluster, run


def paces(cluster: Cluster) -> list[float]:
    return [row[3] for row in cluster.recorder.rows if row[1] == "pace"]


@pytest.mark.parametrize("pace", [math.inf, 50.0])
def test_time_goes_on_after_the_last_hold(pace: float) -> None:
    async def main() -> None:
        cluster = Cluster(3, pace=pace)
        clock = cluster.clock
        one, other = clock.hold(), clock.hold()
        assert clock.paused and one.holds and other.holds
        one.release()
        one.release()
        assert clock.paused and not one.holds
        with clock.hold() as third:
            other.release()
            assert clock.paused and "time stands still for it" in repr(third)
            await clock.step(3)
            await clock.advance(0.5)
        assert not clock.paused and "over" in repr(third)
        assert paces(cluster) == [0.0, pace]
        now = clock.now
        await clock.sleep(1)
        assert clock.now >= now + 1
        await cluster.close()

    run(main, seed=1)


@pytest.mark.parametrize("first", [True, False])
def test_what_its_user_paused_stays_paused(first: bool) -> None:
    async def main() -> None:
        cluster = Cluster(3)
        if first:
            cluster.clock.pause()
        hold = cluster.clock.hold()
        if not first:
            cluster.clock.pause()
        hold.release()
        assert cluster.clock.paused and paces(cluster) == [0.0], "it stood all the time"
        cluster.clock.resume()
        assert not cluster.clock.paused

    run(main, seed=1)


def test_resume_ends_the_pause_and_every_hold() -> None:
    async def main() -> None:
        cluster = Cluster(3)
        cluster.clock.pause()
        hold = cluster.clock.hold()
        cluster.clock.resume()
        assert not cluster.clock.paused and not hold.holds
        other = cluster.clock.hold()
        hold.release()
        assert cluster.clock.paused and other.holds, "that one was over"
        cluster.clock.resume()
        cluster.clock.pause()
        other.release()
        assert cluster.clock.paused, "paused since"

    run(main, seed=1)


def test_a_hold_keeps_nothing_alive_and_may_outlive_its_network() -> None:
    async def main() -> None:
        cluster = Cluster(3)
        hold = cluster.clock.hold()
        await cluster.close()
        hold.release()
        assert paces(cluster) == [0.0]
        gone = weakref.ref(cluster)
        hold = Cluster(3).clock.hold()
        del cluster
        gc.collect()
        hold.release()
        assert gone() is None and not hold.holds

    run(main, seed=1)
