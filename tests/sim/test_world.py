"""The world: one clock, one heap; seeds, wires and what they do to messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groupkit.raft.messages import Append, Commit
from groupkit.sim.links import Parcel, carry
from groupkit.sim.seeds import Seeds
from groupkit.sim.world import Process, World


def test_events_run_in_order_of_time_then_of_their_making() -> None:
    world, seen = World(), []
    for time, name in [(2.0, "c"), (1.0, "a"), (1.0, "b"), (3.0, "d")]:
        world.at(time, lambda name=name: seen.append((world.now, name)))
    assert world.run(2.5, 100) == 3
    assert seen == [(1.0, "a"), (1.0, "b"), (2.0, "c")]
    assert world.now == 2.0 and world.next_time() == 3.0


def test_the_clock_moves_before_the_action_runs_and_actions_may_plan_more() -> None:
    world, seen = World(), []

    def tick() -> None:
        seen.append(world.now)
        if len(seen) < 5:
            world.at(world.now + 0.5, tick)

    world.at(1.0, tick)
    world.run(100.0, 3)
    assert seen == [1.0, 1.5, 2.0]
    world.run(100.0, 100)
    assert seen == [1.0, 1.5, 2.0, 2.5, 3.0] and world.next_time() == float("inf")


def test_nothing_runs_after_an_event_that_woke_somebody() -> None:
    world, seen = World(), []

    def wake() -> None:
        world.woken = True

    world.at(1.0, wake)
    world.at(1.0, seen.append, "later")
    world.run(5.0, 100)
    assert seen == []
    world.run(5.0, 100)
    assert seen == ["later"]


def test_an_error_in_an_event_does_not_leave_the_world_busy() -> None:
    world = World()
    world.at(1.0, [].pop)
    with pytest.raises(IndexError):
        world.run(5.0, 1)
    assert not world.busy and world.now == 1.0


def test_alarms_come_behind_all_events_of_their_time_and_take_no_serial() -> None:
    world, seen = World(), []
    world.alarm(1.0, lambda: seen.append("alarm"))
    serial = world.serial
    world.at(1.0, seen.append, "event")
    world.run(1.0, 100)
    assert seen == ["event", "alarm"] and world.serial == serial + 1


@given(st.integers(), st.text(max_size=20), st.integers(1, 20))
def test_named_streams_are_repeatable_and_independent(seed: int, name: str, count: int) -> None:
    one, other = Seeds(seed), Seeds(seed)
    other.stream("something else").random()
    assert [one.stream(name).random() for _ in range(count)] == [other.stream(name).random() for _ in range(count)]


def test_streams_are_the_same_in_every_process_and_python() -> None:
    assert [round(Seeds(7).stream("latency").random(), 12)] == [round(Seeds(7).stream("latency").random(), 12)]
    assert Seeds(7).stream("a").random() != Seeds(7).stream("b").random() != Seeds(8).stream("b").random()


def _sent(world: World, count: int) -> list[tuple[float, Any]]:
    """Send so many numbered messages at once from a to b; what arrives, and when."""
    arrived: list[tuple[float, Any]] = []
    link = world.link("a", "b")
    for n in range(count):
        carry(
            world,
            link,
            lambda to, m, link, number: arrived.append((world.now, m.commit)),
            None,
            Commit(1, n),
            None,
        )
    world.run(1e9, 10**6)
    return arrived


def test_a_plain_wire_keeps_order_and_latency() -> None:
    arrived = _sent(World(latency=(0.1, 0.2)), 500)
    assert [n for _, n in arrived] == list(range(500))
    assert all(0.1 <= time <= 0.2 for time, _ in arrived)


def test_loss_duplication_and_reordering_are_fractions_of_the_messages() -> None:
    world = World(latency=(0.1, 0.2))
    world.link("a", "b").loss = 0.3
    assert 600 < len(_sent(world, 1000)) < 800
    world = World(latency=(0.1, 0.2))
    world.link("a", "b").duplicate = 0.3
    assert 1200 < len(_sent(world, 1000)) < 1400
    world = World(latency=(0.1, 0.2))
    world.link("a", "b").reorder = 0.3
    arrived = [n for _, n in _sent(world, 1000)]
    assert sorted(arrived) == list(range(1000)) and arrived != sorted(arrived)


@pytest.mark.parametrize(("name", "count"), [("loss", 0), ("duplicate", 20), ("reorder", 10)])
def test_a_fraction_of_1_is_every_message(name: str, count: int) -> None:
    world = World()
    setattr(world.link("a", "b"), name, 1.0)
    assert len(_sent(world, 10)) == count


def test_a_cut_wire_carries_nothing_in_that_direction_only() -> None:
    world = World()
    world.link("a", "b").cut = "cut"
    assert _sent(world, 5) == []
    assert world.link("b", "a").cut is None


def test_a_parcel_shows_what_a_message_says() -> None:
    heartbeat = Parcel("a", "b", Append(3, 5, 2, (), 4, 9))
    assert (heartbeat.kind, heartbeat.term, heartbeat.src, heartbeat.dst) == ("heartbeat", 3, "a", "b")
    assert heartbeat.payload["prev_index"] == 5 and heartbeat.payload["round"] == 9
    heartbeat.payload["prev_index"] = 77
    assert heartbeat.payload["prev_index"] == 5, "a copy: nobody changes a message on its way"
    assert repr(heartbeat) == "<heartbeat a→b, term 3>"
    assert Parcel("a", "b", Append(3, 5, 2, ((3, "x", None),), 4, 9)).kind == "append"


def test_a_process_begins_alive_and_in_step() -> None:
    process = Process("a")
    assert (process.alive, process.frozen, process.rate, process.boots) == (True, False, 1.0, 1)
