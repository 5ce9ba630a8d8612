"""Single messages on their way: which there are, and what may befall one of them.

Sending and delivering know nothing of this: whoever asks looks through the world's heap, so only a click pays for it.
"""

from __future__ import annotations

import operator
from bisect import bisect_left
from dataclasses import dataclass, field
from heapq import heapify, heappush
from typing import TYPE_CHECKING, Any, Final

from groupkit.raft.config import seconds
from groupkit.raft.ids import PeerId
from groupkit.sim.bonds import Pair
from groupkit.sim.checks import check_count
from groupkit.sim.host import Host
from groupkit.sim.links import Parcel

if TYPE_CHECKING:
    from groupkit.sim.world import Event, World

NAMED: Final = 8  # so many numbers are told to who named a wrong one
ARGUMENTS: Final = {"drop_message": (1, 1), "delay_message": (2, 2), "duplicate_message": (1, 2)}


class NotInFlight(LookupError):
    """No message of that number is on its way; the text says what became of it, and which there are."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """A message on its way. ``number``: its name, as in ``timeline.messages()``; ``src``, ``dst``: the peers;
    ``kind`` and ``term`` as in ``timeline.messages()``; ``sent`` and ``arrival``: virtual seconds (``sent`` is None
    where nothing is recorded); ``brief``: what it says, in a line; ``payload``: what it says besides its term, by name.
    """

    number: int
    src: PeerId
    dst: PeerId
    kind: str
    term: int
    sent: float | None
    arrival: float
    brief: str
    payload: dict[str, Any] = field(compare=False, repr=False)


def in_flight(world: World) -> list[InFlight]:
    """All messages on their way, those that arrive first first."""
    return [_told(world, event) for event in _flying(world)]


def _flying(world: World) -> list[Event]:
    return sorted((event for event in list(world.heap) if _is_message(event)), key=lambda event: event[:2])


def _is_message(event: Event) -> bool:
    """What waited for a frozen process and is due now keeps its number, and has another place in the heap: it has
    arrived already."""
    does = getattr(event[2], "__func__", None)
    return (does is Host.receive or does is Pair._heard) and event[3][-1] == event[1]


def _told(world: World, event: Event) -> InFlight:
    arrival, number, _, arguments = event
    _, message, link, _ = arguments
    found = _row(world, number)
    sent = None if found is None else found[0].sent[found[1]][1]
    parcel = Parcel(link.src, link.dst, message)
    ends = PeerId(link.src), PeerId(link.dst)
    return InFlight(number, *ends, parcel.kind, int(message.term), sent, arrival, message.brief(), parcel.payload)


def _row(world: World, number: int) -> tuple[Any, int] | None:
    """The recorder that holds this message, and its place there."""
    for tape in world.tapes:
        place = bisect_left(tape.sent, number, key=lambda row: row[0])
        if place < len(tape.sent) and tape.sent[place][0] == number:
            return tape, place
    return None


# -- at the door -----------------------------------------------------------------------------------------------------


def number_of(message: object) -> int:
    """The number of ``message``: a whole number (numpy's too), or one that ``in_flight()`` told of."""
    given = getattr(message, "number", message)
    try:
        if isinstance(given, bool):
            raise TypeError
        return operator.index(given)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(
            f"a message is named by its number, as in in_flight() and timeline.messages(), not {message!r}"
        ) from None


def checked(world: World, verb: str, arguments: tuple[Any, ...], after: float = 0.0) -> tuple[Any, ...]:
    """The arguments of a verb over one message as plain numbers. Refused is what is not on its way ``after`` seconds
    from now."""
    check_count(verb, arguments, *ARGUMENTS[verb])
    number = number_of(arguments[0])
    more = [seconds(value, f"{verb}(number, seconds)", zero=verb == "duplicate_message") for value in arguments[1:]]
    then = world.now + after
    event = _find(world, number)
    if event is None:
        raise NotInFlight(f"{_whereabouts(world, number)}; {_others(world)}")
    if after and event[0] <= then:
        raise NotInFlight(f"message {number} arrives at {event[0]:.6g} s, so {verb} at {then:.6g} s would be too late")
    return (number, *more)


def _find(world: World, number: int) -> Event | None:
    return next((event for event in list(world.heap) if event[1] == number and _is_message(event)), None)


def _whereabouts(world: World, number: int) -> str:
    if not 0 < number <= world.serial:
        return f"there has been no message {number} so far"
    found = _row(world, number)
    if found is None:
        return f"no message {number} is on its way: it has arrived, was lost, or never was"
    tape, place = found
    _, _, arrival, src, dst, _ = tape.sent[place]
    fate, time = tape.fates.get(number, ("", arrival))
    what = f"message {number} from {src} to {dst}"
    if fate in ("", "duplicate"):
        return f"{what} has arrived, at {arrival:.6g} s"
    return f"{what} did not arrive ({fate}, at {time:.6g} s)"


def _others(world: World) -> str:
    numbers = [str(event[1]) for event in _flying(world)]
    if not numbers:
        return "nothing is on its way at the moment: pause the clock and step() until something is"
    more = f" and {len(numbers) - NAMED} more" if len(numbers) > NAMED else ""
    return f"on their way are {', '.join(numbers[:NAMED])}{more}: in_flight() tells of them"


# -- the verbs -------------------------------------------------------------------------------------------------------
# Done later than they were asked for, they may find the message gone by another verb: then nothing happens.


def drop_message(world: World, number: int) -> None:
    """The message is lost where it is."""
    event = _find(world, number)
    if event is None:
        return
    _take(world, event)
    found = _row(world, number)
    if found is not None:
        found[0].fates[number] = ("dropped", world.now)
    _note(world, event, "drop_message")


def delay_message(world: World, number: int, later: float) -> None:
    """The message arrives ``later`` seconds after it would have; those behind it may overtake it."""
    event = _find(world, number)
    if event is None:
        return
    _take(world, event)
    before, _, action, arguments = event
    arrival = before + later
    heappush(world.heap, (arrival, number, action, arguments))
    found = _row(world, number)
    if found is not None:
        tape, place = found
        number, sent, _, *rest = tape.sent[place]
        tape.sent[place] = (number, sent, arrival, *rest)
    _note(world, event, "delay_message", later, before, arrival)


def duplicate_message(world: World, number: int, after: float = 0.0) -> None:
    """A copy sets out now, and arrives ``after`` seconds behind the message itself."""
    event = _find(world, number)
    if event is None:
        return
    before, _, action, arguments = event
    to, message, link, _ = arguments
    world.serial = copy = world.serial + 1
    heappush(world.heap, (before + after, copy, action, (to, message, link, copy)))
    found = _row(world, number)
    if found is not None:
        tape = found[0]
        tape.sent.append((copy, world.now, before + after, link.src, link.dst, message.flat()))
        tape.fates[copy] = ("duplicate", world.now)
    _note(world, event, "duplicate_message", copy, after)


def _take(world: World, event: Event) -> None:
    """Out of the heap. What is left is put in order again; the order in which it runs was total before."""
    heap = world.heap
    heap[:] = [other for other in heap if other is not event]
    heapify(heap)


def _note(world: World, event: Event, verb: str, *more: Any) -> None:
    _, message, link, number = event[3]
    kind = Parcel(link.src, link.dst, message).kind
    world.note("fault", link.src, verb, (link.dst, kind, number, *more))
