"""Random faults as a switch: drawn from a seed, mended again, and ended with all of it mended."""

from __future__ import annotations

import math

import pytest

from groupkit import Cluster, Counter, replay, run
from groupkit.sim.weather import Weather

FAULTS = {"kill", "freeze", "isolate", "cut", "restart", "thaw", "heal"}


def faults(cluster: Cluster) -> list[tuple[object, ...]]:
    return [row for row in cluster.recorder.rows if row[1] == "fault"]


def broken(cluster: Cluster) -> list[str]:
    down = [peer.id for peer in cluster if not peer.alive or peer.frozen]
    return [*down, *(f"{a}>{b}" for (a, b), wire in cluster.view()["wires"].items() if wire["cut"])]


async def stormy(seed: int, seconds: float = 40.0, peers: int = 5) -> Cluster:
    cluster = Cluster(peers, machine=Counter, seed=3, pace=math.inf)
    cluster.random_faults(seed)
    await cluster.clock.advance(seconds)
    return cluster


def test_the_same_seed_breaks_the_same_things_and_another_one_others() -> None:
    one, again, other = (run(lambda seed=seed: stormy(seed)) for seed in (1, 1, 2))
    assert faults(one) == faults(again) != faults(other)
    assert one.timeline.digest() == again.timeline.digest()
    assert {row[3] for row in faults(one)} >= FAULTS
    assert sum(row[3] in ("kill", "freeze", "isolate", "cut") for row in faults(one)) > 15, "they go on"
    assert not one.violations


@pytest.mark.parametrize("seed", range(5))
def test_when_they_end_all_that_they_broke_is_mended_and_told(seed: int) -> None:
    async def main() -> None:
        cluster = await stormy(seed)
        while not broken(cluster):
            await cluster.clock.advance(0.1)
        cluster.end_random_faults()
        assert broken(cluster) == [] and cluster.view()["random_faults"] is None
        last = faults(cluster)[-1]
        assert last[3] == "end_random_faults" and last[4]
        count = len(faults(cluster))
        await cluster.when().converged()
        await cluster.clock.advance(20)
        assert len(faults(cluster)) == count
        cluster.end_random_faults()
        assert len(faults(cluster)) == count, "twice is harmless"

    run(main)


def test_what_somebody_else_broke_stays_broken() -> None:
    async def main() -> None:
        cluster = Cluster(5, machine=Counter, seed=3)
        cluster.cut("a", "b")
        cluster.kill("e")
        cluster.random_faults(4)
        await cluster.clock.advance(30)
        cluster.end_random_faults()
        assert broken(cluster) == ["e", "a>b", "b>a"]

    run(main)


def test_another_seed_takes_the_place_of_the_first_and_the_same_one_changes_nothing() -> None:
    async def main() -> None:
        cluster = Cluster(3, seed=3)
        cluster.random_faults()
        cluster.random_faults(1)
        assert [row[3] for row in faults(cluster)] == ["random_faults"]
        await cluster.clock.advance(5)
        cluster.random_faults(2)
        assert cluster.view()["random_faults"] == 2
        spans = [f for f in cluster.timeline.faults().to_dict("records") if f["verb"] == "random_faults"]
        assert (spans[0]["start"], spans[0]["end"]) == (0.0, 5.0)

    run(main)


def test_what_is_no_seed_is_refused_at_the_door() -> None:
    cluster = Cluster(3, seed=3)
    with pytest.raises(TypeError, match="seed is a whole number, not 'x'"):
        cluster.random_faults("x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="end_random_faults takes no arguments"):
        cluster.at(1.0, "end_random_faults", 3)
    with pytest.raises(TypeError, match="one argument at most, the seed"):
        cluster.at(1.0, "random_faults", 3, 4)
    assert faults(cluster) == [] and cluster.recorder.inputs == []


def test_a_run_with_random_faults_plays_again() -> None:
    async def main() -> None:
        cluster = Cluster(5, machine=Counter, seed=6)
        cluster.at(2.0, "random_faults", 9)
        cluster.at(14.5, "end_random_faults")
        await cluster.clock.advance(25)
        assert replay(cluster.timeline).timeline.digest() == cluster.timeline.digest()
        replay(cluster.timeline, until=11.3)

    run(main)


@pytest.mark.parametrize("peers", [1, 2, 7])
def test_groups_of_any_size(peers: int) -> None:
    cluster = run(lambda: stormy(5, peers=peers))
    assert faults(cluster) and not cluster.violations


def test_the_draws_do_not_depend_on_what_they_find() -> None:
    """Who is down already is passed over, and the rest comes all the same."""

    async def main(kill: bool) -> list[tuple[object, ...]]:
        cluster = Cluster(5, seed=3)
        if kill:
            cluster.kill("c")
        cluster.random_faults(1)
        await cluster.clock.advance(30)
        return [row for row in faults(cluster) if row[2] in ("a", "b") and row[3] in ("kill", "freeze")]

    assert run(lambda: main(False)) == run(lambda: main(True))


def test_a_weather_that_has_ended_strikes_no_more() -> None:
    cluster = Cluster(3, seed=3)
    weather = Weather(cluster._world, 1)
    assert weather.end() == [] and faults(cluster) == []
