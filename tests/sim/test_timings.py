"""Election timers aligned and spread, and the latency of all links, at the level of the world."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from groupkit import Cluster, ConsensusConfig, Counter, GroupKey, Network, reluctant
from groupkit.sim import timings


def orphaned(count: int = 5, **options: Any) -> Cluster:
    """A cluster whose leader has just been killed."""
    cluster = Cluster(count, machine=Counter, **options)
    world = cluster._world
    while cluster.leader() is None:
        assert world.run(100.0, 100)
    world.run(world.now + 1, 10_000)
    cluster.kill(cluster.leader())
    return cluster


def timers(cluster: Cluster) -> dict[str, tuple[float, float]]:
    """(lapse, due) of each election timer that runs."""
    shown = cluster.view()["peers"]
    return {name: peer["timer"][:2] for name, peer in shown.items() if peer["timer"] and not peer["frozen"]}


def faults(cluster: Cluster) -> list[str]:
    return [row[3] for row in cluster.recorder.rows if row[1] == "fault" and row[3] != "kill"]


def test_aligned_timers_run_out_together_and_not_before_their_time() -> None:
    cluster = orphaned()
    before = timers(cluster)
    cluster.align_timers()
    after = timers(cluster)
    assert len(after) == 4 and len({due for _, due in after.values()}) == 1
    instant = after.popitem()[1][1]
    assert instant == max(min(due for _, due in before.values()), max(lapse for lapse, _ in before.values()))
    cluster.align_timers()
    assert faults(cluster) == ["align_timers"], "twice is once"
    cluster._world.run(instant, 10_000)
    stood = {row[2] for row in cluster.recorder.rows if row[1] == "election" and row[0] == instant}
    assert stood == {peer.id for peer in cluster if peer.alive}


def test_spread_timers_are_evenly_apart_and_keep_their_order() -> None:
    cluster = orphaned()
    before = timers(cluster)
    cluster.spread_timers()
    after = timers(cluster)
    order = sorted(after, key=lambda name: after[name][1])
    assert order == sorted(before, key=lambda name: before[name][1])
    dues = [after[name][1] for name in order]
    assert dues[0] == max(lapse for lapse, _ in before.values())
    gaps = [late - early for early, late in pairwise(dues)]
    assert gaps == pytest.approx([0.5 / 3] * 3)
    cluster.spread_timers()
    assert faults(cluster) == ["spread_timers"], "twice is once"


def test_whose_timer_does_not_run_is_left_alone() -> None:
    cluster = orphaned(5)
    one, other, *rest = (p.id for p in cluster if p.alive)
    cluster.freeze(one)
    cluster.kill(other)
    cluster.align_timers()
    row = next(row for row in cluster.recorder.rows if row[1] == "fault" and row[3] == "align_timers")
    assert [name for name, _ in row[4]] == rest
    cluster.kill(rest[0])
    cluster.spread_timers()
    assert "spread_timers" not in faults(cluster), "a single timer is neither aligned nor spread"


def test_a_heartbeat_sets_an_aligned_timer_anew() -> None:
    cluster = Cluster(3, machine=Counter)
    world = cluster._world
    world.run(5.0, 100_000)
    cluster.align_timers()
    assert len({due for _, due in timers(cluster).values()}) == 1
    world.run(6.0, 100_000)
    assert len({due for _, due in timers(cluster).values()}) == 2 and cluster.leader() is not None


def test_a_reluctant_peer_and_a_slow_clock_are_aligned_with_the_others() -> None:
    class Slow(Counter):
        leadership = reluctant(5.0)
        signature = "Counter"

    made = iter(range(9))
    cluster = Cluster(4, machine=lambda: Slow() if next(made) == 3 else Counter())
    world = cluster._world
    world.run(5.0, 100_000)
    cluster.drift("a", 0.5)
    world.run(7.0, 100_000)
    cluster.kill(cluster.leader())
    cluster.align_timers()
    lapses, dues = zip(*timers(cluster).values())
    assert len(set(dues)) == 1 and dues[0] >= max(lapses)


def test_to_look_at_timers_and_to_set_them_draws_nothing() -> None:
    plain, set_ = orphaned(), orphaned()
    set_.spread_timers()
    set_.align_timers()
    for name in ("timers", "latency", "faults", "bonds"):
        one, other = (c._world.seeds.stream(name).getstate() for c in (plain, set_))
        assert one == other, name


def test_timers_without_jitter_cannot_be_spread() -> None:
    cluster = Cluster(4, config=ConsensusConfig(election_timeout_jitter=0))
    with pytest.raises(
        ValueError, match=r"election_timeout_jitter, which is 0 s in this group: make one with Consensus"
    ):
        cluster.spread_timers()
    with pytest.raises(ValueError, match="which is 0 s"):
        cluster.at(1.0, "spread_timers")
    cluster.align_timers()
    assert faults(cluster) == [], "they are aligned from the beginning, and that is why nobody may wait for them"


def test_groups_of_one_network_are_aligned_each_for_itself() -> None:
    network = Network(seed=3)
    for name in "abcd":
        key = GroupKey.from_secret("one" if name in "ab" else "two")
        network.peer(name).groups().with_key(key).with_state_machine(Counter()).join()
    network._world.run(1.0, 1000)
    assert [[host.id for host in hosts] for hosts in timings.running(network._world)] == [["a", "b"], ["c", "d"]]
    network.align_timers()
    told = [row[4] for row in network.peer("a")._network._world.history if row[3] == "align_timers"]
    assert [[name for name, _ in row] for row in told] == [["a", "b"], ["c", "d"]]


def test_all_links_take_as_long_as_was_said() -> None:
    cluster = Cluster(3, machine=Counter)
    cluster.link("a", "b").latency = 1.0
    cluster.link("b", "c").loss = 0.5
    cluster.set_latency((0.1, 0.2))
    for src, dst in (("a", "b"), ("b", "a"), ("c", "a"), ("b", "c")):
        assert cluster.link(src, dst).latency == pytest.approx((0.1, 0.2))
    assert cluster.link("b", "c").loss == 0.5, "only the latency is set"
    cluster.set_latency((0.1, 0.2))
    assert faults(cluster).count("set_latency") == 1
    cluster.set_latency(0.01)
    assert cluster.link("a", "b").latency == (0.01, 0.01)


def test_links_to_come_have_the_new_latency_and_the_view_tells_what_is_not_as_built() -> None:
    network = Network(seed=1, latency=0.02)
    network.peer("a"), network.peer("b")
    network.set_latency(0.3)
    network.peer("c")
    assert network.link("c", "a").latency == (0.3, 0.3)
    assert network.view()["wires"]["c", "a"]["latency"] == (0.3, 0.3)
    network.set_latency(0.02)
    assert network.view()["wires"] == {}
