"""``cluster.history()``: what clients called and got, in the words of the checker's ready-made models."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit import Cluster, CommandLost, Counter, KeyValue, Offline, OutcomeUnknown, Register, check
from tests.group.helpers import led, virtual


def said(cluster: Cluster, **options: Any) -> list[tuple[Any, Any]]:
    return [(one.input, one.output) for one in cluster.history(**options)]


@virtual
async def test_a_counter_is_told_as_its_model_has_it() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    await group.execute(Counter.Increment(3))
    await group.execute_many([Counter.Decrement(1), Counter.Reset(), Counter.Increment(2)])
    await group.query(Counter.Value())
    assert said(cluster) == [
        (("inc", 3), None), (("dec", 1), None), (("reset",), None), (("inc", 2), None), (("value",), 2),
    ]  # fmt: skip
    assert check.linearizable(cluster.history(), check.CounterModel())


@virtual
async def test_a_register_is_told_as_its_model_has_it_and_a_swap_has_no_answer() -> None:
    cluster, leader = await led(machine=Register)
    group = cluster[leader].group
    await group.execute(Register.Write(1))
    await group.execute(Register.CompareAndSet(1, 2))
    await group.query(Register.Read())
    assert said(cluster) == [(("write", 1), None), (("cas", 1, 2), None), (("read",), 2)]
    assert [one.ret is None for one in cluster.history()] == [False, True, False], "it never said whether it swapped"
    assert check.linearizable(cluster.history(), check.RegisterModel())


@virtual
async def test_a_table_is_told_key_by_key() -> None:
    cluster, leader = await led(machine=KeyValue)
    group = cluster[leader].group
    for command in (KeyValue.Put("k", "x"), KeyValue.Append("k", "y"), KeyValue.Delete("k"), KeyValue.Put("l", [1])):
        await group.execute(command)
    for query in (KeyValue.Get("k"), KeyValue.Get("l"), KeyValue.Items()):
        await group.query(query)
    assert said(cluster) == [
        (("put", "k", "x"), None), (("append", "k", "y"), None), (("put", "k", ""), None), (("put", "l", [1]), None),
        (("get", "k"), ""), (("get", "l"), [1]),
    ], "a delete puts nothing, and a query of all keys belongs to none"  # fmt: skip
    assert check.linearizable(cluster.history(), check.KeyValueModel())


@virtual
async def test_what_certainly_never_happened_is_left_out_and_what_nobody_knows_is_not() -> None:
    cluster, leader = await led()
    alone = cluster[leader].group
    cluster.isolate(leader)
    lost = alone.execute(Counter.Increment(100))
    late = alone.execute(Counter.Increment(1000), timeout=0.5)
    with pytest.raises(OutcomeUnknown):
        await late
    await cluster.clock.advance(8)
    other = next(peer.group for peer in cluster if peer.id != leader)
    await other.execute(Counter.Increment(1))
    cluster.heal()
    with pytest.raises(CommandLost):
        await lost
    cluster.kill(leader)
    with pytest.raises(Offline):
        await alone.execute(Counter.Increment(10_000))
    told = {one.input: one.ret for one in cluster.history()}
    assert told.keys() == {("inc", 1000), ("inc", 1)} and told["inc", 1000] is None and told["inc", 1] is not None


@virtual
async def test_weak_queries_can_be_left_out_and_other_machines_speak_for_themselves() -> None:
    cluster, leader = await led(machine=Words)
    group = cluster[leader].group
    await group.execute(("say", "hello"))
    assert (await group.query("last", "weak")).result == "hello"
    assert (await group.query("last")).result == "hello"
    assert said(cluster) == [(("say", "hello"), None), ("last", "hello"), ("last", "hello")]
    assert said(cluster, weak=False) == [(("say", "hello"), None), ("last", "hello")]


class Words(KeyValue):
    signature = "Words"

    def apply(self, command: Any, ctx: Any) -> None:
        self.items["last"] = command[1]

    def query(self, query: Any) -> Any:
        return self.items[query]


@virtual
async def test_no_two_moments_are_equal_and_calls_of_one_instant_keep_their_order() -> None:
    cluster, leader = await led()
    group = cluster[leader].group
    waits = [group.execute(Counter.Increment(n)) for n in range(5)]
    for wait in waits:
        await wait
    history = cluster.history()
    moments = [time for one in history for time in (one.call, one.ret)]
    assert len(set(moments)) == len(moments) and [one.input[1] for one in history] == list(range(5))
    assert [one.call for one in history] == sorted(one.call for one in history)
