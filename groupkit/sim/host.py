"""A host: one process's part in one group. It joins the pure protocol to disk, wire, clock and state machine."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any, Final

from groupkit.raft.desk import Desk
from groupkit.raft.handlers import HANDLERS
from groupkit.raft.messages import Message
from groupkit.raft.news import (
    ANSWERS,
    BEAT,
    COMMIT,
    CONTACT,
    HARD,
    HEARD,
    INSTALL,
    LEADER,
    LOG,
    NOTES,
    QUORUM,
    SPREAD,
    STATE,
)
from groupkit.raft.node import Node
from groupkit.raft.replica import ApplyError
from groupkit.sim.acked import Acked
from groupkit.sim.applying import commit as commit_to
from groupkit.sim.applying import install
from groupkit.sim.links import Link, carry
from groupkit.sim.moment import Moment
from groupkit.sim.spec import Hub, Spec
from groupkit.sim.timers import Timers

WRITTEN: Final = HARD | LOG  # what goes to the disk
FIRST: Final = WRITTEN | INSTALL  # before anything is sent
TIMED: Final = HEARD | QUORUM
RARE: Final = BEAT | CONTACT | SPREAD
TOLD: Final = RARE | NOTES | ANSWERS | STATE | LOG | COMMIT  # what somebody may want to know

if TYPE_CHECKING:
    from groupkit.sim.bonds import End, Pair
    from groupkit.sim.invariants import Watchdog
    from groupkit.sim.world import Process, World


class Host:
    """The running peer. ``hub`` hears of transitions, ``tape`` remembers and ``watch`` checks them."""

    __slots__ = (
        "__weakref__", "acked", "blocked", "bonds", "desk", "failed", "group", "hub", "id", "inbox", "left",
        "moment", "node", "on_fail", "pairs", "process", "replica", "seen_commit", "seen_online",
        "seen_state", "serials", "spec", "tape", "timers", "watch", "world",
    )  # fmt: skip

    def __init__(self, world: World, process: Process, spec: Spec, tape: Any, watch: Watchdog | None) -> None:
        self.world = world
        self.process = process
        self.id = process.id
        self.spec = spec
        self.group = spec.group
        self.replica = spec.replica
        self.tape = tape
        self.watch = watch
        self.hub: Hub | None = None
        self.on_fail: Callable[[Host], None] | None = None
        self.failed: ApplyError | None = None
        self.left = False
        self.acked = Acked(self.tell)  # bonded quorum only
        self.bonds: dict[str, End] = {}
        self.serials: set[int] = set()  # of these bonds: what comes over another one is not heard
        self.pairs: dict[str, Pair] = {}
        self.inbox = self.receive  # bound once, not for each message
        self.timers = Timers(self)
        self.moment = Moment(self)
        self.seen_online = False
        self.seen_commit = 0
        self.seen_state: tuple[str, int, str | None] = ("", 0, None)
        self.new_life()

    # -- life --------------------------------------------------------------------------------------------------

    def new_life(self) -> None:
        """What is in memory begins anew."""
        spec = self.spec
        observer = self.replica.machine.leadership.observer
        self.node = Node(self.id, spec.config, spec.rules, observer=observer)
        if self.tape is None:
            self.node.notes = None
        self.process.lives = spec.disk.begin(self.process.lives)
        self.desk = Desk(self.node, f"{self.id}#{self.process.lives}")
        self.blocked = not self.process.alive or self.process.frozen

    def close(self) -> None:
        """Everything is over. Whoever knows this host lets go of it, so that its memory is returned at once."""
        self.bonds.clear()
        self.serials.clear()
        self.pairs.clear()
        self.timers.close()
        del self.moment, self.acked, self.inbox
        self.hub = self.on_fail = self.watch = None

    # -- bonds -------------------------------------------------------------------------------------------------

    def hold(self, peer: str, end: End) -> None:
        """This side of the bond with ``peer`` is up."""
        self.bonds[peer] = end
        self.serials.add(end.serial)

    def let_go(self, peer: str) -> bool:
        """It is down. Returns whether it was up."""
        end = self.bonds.pop(peer, None)
        if end is not None:
            self.serials.remove(end.serial)
        return end is not None

    # -- in and out ----------------------------------------------------------------------------------------------

    def _send(self, out: list[tuple[str, Message]]) -> None:
        """Put messages on the wires to bonded peers; to any other none is sent."""
        world, bonds, tape = self.world, self.bonds, self.tape
        now, heap, die = world.now, world.heap, world.latency_die
        for dst, message in out:
            end = bonds.get(dst)
            if end is None:
                continue
            link = end.link
            if link.odd or world.rules:
                carry(world, link, end.host.inbox, end.serial, message, tape)
                continue
            time = now + link.low + link.span * die()
            if time < link.last:
                time = link.last
            link.last = time
            world.serial = number = world.serial + 1
            heappush(heap, (time, number, end.host.inbox, (end.serial, message, link, number)))
            if tape is not None:
                tape.sent.append((number, now, time, self.id, dst, message.flat()))

    def receive(self, serial: int, message: Message, link: Link, number: int) -> None:
        """``message`` has arrived over the bond ``serial``."""
        if self.blocked or link.cut is not None:
            self._not_received(serial, message, link, number)
            return
        if serial not in self.serials:
            self._lost(number, "no bond")
            return
        node = self.node
        if message.term == node.term:
            HANDLERS[type(message)](node, link.src, message)  # what node.receive would do, one call the less
        else:
            node.receive(link.src, message)
        if node.news or node.out:
            self.settle()

    def _not_received(self, serial: int, message: Message, link: Link, number: int) -> None:
        if link.cut is not None:
            self._lost(number, "cut")
        elif self.process.alive and not self.left:
            self.process.held.append((self.receive, (serial, message, link, number)))
        else:
            self._lost(number, "down")

    def _lost(self, number: int, fate: str) -> None:
        if self.tape is not None:
            self.tape.fates[number] = (fate, self.world.now)

    # -- effects -------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Carry out what the protocol decided: disk first, then the wire, then whoever wants to know."""
        node = self.node
        while True:
            news = node.news
            node.news = 0
            if news & TIMED:
                self.timers.restart()
            if news & FIRST:
                if news & WRITTEN:
                    changes, node.changes = node.changes, []
                    vote = node.vote if node.rules.votes_persisted else None
                    self.spec.disk.write(node.term, vote, changes, None)
                    if news & HARD and self.watch is not None:
                        self.watch.wrote(self)
                if news & INSTALL and not install(self):
                    return
            out = node.out
            if out:
                node.out = []
                self._send(out)
            if news & TOLD:
                commit = node.commit  # what follows may commit more, before that is on the disk
                if news & STATE:
                    self.announce((node.role, node.term, node.leader))
                if news & LOG:
                    self._logged(changes)
                if news & RARE:
                    self._others(news)
                if news & NOTES:
                    self._notes()
                if news & ANSWERS:
                    self._answers()
                if news & COMMIT and not commit_to(self, commit):
                    return
                if node.news or node.out:
                    continue
            break
        desk = self.desk
        if desk.pending or desk.reads:
            self.timers.arm_desk()

    def _others(self, news: int) -> None:
        """What happens rarely."""
        node = self.node
        if news & BEAT:
            self.timers.rebeat()
        if news & SPREAD:
            self.moment.spread()
        if news & CONTACT:
            online = node.role == LEADER or (node.fresh and node.agrees and node.leader is not None)
            if online != self.seen_online:
                self.tell_online(online)

    def _answers(self) -> None:
        node, desk, applied = self.node, self.desk, self.replica.applied
        if node.placed:
            places, node.placed = node.placed, []
            desk.placed(places)
            desk.applied(applied)  # some may have been committed before this answer came
        if node.reads:
            reads, node.reads = node.reads, []
            for ticket, index in reads:
                desk.confirmed(ticket, index, applied)

    def tell(self, kind: str, *details: Any) -> None:
        """Write a row into the group's memory."""
        if self.tape is not None:
            self.tape.rows.append((self.world.now, kind, self.id) + details)  # noqa: RUF005 - many are written

    def _notes(self) -> None:
        notes, self.node.notes = self.node.notes, []
        rows, now = self.tape.rows, self.world.now
        for note in notes or ():
            rows.append((now,) + note)  # noqa: RUF005 - many are written

    def announce(self, state: tuple[str, int, str | None]) -> None:
        """Role, term and leader are such now: whoever has not heard it yet is told."""
        if state == self.seen_state:
            return
        before, self.seen_state = self.seen_state, state
        if self.tape is not None:
            self.tape.rows.append((self.world.now, "state", self.id) + state)  # noqa: RUF005 - many are written
        if self.watch is not None and state[0] == LEADER and before[0] != LEADER:
            self.watch.led(self)
        if self.hub is not None:
            self.hub.state(*state)
        if state[1:] != before[1:] and not self.blocked:
            self.desk.new_leader()

    def _logged(self, changes: Any) -> None:
        node, hub = self.node, self.hub
        cut, node.cut_log = node.cut_log, False
        if cut:
            self.desk.cut()
            self.acked.removed(min(first for first, _ in changes))
        for first, entries in changes:
            term = int(entries[-1][0] if entries else node.log.term_at(first - 1))
            last = first - 1 + len(entries)
            if self.watch is not None:
                self.watch.logged(self, first, entries, cut)
            if self.tape is not None:
                self.tape.rows.append((self.world.now, "log", self.id, first, entries, term, last))
            if self.desk.pending:
                self.desk.seen(first, entries)
            if hub is not None:
                for step in node.steps:  # each call's commands are a step of their own, though all are taken at once
                    if first <= step < last:
                        hub.log(False, term, step)
                hub.log(cut, term, last)
            cut = False
        if node.steps:
            node.steps = []

    def tell_online(self, online: bool) -> None:
        """It is online now, or no longer."""
        self.seen_online = online
        self.tell("online", online)
        if self.hub is not None:
            self.hub.online(online)
