"""Bonds: who is bonded with whom, ids, watching them, teardown and coming back."""

from __future__ import annotations

import pytest

from groupkit import (
    Cluster,
    ConsensusConfig,
    Counter,
    GroupKey,
    KeyValue,
    Network,
    NoOp,
    Rules,
    StateMachine,
    UnknownPeer,
)
from tests.bonded.helpers import KEY, PATIENCE, co_members, join, joined, rows
from tests.group.helpers import virtual


@virtual
async def test_given_four_peers_in_three_overlapping_groups_then_each_bonds_with_its_co_members_in_id_order() -> None:
    network = Network(seed=2)
    members = {"one": "dba", "two": "bcd", "three": "ad"}
    groups = {
        (name, peer): join(network, peer, key=GroupKey.from_secret(name))
        for name, peers in members.items()
        for peer in peers
    }
    await network.clock.advance(15)
    for (name, peer), group in groups.items():
        assert co_members(group) == sorted(set(members[name]) - {peer}), (name, peer)
    assert len({group.id() for group in groups.values()}) == 3


@virtual
async def test_given_equal_key_and_machine_then_ids_are_equal_and_anything_else_gives_another_id() -> None:
    class Tally(StateMachine):
        signature = "Counter"

    network = Network(seed=1)
    same = [join(network, "a", Counter()), join(network, "b", Counter()), join(network, "c", Tally())]
    assert len({group.id() for group in same}) == 1, "the signature counts, not the class"
    others = [
        join(network, "d", KeyValue()),
        join(network, "e", Counter(), key=GroupKey.from_secret("another")),
        join(network, "f", Counter(), key=GroupKey.random()),
        join(network, "g", Counter(), config=ConsensusConfig(election_timeout=2.1)),
        join(network, "h", Counter(), config=ConsensusConfig(snapshot_every=10)),
        join(network, "i", Counter(), config=ConsensusConfig(voters=("i",))),
        network.peer("j").groups().with_key(KEY).with_state_machine(Counter()).with_rules(Rules(pre_vote=False)).join(),
    ]
    assert len({group.id() for group in [same[0], *others]}) == 1 + len(others)
    await network.clock.advance(10)
    assert all(len(group.bonds()) == 0 for group in others)
    assert co_members(same[0]) == ["b", "c"]


@pytest.mark.parametrize(
    ("different", "reason"),
    [
        ({"key": GroupKey.from_secret("wrong")}, "they know different keys"),
        ({"config": ConsensusConfig(election_timeout=3)}, "their consensus configurations differ"),
        ({"machine": NoOp()}, "their machines differ, KeyValue and NoOp"),
    ],
)
def test_given_a_stranger_then_there_is_no_bond_and_an_event_on_both_sides_says_why(
    different: dict[str, object], reason: str
) -> None:
    @virtual
    async def check() -> None:
        network = Network(seed=1)
        alice = join(network, "alice", KeyValue())
        bob = join(network, "bob", **different)  # type: ignore[arg-type]
        await network.clock.advance(10)
        assert len(alice.bonds()) == len(bob.bonds()) == 0
        for group, other in ((alice, "bob"), (bob, "alice")):
            events = group.timeline.events()
            told = [
                text for text in events[events.peer == group.peer_id()].text if f"{other} is in another group" in text
            ]
            assert len(told) == 1
            assert reason in told[0] or reason.replace("KeyValue and NoOp", "NoOp and KeyValue") in told[0]
            assert len(group.timeline.bonds()) == 0

    check()


@virtual
async def test_given_any_connected_start_then_a_mesh_forms() -> None:
    network = Network(seed=4)
    for name in "abcde":
        network.peer(name)
    pairs = [(x, y) for x in "abcde" for y in "abcde" if x < y]
    chain = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")]
    for x, y in pairs:
        if (x, y) not in chain:
            network.cut(x, y)
    groups = [join(network, name) for name in "abcde"]
    await network.clock.advance(20)
    assert [co_members(group) for group in groups] == [["b"], ["a", "c"], ["b", "d"], ["c", "e"], ["d"]]
    network.heal()
    await network.clock.advance(5)
    for group in groups:
        assert co_members(group) == [name for name in "abcde" if name != group.peer_id()]


@virtual
async def test_given_a_mesh_then_each_bond_has_one_id_on_both_sides_and_no_two_bonds_share_one() -> None:
    groups = await joined(Network(seed=1), "abcd")
    by_pair: dict[frozenset[str], set[int]] = {}
    for group in groups:
        for bond in group.bonds().iter():
            assert bond.is_up()
            by_pair.setdefault(frozenset((group.peer_id(), bond.peer_id())), set()).add(bond.id())
    assert len(by_pair) == 6 and all(len(ids) == 1 for ids in by_pair.values())
    assert len(set.union(*by_pair.values())) == 6


@virtual
async def test_given_a_view_of_bonds_then_it_is_live_and_iteration_walks_over_a_snapshot() -> None:
    network = Network(seed=1)
    alice, bob = join(network, "alice"), join(network, "bob")
    bonds = alice.bonds()
    assert len(bonds) == 0 and list(bonds) == [] and bonds.get("bob") is None and "bob" not in bonds
    changed = bonds.changed()  # subscribed now
    await network.clock.advance(1)
    assert await changed is bonds
    assert len(bonds) == 1 and "bob" in bonds and bob in (bob,) and bonds.get("bob") == next(iter(bonds))
    walk = bonds.iter()
    network.kill("alice")
    assert [bond.peer_id() for bond in walk] == ["bob"] and len(bonds) == 0
    with pytest.raises(UnknownPeer, match="carol"):
        bonds.get("carol")
    assert "bob" in bob.bonds()._repr_html_() or "alice" in bob.bonds()._repr_html_()


@virtual
async def test_given_a_cut_when_heartbeats_are_missed_then_both_sides_fall_and_a_heal_makes_a_new_bond() -> None:
    network = Network(seed=1)
    groups = await joined(network, "ab")
    old = groups[0].bonds().get("b")
    assert old is not None
    falls = [group.bonds().changed() for group in groups]
    began = network.clock.now
    old.cut()
    assert old.is_up(), "nobody can know it yet"
    for fall in falls:
        await fall
    assert 5.0 <= network.clock.now - began <= 6.5, "ten heartbeats of half a second were missed"
    assert not old.is_up() and [len(group.bonds()) for group in groups] == [0, 0]
    await network.clock.advance(60)
    assert [len(group.bonds()) for group in groups] == [0, 0]
    rise = groups[1].bonds().changed()
    began = network.clock.now
    old.heal()
    await rise
    assert network.clock.now - began < 1.0
    await network.clock.advance(1)
    new = [group.bonds().get(other) for group, other in zip(groups, "ba")]
    assert new[0] is not None and new[1] is not None
    assert new[0].id() == new[1].id() != old.id()
    assert new[0].is_up() and not old.is_up()
    ended = groups[0].timeline.bonds()
    assert list(ended.open) == [False, True] and "missed 10 heartbeats" in ended.reason.iloc[0]


@virtual
async def test_given_a_short_cut_when_it_is_healed_in_time_then_the_bond_lives_on() -> None:
    network = Network(seed=1)
    groups = await joined(network, "ab")
    old = groups[0].bonds().get("b")
    assert old is not None
    old.cut()
    await network.clock.advance(3)
    old.heal()
    await network.clock.advance(30)
    assert old.is_up() and len(rows(groups[0], "bond")) == 2


@virtual
async def test_given_one_deaf_direction_when_heartbeats_are_missed_then_both_sides_fall() -> None:
    network = Network(seed=1)
    groups = await joined(network, "ab")
    network.cut("a", "b", one_way=True)
    await network.clock.advance(15)
    assert [len(group.bonds()) for group in groups] == [0, 0]
    network.heal("a", "b")
    await network.clock.advance(5)
    assert [co_members(group) for group in groups] == [["b"], ["a"]]


@virtual
async def test_given_a_killed_peer_when_it_comes_back_before_anybody_missed_it_then_there_is_a_new_bond() -> None:
    network = Network(seed=1)
    groups = await joined(network, "abc")
    old = {group.peer_id(): group.bonds().get("b") for group in groups if group.peer_id() != "b"}
    network.kill("b")
    assert len(groups[1].bonds()) == 0 and "b" in groups[0].bonds()
    await network.clock.advance(1)
    network.restart("b")
    await network.clock.advance(2)
    for peer, bond in old.items():
        assert bond is not None and not bond.is_up()
        here, there = groups["abc".index(peer)].bonds().get("b"), groups[1].bonds().get(peer)
        assert here is not None and there is not None and here.id() == there.id() != bond.id()


@virtual
async def test_given_a_peer_that_stays_down_when_its_heartbeats_are_missed_then_its_bonds_fall() -> None:
    network = Network(seed=1)
    groups = await joined(network, "abc")
    network.kill("c")
    await network.clock.advance(7)
    assert [co_members(group) for group in groups] == [["b"], ["a"], []]


@virtual
async def test_given_max_missed_heartbeats_and_interval_then_they_say_how_long_a_bond_is_missed() -> None:
    network = Network(seed=1)
    config = ConsensusConfig(heartbeat_interval=0.2, max_missed_heartbeats=3)
    groups = await joined(network, "ab", config=config)
    network.cut("a", "b")
    began = network.clock.now
    await groups[0].bonds().changed(timeout=PATIENCE)
    assert 0.6 <= network.clock.now - began <= 1.0


@virtual
async def test_given_heartbeats_without_jitter_when_a_wire_is_cut_then_the_bond_falls_all_the_same() -> None:
    for interval in (0.1, 0.3, 0.313, 0.7):  # seconds; as floats, sums of them do not always come out even
        network = Network(seed=1)
        config = ConsensusConfig(heartbeat_interval=interval, heartbeat_jitter=0.0, max_missed_heartbeats=7)
        groups = await joined(network, "ab", config=config)
        network.cut("a", "b")
        began = network.clock.now
        await groups[0].bonds().changed(timeout=PATIENCE)
        assert 7 * interval - 1e-9 <= network.clock.now - began <= 8 * interval + 1e-9
        await network.close()


@virtual
async def test_given_a_lossy_wire_then_bonds_and_group_hold() -> None:
    network = Network(seed=8)
    for x, y in (("a", "b"), ("b", "a"), ("a", "c"), ("c", "a"), ("b", "c"), ("c", "b")):
        network.link(network.peer(x), network.peer(y)).loss = 0.3
    groups = [join(network, name) for name in "abc"]
    await network.clock.advance(60)
    assert [co_members(group) for group in groups] == [["b", "c"], ["a", "c"], ["a", "b"]]
    await groups[0].execute(KeyValue.Put("x", 1), timeout=PATIENCE)


@virtual
async def test_given_a_handshake_then_the_key_never_travels_and_nonces_are_fresh() -> None:
    secret = "travels never"
    network = Network(seed=1)
    seen: list[object] = []
    network.drop(lambda message: bool(seen.append((message.kind, message.payload))))
    groups = [join(network, name, key=GroupKey.from_secret(secret)) for name in "ab"]
    await network.clock.advance(3)
    network.cut("a", "b")
    await network.clock.advance(10)
    network.heal()
    await network.clock.advance(3)
    assert len(groups[0].bonds()) == 1
    hellos = [payload["nonce"] for kind, payload in seen if kind == "hello"]  # type: ignore[misc]
    proofs = [payload["proof"] for kind, payload in seen if kind in ("welcome", "proof")]  # type: ignore[misc]
    assert len(set(hellos)) == len(hellos) >= 2 and all(len(nonce) == 16 for nonce in hellos)
    assert len(set(proofs)) == 4 and all(len(proof) == 32 for proof in proofs)
    raw = GroupKey.from_secret(secret)._secret  # what must not be seen
    assert all(raw not in repr(payload).encode() and repr(raw) not in repr(payload) for _, payload in seen)  # type: ignore[misc]
    assert secret not in repr(seen)


@virtual
async def test_given_a_cluster_then_its_peers_are_bonded_from_the_beginning() -> None:
    async with Cluster(4, quorum="bonded", seed=1) as cluster:
        for peer in cluster:
            assert co_members(peer.group) == [other.id for other in cluster if other.id != peer.id]
