"""One message on its way: dropped, delayed, doubled; now and later; and what is said to who names a wrong one."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any

import numpy as np
import pytest

from groupkit import Cluster, Counter, GroupKey, Network, NotInFlight
from tests.group.helpers import INC, led, others, virtual


async def sending(count: int = 3, **options: Any) -> tuple[Cluster, str, Any]:
    """A paused cluster whose leader has just sent a command to its followers, and the message to the first of them."""
    cluster, leader = await led(count, **options)
    cluster.clock.pause()
    cluster[leader].group.execute(INC())
    await cluster.clock.step()  # it sets out when the moment is over
    return cluster, leader, next(m for m in cluster.in_flight() if m.kind == "append")


def fate(cluster: Cluster, number: int) -> tuple[str, float]:
    frame = cluster.timeline.messages().set_index("number")
    return frame.loc[number, "fate"], frame.loc[number, "arrived"]


@virtual
async def test_a_message_on_its_way_can_be_read() -> None:
    cluster, leader, message = await sending()
    assert message.src == leader and message.dst in others(cluster, leader) and message.term == 1
    assert message.sent == cluster.clock.now and 0.01 <= message.arrival - message.sent <= 0.015
    assert message.payload["entries"][0][1] == INC() and message.brief.startswith("1 entries after index 0")
    assert fate(cluster, message.number)[0] == "on its way"
    with pytest.raises(AttributeError):
        message.arrival = 0.0
    before = len(cluster.recorder.rows), cluster._world.serial
    assert cluster.in_flight()[0] == cluster.in_flight()[0]
    assert before == (len(cluster.recorder.rows), cluster._world.serial), "to look changes nothing"


@virtual
async def test_what_is_dropped_never_arrives() -> None:
    cluster, _, message = await sending()
    await cluster.clock.advance(0.005)
    cluster.drop_message(message.number)
    assert message.number not in [m.number for m in cluster.in_flight()]
    await cluster.clock.advance(0.1)
    assert cluster[message.dst].group.log_position().index == 0
    assert fate(cluster, message.number)[0] == "dropped" and math.isnan(fate(cluster, message.number)[1])
    assert cluster.recorder.fates[message.number] == ("dropped", message.sent + 0.005)
    await cluster.clock.advance(2)
    assert cluster[message.dst].group.log_position().index == 1, "the leader sends it again"


@virtual
async def test_what_is_delayed_arrives_later_and_may_be_overtaken() -> None:
    cluster, leader, message = await sending()
    cluster.delay_message(message, 0.3)
    cluster.delay_message(message, 0.2)
    late = message.arrival + 0.5
    assert next(m for m in cluster.in_flight() if m.number == message.number).arrival == pytest.approx(late)
    cluster[leader].group.execute(INC())
    await cluster.clock.advance(0.4)
    assert fate(cluster, message.number)[0] == "on its way"
    await cluster.clock.advance(0.2)
    assert fate(cluster, message.number) == ("delivered", pytest.approx(late))
    frame = cluster.timeline.messages()
    behind = frame[(frame.src == leader) & (frame.dst == message.dst) & (frame.number > message.number)]
    assert (behind.arrived < late).any(), "those sent behind it came before it"


@virtual
async def test_what_is_doubled_arrives_twice_and_does_no_harm() -> None:
    cluster, _, message = await sending()
    cluster.duplicate_message(message.number)
    cluster.duplicate_message(message.number, after=0.2)
    copies = [m for m in cluster.in_flight() if m.number > message.number and m.payload == message.payload]
    copies = [m for m in copies if (m.dst, m.kind) == (message.dst, message.kind)]
    assert [m.arrival for m in copies] == [message.arrival, message.arrival + 0.2]
    await cluster.clock.advance(1)
    assert [fate(cluster, m.number) for m in (message, *copies)] == [
        ("delivered", message.arrival), ("duplicate", message.arrival), ("duplicate", message.arrival + 0.2),
    ]  # fmt: skip
    assert await cluster[message.dst].group.query(Counter.Value(), "weak") == 1
    assert cluster.violations == []


@virtual
async def test_a_copy_can_be_dropped_and_delayed_too() -> None:
    cluster, _, message = await sending()
    for _ in range(2):
        cluster.duplicate_message(message)
    one, other = (row[4][3] for row in cluster.recorder.rows if row[1] == "fault")
    cluster.drop_message(one)
    cluster.delay_message(other, 0.1)
    await cluster.clock.advance(1)
    assert fate(cluster, one)[0] == "dropped"
    assert fate(cluster, other) == ("duplicate", message.arrival + 0.1)


@virtual
async def test_numbers_are_those_of_the_frame() -> None:
    cluster, _, _ = await sending()
    frame = cluster.timeline.messages()
    flying = frame[frame.fate == "on its way"]
    assert sorted(flying.number) == sorted(m.number for m in cluster.in_flight())
    number = flying.number.iloc[0]
    assert isinstance(number, np.int64)
    cluster.drop_message(number)
    assert cluster.recorder.inputs[-1][2:] == ("drop_message", int(number))
    assert type(cluster.recorder.inputs[-1][3]) is int


@virtual
async def test_without_a_record_the_verbs_do_the_same() -> None:
    cluster, _, message = await sending(record=False)
    assert message.sent is None
    other = next(m for m in cluster.in_flight() if m.kind == "append" and m != message)
    cluster.drop_message(message)
    cluster.delay_message(other, 0.2)
    cluster.duplicate_message(other)
    await cluster.clock.advance(0.1)
    assert {cluster[m.dst].group.log_position().index for m in (message, other)} == {0}
    with pytest.raises(NotInFlight, match=f"no message {message.number} is on its way: it has arrived, was lost, or "):
        cluster.drop_message(message)


@virtual
async def test_who_names_a_wrong_one_is_told_what_became_of_it_and_which_there_are() -> None:
    cluster, leader, message = await sending(5)
    there = ", ".join(str(m.number) for m in cluster.in_flight())
    with pytest.raises(
        NotInFlight, match=rf"there has been no message 99999 so far; on their way are {there}: in_flig"
    ):
        cluster.drop_message(99_999)
    with pytest.raises(NotInFlight, match="there has been no message 0 so far"):
        cluster.delay_message(0, 1.0)
    cluster.drop_message(message)
    ends = f"message {message.number} from {leader} to {message.dst}"
    with pytest.raises(NotInFlight, match=rf"{ends} did not arrive \(dropped, at {message.sent:.6g} s\); on their way"):
        cluster.drop_message(message)
    other = cluster.in_flight()[0]
    await cluster.clock.advance(0.1)
    text = (
        f"message {other.number} from {other.src} to {other.dst} has arrived, at {other.arrival:.6g} s; nothing is on "
    )
    with pytest.raises(NotInFlight, match=text + r"its way at the moment: pause the clock and step\(\)"):
        cluster.duplicate_message(other)
    assert [row[3] for row in cluster.recorder.rows if row[1] == "fault"] == ["drop_message"]
    assert [entry[2] for entry in cluster.recorder.inputs] == ["submit", "drop_message"], "the others changed nothing"


WRONG: list[tuple[str, tuple[Any, ...], str]] = [
    ("drop_message", ("a",), r"a message is named by its number, as in in_flight\(\) and timeline.mess.*, not 'a'"),
    ("drop_message", (True,), "not True"), ("drop_message", (1.0,), "not 1.0"), ("drop_message", (None,), "not None"),
    ("delay_message", (1, 0), r"delay_message\(number, seconds\) is a finite number of seconds, more than 0, not 0"),
    ("delay_message", (1, -1), "not -1"), ("delay_message", (1, math.inf), "not inf"),
    ("delay_message", (1, math.nan), "not nan"), ("delay_message", (1, "2"), "not '2'"),
    ("duplicate_message", (1, -0.1), "0 or more, not -0.1"), ("duplicate_message", (1, math.inf), "not inf"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "arguments", "text"), WRONG)
def test_wrong_arguments_are_refused_now_also_when_meant_for_later(
    verb: str, arguments: tuple[Any, ...], text: str
) -> None:
    cluster = Cluster(3)
    with pytest.raises((TypeError, ValueError), match=text):
        getattr(cluster, verb)(*arguments)
    with pytest.raises((TypeError, ValueError), match=text):
        cluster.at(1.0, verb, *arguments)
    assert cluster.recorder.inputs == [] and not [row for row in cluster.recorder.rows if row[1] == "fault"]


@virtual
async def test_later_a_message_must_still_be_on_its_way() -> None:
    cluster, _, message = await sending()
    with pytest.raises(TypeError, match="delay_message takes 2 arguments, not 1"):
        cluster.at(0.001, "delay_message", message)
    text = (
        f"message {message.number} arrives at {message.arrival:.6g} s, so drop_message at {message.sent + 1:.6g} s wo"
    )
    with pytest.raises(NotInFlight, match=text):
        cluster.at(1.0, "drop_message", message)
    cluster.at(0.002, "duplicate_message", message)
    cluster.at(0.004, "delay_message", message, 0.5)
    cluster.at(0.006, "drop_message", message.number)
    cluster.at(0.008, "drop_message", message.number)  # it will be gone by then
    await cluster.clock.advance(1)
    rows = [(round(row[0] - message.sent, 6), row[3]) for row in cluster.recorder.rows if row[1] == "fault"]
    assert rows == [(0.002, "duplicate_message"), (0.004, "delay_message"), (0.006, "drop_message")]
    assert fate(cluster, message.number)[0] == "dropped"


@virtual
async def test_post_takes_them_and_forgives_what_has_arrived_meanwhile() -> None:
    cluster, _, message = await sending()
    cluster.post("drop_message", message)
    cluster.post("drop_message", message.number)
    cluster.post("set_latency", 0.2)
    await asyncio.sleep(0)
    assert cluster.recorder.fates[message.number][0] == "dropped" and cluster.link("a", "b").latency == (0.2, 0.2)
    with pytest.raises(NotInFlight, match="did not arrive"):
        cluster.post("drop_message", message)


@virtual
async def test_they_are_refused_from_another_thread_and_from_inside_an_event() -> None:
    cluster, leader, message = await sending()
    refused: list[str] = []

    def attempt(*_: Any) -> bool:
        for verb, arguments in (("drop_message", (message,)), ("align_timers", ()), ("set_latency", (0.1,))):
            try:
                getattr(cluster, verb)(*arguments)
            except RuntimeError as error:
                refused.append(str(error))
        return False

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert len(refused) == 3 and all("thread" in text and "post(" in text for text in refused)
    refused.clear()
    rule = cluster.drop(attempt)
    await cluster.clock.advance(0.02)
    rule.remove()
    assert refused and all("from inside an event" in text for text in refused)
    assert cluster.link(leader, message.dst).latency == pytest.approx((0.01, 0.015))


@virtual
async def test_a_network_of_several_groups_has_one_count_of_messages() -> None:
    network = Network(seed=3)
    for name in "abcd":
        key = GroupKey.from_secret("one" if name in "ab" else "two")
        network.peer(name).groups().with_key(key).join()
    await network.clock.advance(0.001)
    assert {m.src in "ab" for m in network.in_flight()} == {True, False}
    dropped = network.in_flight()
    for message in dropped:
        network.drop_message(message)
    assert network.in_flight() == []
    fates = [recorder.fates.get(m.number, ("",))[0] for m in dropped for recorder in network._recorders.values()]
    assert sorted(fates) == ["", *[""] * (len(dropped) - 1), *["dropped"] * len(dropped)]
