"""Messages on their way, one by one, without a group around them."""

from __future__ import annotations

from typing import Any

import pytest

from groupkit import Cluster, Counter, NotInFlight
from groupkit.sim import mail
from groupkit.sim.timers import Timers
from groupkit.sim.world import World


def sending(**options: Any) -> tuple[Cluster, World]:
    """A cluster, stopped where it has just sent something."""
    cluster = Cluster(3, machine=Counter, **options)
    world = cluster._world
    while not mail.in_flight(world):
        assert world.run(100.0, 1)
    return cluster, world


def test_those_that_arrive_first_come_first() -> None:
    _, world = sending()
    flying = mail.in_flight(world)
    assert len(flying) == 2 and [m.arrival for m in flying] == sorted(m.arrival for m in flying)
    assert all(m.sent == world.now < m.arrival and m.kind == "prevote" and m.term == 1 for m in flying)
    assert {m.payload["last_index"] for m in flying} == {0} and "request for term 1" in flying[0].brief


def test_without_a_record_the_numbers_are_the_same_and_nobody_knows_when_they_were_sent() -> None:
    one, other = mail.in_flight(sending()[1]), mail.in_flight(sending(record=False)[1])
    assert [m.number for m in one] == [m.number for m in other]
    assert [m.arrival for m in one] == [m.arrival for m in other] and {m.sent for m in other} == {None}


@pytest.mark.parametrize("record", [True, False])
def test_the_heap_stays_in_order_whatever_is_taken_out_of_it(record: bool) -> None:
    _, world = sending(record=record)
    first, second = mail.in_flight(world)
    mail.delay_message(world, first.number, 0.5)
    mail.duplicate_message(world, second.number, 0.25)
    assert [m.number for m in mail.in_flight(world)] == [second.number, world.serial, first.number]
    assert mail.in_flight(world)[2].arrival == first.arrival + 0.5
    mail.drop_message(world, second.number)
    assert [m.number for m in mail.in_flight(world)] == [world.serial, first.number]
    times = []
    while world.run(20.0, 1):
        times.append(world.now)
    assert times == sorted(times)


def test_what_waited_for_a_frozen_peer_has_arrived() -> None:
    cluster, world = sending()
    first = mail.in_flight(world)[0]
    cluster.freeze(first.dst)
    world.run(first.arrival, 100)
    assert first.number not in {m.number for m in mail.in_flight(world)}
    cluster.thaw(first.dst)
    assert first.number not in {m.number for m in mail.in_flight(world)}, "it is due now, but it came before"
    with pytest.raises(NotInFlight, match=f"message {first.number} from {first.src} to {first.dst} has arrived, at"):
        cluster.drop_message(first)


def test_greetings_are_messages_too() -> None:
    cluster, world = sending()
    cluster.kill("a")
    world.run(20.0, 10_000)
    cluster.restart("a")
    while not any(m.kind == "hello" for m in mail.in_flight(world)):
        assert world.run(60.0, 1)
    hello = next(m for m in mail.in_flight(world) if m.kind == "hello")
    assert hello.term == 0 and hello.brief.startswith("hello to group")
    cluster.drop_message(hello)
    assert world.tapes[0].fates[hello.number] == ("dropped", world.now)
    world.run(world.now + 5, 10_000)
    assert hello.dst in cluster["a"].group.bonds() or hello.src in cluster["a"].group.bonds(), "it tries again"


def test_a_timer_that_is_set_later_lets_the_early_event_pass() -> None:
    cluster, world = sending()
    world.run(3.0, 10_000)
    cluster.kill(cluster.leader())
    host = next(p.group._host for p in cluster if p.alive)
    timers: Timers = host.timers
    timers.set(world.now + 50)
    world.run(world.now + 10, 10_000)
    assert timers.due > world.now or host.node.term > 1
