"""Joining: the builder, one handle for each group, several groups at once, leaving."""

from __future__ import annotations

import pytest

from groupkit import (
    ConsensusConfig,
    Counter,
    GroupKey,
    GroupTerminated,
    IndexRange,
    KeyValue,
    MemoryLog,
    Network,
    NoOp,
    Quorum,
)
from tests.bonded.helpers import KEY, PATIENCE, co_members, items, join, joined, leader_of, put, rows, settled
from tests.group.helpers import virtual


@virtual
async def test_given_every_step_when_written_in_the_order_one_would_say_it_then_the_peer_is_in() -> None:
    network = Network(seed=7)
    group = (
        network.peer("alice")
        .groups()
        .with_key(GroupKey.from_secret("demo"))
        .with_state_machine(Counter())
        .with_consensus_config(ConsensusConfig(bootstrap_delay=1.0))
        .with_log_storage(MemoryLog())
        .join()
    )
    await group.when().online(timeout=PATIENCE)
    assert group.peer_id() == "alice" == group.leader()
    assert group.config().bootstrap_delay == 1.0
    assert group.config().quorum is Quorum.BONDED, "no voters are named"
    assert network.clock.now <= 1.0 + 2.0 + 0.5


@virtual
async def test_given_only_a_key_when_joined_then_it_runs_a_noop_of_any_command() -> None:
    network = Network(seed=1)
    group = network.peer("alice").groups().with_key(KEY).join()
    assert await group.execute("anything at all") == 1
    assert await group.query("anything") == None  # noqa: E711 - a QueryResult, equal to its result
    assert group.id() == join(network, "bob", NoOp()).id()


@virtual
async def test_given_no_key_when_joined_then_it_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValueError, match=r"with_key\(GroupKey.from_secret"):
        Network(seed=1).peer("alice").groups().join()


@virtual
async def test_given_wrong_things_when_handed_to_the_builder_then_each_is_named() -> None:
    builder = Network(seed=1).peer("alice").groups()
    with pytest.raises(TypeError, match="'a text'"):
        builder.with_key("a text")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"Counter\(\), with brackets"):
        builder.with_state_machine(Counter)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="ConsensusConfig"):
        builder.with_consensus_config({"election_timeout": 2})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"SqliteLog\(path\)"):
        builder.with_log_storage("file.db")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="function of a PeerId"):
        builder.authorize("bob")  # type: ignore[arg-type]


@virtual
async def test_given_a_member_when_it_joins_the_same_group_again_then_it_gets_the_same_handle() -> None:
    network = Network(seed=1)
    first = join(network, "alice", Counter())
    assert join(network, "alice", Counter()) is first
    await network.clock.advance(10)
    assert join(network, "alice", Counter()) is first
    assert join(network, "alice", NoOp()) is not first, "another machine makes another group"


@virtual
async def test_given_a_peer_in_two_groups_when_one_is_used_then_the_other_is_not_disturbed() -> None:
    network = Network(seed=3)
    other = GroupKey.from_secret("another secret")
    ones = await joined(network, "abc")
    twos = [join(network, name, key=other) for name in "bcd"]
    for group in twos:
        await group.when().online(timeout=PATIENCE)
    before = [(g.term(), g.committed(), g.log_position(), g.leader()) for g in twos]
    await put(ones[0], "x", "y")
    await settled(ones)
    await ones[0].leave()
    await network.clock.advance(30)
    assert [(g.term(), g.committed(), g.log_position(), g.leader()) for g in twos] == before
    await put(twos[2], "z")
    await settled(twos)
    assert await items(ones[1]) == {"x": "a", "y": "a"}
    assert await items(twos[0]) == {"z": "d"}
    with pytest.raises(LookupError, match="2 groups"):
        network.peer("b").group  # which of the two must be said


@virtual
async def test_given_a_follower_when_it_leaves_then_the_others_know_at_once_and_go_on() -> None:
    network = Network(seed=5)
    groups = await joined(network, "abc")
    leader = leader_of(groups)
    leaver = next(group for group in groups if group is not leader)
    rest = [group for group in groups if group is not leaver]
    gone = [group.bonds().changed() for group in rest]
    waiting = [leaver.when().leader_changed(), leaver.bonds().changed(), leaver.execute(KeyValue.Put("late", 1))]
    await leaver.leave()
    for wait in waiting:
        with pytest.raises(GroupTerminated, match="left"):
            await wait
    then = network.clock.now
    for wait in gone:
        assert leaver.peer_id() not in await wait
    assert network.clock.now - then < 0.1, "a good-bye, not missed heartbeats"
    await put(leader, "on")
    assert [len(group.bonds()) for group in rest] == [1, 1]
    with pytest.raises(GroupTerminated):
        leaver.when()
        await leaver.execute(KeyValue.Put("never", 1))


@virtual
async def test_given_a_leader_with_a_command_on_its_way_when_it_leaves_then_that_is_not_acknowledged() -> None:
    network = Network(seed=1)
    groups = await joined(network, "abc")
    leader = leader_of(groups)
    rest = [group for group in groups if group is not leader]
    command = leader.execute(KeyValue.Put("x", 1))
    await leader.leave()
    with pytest.raises(GroupTerminated):
        await command
    await settled(rest)
    assert rest[0].leader() in {group.peer_id() for group in rest}
    assert not rows(leader, "committed", leader.peer_id()), "alone for a moment it must not commit"


@virtual
async def test_given_a_peer_that_left_when_it_joins_again_then_it_is_a_member_with_a_new_handle() -> None:
    network = Network(seed=6)
    groups = await joined(network, "abc")
    await put(groups[0], "x", "y")
    await groups[2].leave()
    again = join(network, "c")
    assert again is not groups[2]
    await again.when().committed().reaches(2, timeout=PATIENCE)
    assert await items(again) == {"x": "a", "y": "a"}
    assert co_members(again) == ["a", "b"] and co_members(groups[0]) == ["b", "c"]


@virtual
async def test_given_a_follower_that_left_and_joined_again_then_its_new_commands_are_not_taken_for_old_ones() -> None:
    network = Network(seed=6)
    groups = await joined(network, "abc")
    follower = next(group for group in groups if not group.is_leader())
    await put(follower, "x", "y")
    await follower.leave()
    again = join(network, follower.peer_id())
    await again.when().online(timeout=PATIENCE)
    assert await again.execute_many([KeyValue.Put("u", 1), KeyValue.Put("v", 2)]) == IndexRange(3, 4)
    assert set(await items(again)) == {"x", "y", "u", "v"}


@virtual
async def test_given_a_peer_cut_off_when_it_leaves_unheard_then_its_bonds_fall_by_missed_heartbeats() -> None:
    network = Network(seed=1)
    groups = await joined(network, "abc")
    network.isolate("c")
    await groups[2].leave()
    await network.clock.advance(8)
    assert [co_members(group) for group in groups[:2]] == [["b"], ["a"]]
    network.heal()
    again = join(network, "c")
    await again.when().online(timeout=PATIENCE)
    await network.clock.advance(30)
    assert co_members(groups[0]) == ["b", "c"], "the new bond is not taken for the old one"
    assert len(rows(groups[0], "bond", "c")) == 6, "two up, two down by leaving, two up again"


# -- authorize -------------------------------------------------------------------------------------------------------


@virtual
async def test_given_a_predicate_when_it_is_false_for_a_peer_then_there_is_no_bond_and_an_event_says_why() -> None:
    network = Network(seed=1)
    asked: list[str] = []

    def allowed(peer: str) -> bool:
        asked.append(peer)
        return peer != "mallory"

    alice = network.peer("alice").groups().with_key(KEY).authorize(allowed).join()
    bob = network.peer("bob").groups().with_key(KEY).join()
    mallory = network.peer("mallory").groups().with_key(KEY).join()
    await network.clock.advance(20)
    assert {"bob", "mallory"} <= set(asked)
    assert co_members(alice) == ["bob"]
    assert co_members(bob) == ["alice", "mallory"], "bob lets anybody in"
    assert co_members(mallory) == ["bob"]
    events = alice.timeline.events()
    assert events[events.kind == "bond"].text.str.contains("alice does not authorize mallory").any()


@virtual
async def test_given_a_predicate_that_raises_then_nobody_is_let_in_and_a_warning_says_so() -> None:
    network = Network(seed=1)

    def broken(peer: str) -> bool:
        raise KeyError(str(peer))

    alice = network.peer("alice").groups().with_key(KEY).authorize(broken).join()
    network.peer("bob").groups().with_key(KEY).join()
    with pytest.warns(
        RuntimeWarning, match=r"authorize\(predicate\) raised KeyError\('bob'\) for 'bob': it is not let in"
    ):
        await network.clock.advance(5)
    assert co_members(alice) == []


@virtual
async def test_given_a_bond_when_the_predicate_stops_being_true_then_it_ends_and_begins_again_when_it_is() -> None:
    network = Network(seed=1)
    trusted = {"bob"}
    alice = network.peer("alice").groups().with_key(KEY).authorize(lambda peer: peer in trusted).join()
    bob = network.peer("bob").groups().with_key(KEY).join()
    await network.clock.advance(10)
    first = alice.bonds().get("bob")
    assert first is not None and first.is_up()
    ends = [alice.bonds().changed(), bob.bonds().changed()]
    trusted.clear()
    for wait in ends:
        await wait
    assert not first.is_up() and len(alice.bonds()) == len(bob.bonds()) == 0
    await network.clock.advance(20)
    assert len(bob.bonds()) == 0
    trusted.add("bob")
    await alice.bonds().changed(timeout=PATIENCE)
    again = alice.bonds().get("bob")
    assert again is not None and again.id() != first.id()
    bonds = alice.timeline.bonds()
    assert "no longer authorizes" in bonds.reason.iloc[0]
