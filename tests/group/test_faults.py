"""Every verb: now and later, once and twice, recorded, and harmless where nothing changes."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from groupkit import Cluster, Counter, GroupKey, Network
from tests.group.helpers import INC, led, others, virtual


def told(cluster: Cluster) -> list[tuple[Any, ...]]:
    """(verb, peer, arguments) of every fault that was written down."""
    return [(row[3], row[2], tuple(row[4])) for row in cluster.recorder.rows if row[1] == "fault"]


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("kill", ("a",)), ("freeze", ("a",)), ("cut", ("a", "b")), ("cut", ("a", "b", True)), ("isolate", ("a",)),
     ("partition", ({"a"}, {"b", "c"})), ("drift", ("a", 2.0))],
)  # fmt: skip
def test_doing_twice_what_is_done_already_is_harmless_and_not_written_down(
    verb: str, arguments: tuple[Any, ...]
) -> None:
    cluster = Cluster(3)
    getattr(cluster, verb)(*arguments)
    assert len(told(cluster)) == 1 and told(cluster)[0][0] == verb
    getattr(cluster, verb)(*arguments)
    assert len(told(cluster)) == 1


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [("restart", ("a",)), ("thaw", ("a",)), ("heal", ()), ("heal", ("a", "b")), ("drift", ("a", 1.0))],
)
def test_mending_what_is_whole_is_harmless_and_not_written_down(verb: str, arguments: tuple[Any, ...]) -> None:
    cluster = Cluster(3)
    getattr(cluster, verb)(*arguments)
    assert told(cluster) == []


@virtual
async def test_verbs_take_effect_at_the_current_instant() -> None:
    cluster, leader = await led()
    cluster.kill(leader)
    assert not cluster[leader].alive and cluster[leader].group.role() == "down"
    cluster.restart(leader)
    assert cluster[leader].alive and cluster[leader].group.role() == "follower"
    cluster.freeze(leader)
    assert cluster[leader].frozen and cluster[leader].alive
    cluster.thaw(leader)
    assert not cluster[leader].frozen
    cluster.cut("a", "b", one_way=True)
    assert cluster.link("a", "b").is_cut and not cluster.link("b", "a").is_cut
    cluster.heal("b", "a")
    assert not cluster.link("a", "b").is_cut


@virtual
async def test_at_does_the_same_later() -> None:
    cluster, leader = await led()
    one, other = others(cluster, leader)
    began = cluster.clock.now
    cluster.at(1.0, "kill", leader)
    cluster.at(2.0, "restart", leader, True)
    cluster.at(2.0, "partition", {one}, {other})
    cluster.at(3.0, "heal")
    cluster.at(4.0, "drift", one, 2)
    cluster.at(5.0, "drop", lambda m: False)
    cluster.at(6.0, "cut", one, other, True)
    cluster.at(0, "freeze", one)
    await cluster.clock.advance(10)
    rows = [(round(row[0] - began, 6), row[3]) for row in cluster.recorder.rows if row[1] == "fault"]
    assert rows == [(0, "freeze"), (1, "kill"), (2, "restart"), (2, "partition"), (3, "heal"),
                    (4, "drift"), (5, "drop"),
                    (6, "cut")]  # fmt: skip


@virtual
async def test_partitions_replace_each_other_and_leave_single_cuts_alone() -> None:
    cluster, _ = await led(4)
    cluster.cut("a", "b")
    cluster.partition({"a", "b"}, {"c"})
    assert cluster.link("a", "c").is_cut and cluster.link("c", "d").is_cut and cluster.link("a", "d").is_cut
    cluster.partition({"a"}, {"b", "c", "d"})
    assert cluster.link("a", "c").is_cut and not cluster.link("c", "d").is_cut and cluster.link("a", "b").is_cut
    cluster.partition({"a", "b", "c", "d"})
    assert not cluster.link("a", "c").is_cut and cluster.link("a", "b").is_cut, "a cut stays until it is healed"
    cluster.heal()
    assert not cluster.link("a", "b").is_cut


@virtual
async def test_a_partition_is_journalled_in_the_order_of_names() -> None:
    """Sides are sets, mostly: in a set's own order, the file of a run would differ from process to process."""
    cluster, _ = await led(4)
    cluster.partition(["c", "a"], ["d"])
    assert cluster.recorder.inputs[-1][2:] == ("partition", [["a", "c"], ["d"]])


@virtual
async def test_heal_leaves_what_link_set() -> None:
    cluster, _ = await led()
    link = cluster.link("a", "b")
    link.loss, link.latency = 0.25, (0.1, 0.2)
    cluster.heal()
    assert (link.loss, link.latency) == (0.25, pytest.approx((0.1, 0.2)))
    assert cluster.link("b", "a").loss == 0, "each direction for itself"
    link.latency = 0.05
    assert link.latency == (0.05, 0.05) and (link.src, link.dst) == ("a", "b")


@virtual
async def test_latency_is_what_messages_take() -> None:
    cluster, leader = await led(latency=0.5)
    before = cluster.clock.now
    await cluster[leader].group.execute(INC())
    assert cluster.clock.now - before == pytest.approx(1.0)


@virtual
async def test_drop_sees_every_message_and_can_be_removed() -> None:
    cluster, leader = await led()
    seen: list[tuple[Any, ...]] = []
    rule = cluster.drop(lambda m: seen.append((m.src, m.dst, m.kind, m.term, dict(m.payload))))  # type: ignore[func-returns-value]
    await cluster[leader].group.execute(INC())
    assert {kind for _, _, kind, _, _ in seen} >= {"append", "append_reply"}
    append = next(s for s in seen if s[2] == "append")
    assert append[0] == leader and append[3] == 1 and append[4]["prev_index"] == 0
    assert rule.active
    rule.remove()
    rule.remove()
    count = len(seen)
    await cluster.clock.advance(5)
    assert len(seen) == count and not rule.active
    assert [verb for verb, _, _ in told(cluster)] == ["drop", "undrop"]


@virtual
async def test_dropping_all_heartbeats_of_a_leader_ends_its_reign() -> None:
    cluster, leader = await led()
    cluster.drop(lambda m: m.src == leader and m.kind == "heartbeat")
    assert await cluster.when().leader_changed() != leader


@virtual
async def test_a_predicate_that_raises_is_told_of_and_switched_off() -> None:
    cluster, leader = await led()

    def broken(message: Any) -> bool:
        raise KeyError("oops")

    rule = cluster.drop(broken)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert await cluster[leader].group.execute(INC()) == 1
    assert not rule.active
    assert any("oops" in str(w.message) and "the rule is switched off" in str(w.message) for w in caught)


@virtual
async def test_a_frozen_peer_is_silent_and_gets_everything_afterwards() -> None:
    cluster, leader = await led()
    frozen = others(cluster, leader)[0]
    cluster.freeze(frozen)
    await cluster[leader].group.execute_many([INC()] * 3)
    await cluster.clock.advance(1)
    assert cluster[frozen].group.committed() == 0
    cluster.thaw(frozen)
    await cluster[frozen].group.when().committed().reaches(3, timeout=0.5)


@virtual
async def test_a_fast_clock_stands_for_election_earlier() -> None:
    cluster, leader = await led(latency=0.001)
    fast, slow = others(cluster, leader)
    cluster.drift(fast, 3.0)
    cluster.drift(slow, 0.5)
    await cluster.clock.advance(1)
    cluster.kill(leader)
    stood = cluster[fast].group.when().leader_changed(timeout=30)
    await stood
    first = next(row for row in cluster.recorder.rows if row[1] == "election" and row[3] >= 2)
    assert first[2] == fast


@virtual
async def test_timeout_now_makes_a_leader_within_a_round_trip() -> None:
    cluster, leader = await led(5)
    chosen = others(cluster, leader)[0]
    before = cluster.clock.now
    cluster.timeout_now(chosen)
    assert await cluster.when().leader_changed() == chosen
    assert cluster.clock.now - before < 0.1


@virtual
async def test_peers_with_another_key_or_machine_never_bond() -> None:
    network = Network(seed=3)
    key = GroupKey.from_secret("k")
    one = network.peer("a").groups().with_key(key).with_state_machine(Counter()).join()
    two = network.peer("b").groups().with_key(GroupKey.from_secret("other")).with_state_machine(Counter()).join()
    three = network.peer("c").groups().with_key(key).join()
    four = network.peer("d").groups().with_key(key).with_state_machine(Counter()).join()
    await network.clock.advance(10)
    assert [len(g.bonds()) for g in (one, two, three, four)] == [1, 0, 0, 1]
    assert one.leader() == four.leader() is not None


@virtual
async def test_authorize_keeps_others_out() -> None:
    network = Network(seed=3)
    key = GroupKey.from_secret("k")
    one = network.peer("a").groups().with_key(key).authorize(lambda peer: peer != "c").join()
    two, three = (network.peer(name).groups().with_key(key).join() for name in "bc")
    await network.clock.advance(10)
    assert "c" not in one.bonds() and "b" in one.bonds() and "a" not in three.bonds() and "b" in three.bonds()
    assert "a" in two.bonds()


@virtual
async def test_post_does_a_verb_from_anywhere() -> None:
    cluster, leader = await led()
    cluster.post("kill", leader)
    assert cluster[leader].alive
    await cluster.when().leader_changed()
    assert not cluster[leader].alive
    with pytest.raises(ValueError, match=r"post\(\.\.\.\) knows no verb 'explode'"):
        cluster.post("explode")
