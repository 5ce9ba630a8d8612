"""Commands: committed and applied, in order, once; and what is said when that was not possible."""

from __future__ import annotations

import asyncio
import pickle
from typing import Any

import pytest

from groupkit import (
    ApplyFailed,
    Cluster,
    CommandError,
    CommandLost,
    ConsensusConfig,
    Counter,
    Cursor,
    GroupTerminated,
    Index,
    IndexRange,
    NoCommands,
    Offline,
    OutcomeUnknown,
    QueryError,
)
from tests.group.helpers import INC, led, others, virtual
from tests.stories.storm import Ledger


@virtual
async def test_execute_gives_the_index_once_it_is_applied_here() -> None:
    cluster, leader = await led()
    for name in [leader, *others(cluster, leader)]:
        group = cluster[name].group
        before = group.committed()
        index = await group.execute(INC(3))
        assert (type(index) is Index and index == before + 1) or index > before
        assert group.committed() >= index
        assert await group.query(Counter.Value(), "weak") == 3 * index


@virtual
async def test_the_first_command_of_a_fresh_group_gets_index_1() -> None:
    cluster = Cluster(5, machine=Counter)
    assert await cluster["c"].group.execute(INC()) == 1


@virtual
async def test_execute_many_is_contiguous_and_in_order() -> None:
    cluster, leader = await led(machine=Ledger)
    follower = cluster[others(cluster, leader)[0]].group
    one, other = follower.execute_many(range(50)), cluster[leader].group.execute_many(range(100, 150))
    spans = await asyncio.gather(one, other)
    assert all(type(span) is IndexRange and len(span) == 50 for span in spans)
    await cluster.when().converged()
    lines = (await follower.query("all")).result
    for span, first in zip(spans, (0, 100)):
        assert lines[span.start - 1 : span.end] == list(range(first, first + 50))


@virtual
async def test_feed_resolves_at_the_index_and_not_at_the_commit() -> None:
    cluster, leader = await led()
    cluster.drop(lambda m: m.kind == "append_reply")
    assert cluster[leader].group.feed(INC()).done()
    assert await cluster[others(cluster, leader)[0]].group.feed(INC()) == 2
    assert await cluster[leader].group.feed_many([INC()] * 3) == IndexRange(3, 5)
    assert cluster[leader].group.committed() == 0


@virtual
async def test_calls_on_one_handle_keep_their_order() -> None:
    cluster, leader = await led(5, machine=Ledger)
    follower = cluster[others(cluster, leader)[0]].group
    for src in (follower.peer_id(), leader):
        for dst in (follower.peer_id(), leader):
            if src != dst:
                cluster.link(src, dst).reorder = 0.5
                cluster.link(src, dst).loss = 0.2
    waits: list[Any] = [follower.execute(n) for n in range(40)]
    waits.append(follower.feed_many(range(40, 60)))
    waits += [follower.execute(n) for n in range(60, 80)]
    await asyncio.gather(*waits)
    assert (await follower.query("all")).result == list(range(80))


@virtual
async def test_submission_happens_at_the_call() -> None:
    cluster, leader = await led(machine=Ledger)
    group = cluster[leader].group
    last = group.execute("first")
    second = group.execute("second")
    assert (await second, await last) == (2, 1)
    command = ["mutable"]
    wait = group.execute(command)
    command.append("changed after the call")
    await wait
    assert (await group.query("all")).result[-1] == ["mutable"]


@virtual
async def test_before_there_is_a_leader_commands_wait_for_one() -> None:
    cluster = Cluster(3, machine=Counter)
    waits = [peer.group.execute(INC()) for peer in cluster]
    assert sorted(await asyncio.gather(*waits)) == [1, 2, 3]


@virtual
async def test_a_forwarded_command_survives_a_change_of_leader_and_is_applied_once() -> None:
    cluster, leader = await led(5, machine=Ledger)
    client = cluster[others(cluster, leader)[0]].group
    cluster.drop(lambda m: m.kind == "forward_reply")
    cluster.drop(lambda m: m.src == leader and m.kind == "append")
    waits = [client.execute(n) for n in range(5)]
    await cluster.clock.advance(0.1)
    cluster.kill(leader)
    await asyncio.gather(*waits)
    cluster.restart(leader)
    await cluster.when().converged(timeout=30)
    lines = (await client.query("all")).result
    assert sorted(lines) == [0, 1, 2, 3, 4]


@virtual
async def test_offline_was_never_submitted() -> None:
    cluster, leader = await led()
    cluster.kill(leader)
    with pytest.raises(Offline, match=f"was never submitted: {leader} is down. Trying again is safe") as caught:
        await cluster[leader].group.execute(INC(4))
    assert caught.value.commands == (INC(4),) and isinstance(caught.value, CommandError)


@virtual
async def test_offline_after_looking_for_a_leader_in_vain() -> None:
    cluster, leader = await led()
    lonely = cluster[others(cluster, leader)[0]].group
    cluster.isolate(lonely)
    await lonely.when().offline()
    while lonely.leader() is not None:
        await cluster.clock.sleep(0.1)
    with pytest.raises(Offline, match=f"{lonely.peer_id()} found no leader"):
        await lonely.execute(INC())


@virtual
async def test_command_lost_is_certainly_overwritten() -> None:
    cluster, leader = await led()
    former = cluster[leader].group
    cluster.isolate(leader)
    lost = former.execute_many([INC(1), INC(2)])
    new = cluster[await cluster.when().leader_changed()].group
    await new.execute_many([INC(10), INC(20), INC(30)])
    cluster.heal()
    with pytest.raises(CommandLost, match=r"2 commands is lost: a leader of term 2 .* trying again is safe") as caught:
        await lost
    assert caught.value.commands == (INC(1), INC(2))
    assert await former.query(Counter.Value()) == 60


@virtual
async def test_lost_behind_the_end_of_the_log_that_won() -> None:
    """Contract 6: certainly overwritten is CommandLost, also where the new history is shorter than the old one."""
    cluster, leader = await led()
    former = cluster[leader].group
    cluster.isolate(leader)
    lost = [former.execute(INC(1)) for _ in range(3)]
    await cluster[await cluster.when().leader_changed()].group.execute(INC(10))
    cluster.heal()
    for wait, where in zip(lost, ("in", "before", "before"), strict=True):
        with pytest.raises(CommandLost, match=f"a leader of term 2 committed other entries {where} its place"):
            await wait
    assert await former.query(Counter.Value()) == 10


@virtual
async def test_a_strong_query_waits_for_an_election_as_a_command_does() -> None:
    """Contract 6: calls on one handle keep their order; what was asked before the first election is answered after."""
    cluster = Cluster(3, machine=Counter, seed=1)
    group = cluster["b"].group
    alone, command, behind = group.query(Counter.Value()), group.execute(INC(2)), group.query(Counter.Value())
    assert (await alone).result in (0, 2) and await command == 1 and await behind == 2


@virtual
async def test_reaching_the_index_is_not_enough() -> None:
    """Another command committed at that index: execute must not take it for its own."""
    cluster, leader = await led()
    former = cluster[leader].group
    cluster.isolate(leader)
    feed, execute = former.feed(INC(1)), former.execute(INC(2))
    assert await feed == 1
    await cluster[await cluster.when().leader_changed()].group.execute_many([INC(10)] * 4)
    cluster.heal()
    await former.when().committed().reaches(4)
    with pytest.raises(CommandLost):
        await execute


@virtual
async def test_outcome_unknown_when_the_peer_dies_in_between() -> None:
    cluster, leader = await led()
    wait = cluster[leader].group.execute(INC(9))
    cluster.kill(leader)
    with pytest.raises(OutcomeUnknown, match=r"is unknown: .* was killed. It may yet commit") as caught:
        await wait
    assert caught.value.commands == (INC(9),)


@virtual
async def test_timeouts_say_offline_or_unknown() -> None:
    cluster, leader = await led()
    lonely = cluster[leader].group
    cluster.isolate(lonely)
    before = cluster.clock.now
    with pytest.raises(OutcomeUnknown, match=r"nothing within 0.5 virtual seconds; . is leader of term 1"):
        await lonely.execute(INC(), timeout=0.5)
    assert cluster.clock.now - before == pytest.approx(0.5)
    await lonely.when().offline()
    with pytest.raises(Offline, match=r"nothing within 0\.5 virtual seconds; . is (follower|candidate) of term"):
        await lonely.execute(INC(), timeout=0.5)


@virtual
async def test_a_timeout_that_was_not_needed_is_not_written_down() -> None:
    cluster, leader = await led()
    waits = [cluster[name].group.execute(INC(), timeout=1) for name in (leader, others(cluster, leader)[0])]
    await asyncio.gather(*waits)
    await cluster.clock.advance(5)
    said = [row[4] for row in cluster.recorder.rows if row[1] == "command"]
    assert "unknown" not in said and said.count("committed") == 2


@virtual
async def test_an_empty_batch_is_refused() -> None:
    cluster, _ = await led()
    group = cluster["a"].group
    for call in (group.execute_many, group.feed_many):
        with pytest.raises(NoCommands, match="has nothing to do: hand in at least one command"):
            call([])
    for bad in ("abc", b"abc", {"a": 1}, 3, None):
        with pytest.raises(TypeError, match="several commands are handed in as a list, not as"):
            group.execute_many(bad)  # type: ignore[arg-type]


@virtual
async def test_a_long_batch_of_which_a_part_survived_says_which_are_lost() -> None:
    cluster, leader = await led(machine=Ledger)
    hold = cluster.drop(lambda m: m.kind == "append_reply")
    wait = cluster[leader].group.execute_many(range(2000))
    await cluster.clock.advance(0.05)
    cluster.isolate(leader)
    hold.remove()
    await cluster.when().leader_changed()
    cluster.heal()
    with pytest.raises(CommandLost, match="the first 1024 of 2000 are committed") as caught:
        await wait
    assert caught.value.commands == tuple(range(1024, 2000))
    assert await cluster[leader].group.execute_many(caught.value.commands)
    assert (await cluster[leader].group.query("all")).result == list(range(2000))


@virtual
async def test_what_a_frozen_peer_is_given_waits_for_the_thaw() -> None:
    cluster, leader = await led()
    frozen = cluster[leader].group
    cluster.freeze(leader)
    command, query = frozen.execute(INC(5)), frozen.query(Counter.Value())
    sent = len([m for m in cluster.recorder.messages if m[3] == leader])
    await cluster.clock.advance(0.5)
    assert len([m for m in cluster.recorder.messages if m[3] == leader]) == sent, (
        "a process that stands still is silent"
    )
    cluster.thaw(leader)
    assert await command == 1 and await query == 5


@virtual
async def test_killing_a_frozen_peer_ends_what_it_was_given() -> None:
    cluster, leader = await led()
    cluster.freeze(leader)
    command, query = cluster[leader].group.execute(INC()), cluster[leader].group.query(Counter.Value())
    cluster.kill(leader)
    with pytest.raises(Offline):
        await command
    with pytest.raises(QueryError):
        await query


@virtual
async def test_a_machine_that_raises_stops_that_peer_only() -> None:
    class Fragile(Counter):
        signature = "Fragile"

        def __init__(self) -> None:
            super().__init__()
            self.breaks = False

        def apply(self, command: Any, ctx: Any) -> None:
            if command == "boom" and self.breaks:
                raise ValueError("no more")
            if command != "boom":
                super().apply(command, ctx)

    made: list[Fragile] = []

    def make() -> Fragile:
        made.append(Fragile())
        return made[-1]

    cluster, leader = await led(machine=make)
    machines = dict(zip("abc", made))
    victim = others(cluster, leader)[0]
    machines[victim].breaks = True
    with pytest.raises(ApplyFailed) as caught:
        await cluster[victim].group.execute("boom")
    error = caught.value
    assert (error.peer, error.index, error.commands) == (victim, 1, ("boom",))
    assert all(word in str(error) for word in (victim, "Fragile", "no more", "index 1", "'boom'"))
    far = pickle.loads(pickle.dumps(error))  # what a task of a process pool raised would break the pool otherwise
    assert (str(far), far.peer, far.index, far.commands) == (str(error), victim, 1, ("boom",))
    assert cluster[victim].group.role() == "down" and not cluster[victim].alive
    assert await cluster[leader].group.execute(INC()) == 2, "the group goes on"
    with pytest.raises(ApplyFailed):
        await cluster[victim].group.execute(INC())
    machines[victim].breaks = False
    cluster.restart(victim)
    await cluster.when().converged()
    assert await cluster[victim].group.query(Counter.Value(), "weak") == 1


@virtual
async def test_calls_from_inside_apply_are_refused_even_in_a_group_of_one() -> None:
    said: list[str] = []

    class Nosy(Counter):
        signature = "Nosy"

        def apply(self, command: Any, ctx: Any) -> None:
            try:
                clusters[-1]["a"].group.execute("again")
            except RuntimeError as error:
                said.append(str(error))

    clusters: list[Cluster] = []
    for count in (1, 3):
        clusters.append(Cluster(count, machine=Nosy))
        leader = await clusters[-1].when().leader_elected()
        await clusters[-1][leader].group.execute("x")
        assert said and "from inside an event" in said.pop()
        said.clear()


@virtual
async def test_context_tells_index_and_term() -> None:
    class Facts(Ledger):
        signature = "Facts"

        def apply(self, command: Any, ctx: Any) -> None:
            self.lines.append((ctx.index, ctx.term))

    cluster, leader = await led(machine=Facts)
    await cluster[leader].group.execute_many(["ab"] * 2)
    assert (await cluster[leader].group.query("all")).result == [(1, 1), (2, 1)]


@virtual
async def test_leaving_ends_commands_with_group_terminated() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    cluster.isolate(leader)
    wait = group.execute(INC())
    await group.leave()
    with pytest.raises(GroupTerminated):
        await wait
    with pytest.raises(GroupTerminated, match="has left the group"):
        group.execute(INC())


@virtual
async def test_with_snapshots_a_far_behind_peer_ends_equal() -> None:
    cluster, leader = await led(config=ConsensusConfig(snapshot_every=10))
    behind = others(cluster, leader)[0]
    cluster.kill(behind)
    for n in range(35):
        await cluster[leader].group.execute(INC(n))
    cluster.restart(behind)
    await cluster[behind].group.when().committed().reaches(35)
    assert await cluster[behind].group.query(Counter.Value(), "weak") == sum(range(35))
    assert cluster[behind].group.log_position() == Cursor(1, 35)
    assert await cluster[behind].group.execute(INC()) == 36
    assert cluster.violations == []


@virtual
async def test_calls_of_one_moment_keep_their_order_a_query_among_them() -> None:
    cluster, leader = await led()
    for peer in (leader, others(cluster, leader)[0]):
        group = cluster[peer].group
        before = (await group.query(Counter.Value())).result
        calls = [group.execute(INC(1)), group.execute(INC(1)), group.query(Counter.Value()), group.execute(INC(1))]
        assert (await calls[2]).result >= before + 2, f"{peer} asked behind two commands"
        assert [int(await calls[n]) for n in (0, 1, 3)] == [1 + before, 2 + before, 3 + before]


@virtual
async def test_a_hundred_commands_of_one_moment_take_one_round_trip() -> None:
    cluster, leader = await led(5)
    began = cluster.clock.now
    await asyncio.gather(*[cluster[leader].group.execute(INC(1)) for _ in range(100)])
    assert cluster.clock.now - began <= 0.030, "there and back, 15 ms each at most"
