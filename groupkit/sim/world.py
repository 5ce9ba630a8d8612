"""The world: one clock, one heap of ``(time, serial, action, arguments)``, all processes and all wires.

The clock moves before the action runs. Nothing here knows asyncio or wall time: who drives the world calls ``run``.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from groupkit.sim.links import DropRule, Link, Parcel
from groupkit.sim.seeds import Seeds

if TYPE_CHECKING:
    from groupkit.sim.host import Host
    from groupkit.sim.weather import Weather

TRIMMED_EVERY = 20_000  # events between two looks at how much is remembered
Event = tuple[float, int, Callable[..., None], tuple[Any, ...]]


class Process:
    """One member process: alive or not, frozen or not, with a clock of its own and a part in some groups."""

    __slots__ = ("alive", "boots", "frozen", "held", "hosts", "id", "lives", "rate")

    def __init__(self, id: str) -> None:
        self.id = id
        self.alive = True
        self.frozen = False
        self.rate = 1.0  # its clock runs so many times as fast as the world's
        self.boots = 1
        self.lives = 0  # as ``boots``, but each group counts, and so does what its disks remember
        self.hosts: dict[str, Host] = {}  # by group
        self.held: list[tuple[Callable[..., None], tuple[Any, ...]]] = []  # what arrived while it was frozen


class World:
    """Everything simulated, and nothing else."""

    def __init__(self, seed: int = 0, latency: tuple[float, float] = (0.010, 0.015)) -> None:
        self.seeds = Seeds(seed)
        self.latency = latency
        self.now = 0.0
        self.serial = 0
        self.heap: list[Event] = []
        self.events = 0  # how many have run: with the time, the exact place of an input in the run
        self.alarms: list[tuple[float, int, Callable[[], None]]] = []
        self._alarm_number = 0
        self._trim_at = TRIMMED_EVERY
        self.woken = False  # somebody outside was woken: let it run before the next event
        self.busy = False  # an event is being worked on: calls from inside are refused
        self.processes: dict[str, Process] = {}
        self.links: dict[tuple[str, str], Link] = {}
        self.rules: list[DropRule] = []
        self.weather: Weather | None = None  # random faults, while they last
        self.tapes: list[Any] = []  # the recorders of all groups, see groupkit.record
        self.history: list[tuple[Any, ...]] = []  # world-wide rows so far: a group that begins later gets them too
        self.latency_die = self.seeds.stream("latency").random
        self.timer_die = self.seeds.stream("timers").random

    # -- time --------------------------------------------------------------------------------------------------

    def at(self, time: float, action: Callable[..., None], *arguments: Any) -> None:
        """Run ``action(*arguments)`` at ``time`` (virtual seconds, not before now)."""
        self.serial += 1
        heappush(self.heap, (time, self.serial, action, arguments))

    def alarm(self, time: float, action: Callable[[], None]) -> None:
        """Run ``action`` at ``time``, behind all events of that time. It leaves no trace in the run."""
        self._alarm_number += 1
        heappush(self.alarms, (time, self._alarm_number, action))

    def next_time(self) -> float:
        """When the next event or alarm is due; ``math.inf`` if there is none."""
        event = self.heap[0][0] if self.heap else math.inf
        return min(event, self.alarms[0][0]) if self.alarms else event

    def run(self, until: float, most: int) -> int:
        """Run events up to and at ``until``, at most ``most`` of them, none after one that woke somebody.

        Returns how many ran. The clock stays at the last event: it is the driver who moves it on to ``until``.
        """
        heap, alarms, left, before = self.heap, self.alarms, most, self.events
        self.woken = False
        self.busy = True
        try:
            while left:
                limit = until if not alarms or alarms[0][0] > until else alarms[0][0]
                while heap:
                    time, number, action, arguments = heappop(heap)
                    if time > limit:
                        heappush(heap, (time, number, action, arguments))
                        break
                    self.now = time
                    left -= 1
                    action(*arguments)
                    if self.woken or not left:
                        return most - left
                if not left or not alarms or alarms[0][0] > until:
                    break
                time, _, alarm = heappop(alarms)
                self.now = max(self.now, time)
                self.events = before + most - left
                alarm()
                if self.woken:
                    break
        finally:
            self.busy = False
            self.events = before + most - left
            if self.serial > self._trim_at:
                self._trim_at = self.serial + TRIMMED_EVERY
                for tape in self.tapes:
                    tape.trim()
        return most - left

    def close(self) -> None:
        """Nothing happens any more, and nobody is known."""
        self.heap.clear()
        self.alarms.clear()
        self.rules.clear()
        self.tapes.clear()
        self.weather = None
        for process in self.processes.values():
            process.hosts.clear()
            process.held.clear()

    # -- wires ---------------------------------------------------------------------------------------------------

    def link(self, src: str, dst: str) -> Link:
        """The wire from ``src`` to ``dst``, made at its first mention."""
        link = self.links.get((src, dst))
        if link is None:
            link = self.links[src, dst] = Link(src, dst, *self.latency)
        return link

    def dropped(self, src: str, dst: str, message: Any) -> bool:
        """Whether a user's rule drops this message. A rule that raises is told of and switched off."""
        if not self.rules:
            return False
        parcel = Parcel(src, dst, message)
        for rule in list(self.rules):
            try:
                if rule.predicate(parcel):
                    return True
            except Exception as error:
                rule.active = False
                self.rules.remove(rule)
                text = f"drop(predicate) raised {error!r} on {parcel!r}: the rule is switched off"
                warnings.warn(text, RuntimeWarning, stacklevel=2)
        return False

    # -- what is written down ------------------------------------------------------------------------------------

    def note(self, kind: str, peer: str | None, *details: Any) -> None:
        """Write a world-wide row (a fault, a stall) into the memory of every group."""
        row = (self.now, kind, peer, *details)
        self.history.append(row)
        for tape in self.tapes:
            tape.rows.append(row)
