"""The bare floor: the least that a simulated Raft exchange costs in plain Python.

Two halves, each a heap of ``(time, serial, function, arguments)`` and nothing else: ``Replication`` copies a log and
resolves futures of asyncio, ``Elections`` keeps a group under a leader. No rules beyond what one exchange needs, no
disk, no faults, no record, no errors: what groupkit adds to this is what groupkit costs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from random import Random
from typing import Any

from benchmarks.measure import clock

Event = tuple[float, int, Callable[..., None], tuple[Any, ...]]
SLICE = 1000  # events in one turn of the event loop


Entry = tuple[int, Any]  # (term, command)


def nothing(command: Any) -> None:
    """The state machine: every peer applies every command to it."""


class Follower:
    """What a leader knows of a follower, and the follower's own log and committed index."""

    __slots__ = ("busy", "commit", "log", "match", "next")

    def __init__(self) -> None:
        self.log: list[Entry] = []
        self.commit = 0
        self.match = 0
        self.next = 0
        self.busy = False


class Replication:
    """A leader and its followers: append, answer, count, apply, resolve. The next append carries the commit."""

    def __init__(self, peers: int, *, seed: int = 7, low: float = 0.010, high: float = 0.015) -> None:
        self.heap: list[Event] = []
        self.serial = 0
        self.now = 0.0
        self.low, self.span = low, high - low
        self.die = Random(seed).random
        self.log: list[Entry] = []
        self.commit = 0
        self.followers = [Follower() for _ in range(peers - 1)]
        self.needed = peers // 2  # followers that must hold an entry besides the leader
        self.waiting: deque[tuple[int, asyncio.Future[int]]] = deque()
        self.loop = asyncio.get_running_loop()
        self.turning = False
        self.woken = False

    def submit(self, commands: Sequence[Any]) -> asyncio.Future[int]:
        """Append commands; the future resolves with the index of the last once it is committed."""
        place = len(self.log)
        self.log += [(1, command) for command in commands]
        future: asyncio.Future[int] = self.loop.create_future()
        self.waiting.append((place + len(commands), future))
        for follower in self.followers:
            if not follower.busy:
                self.send(follower)
        if not self.turning:
            self.turning = True
            self.loop.call_soon(self.turn)
        return future

    def send(self, follower: Follower) -> None:
        follower.busy = True
        entries = self.log[follower.next :]
        follower.next += len(entries)
        self.serial += 1
        event = (follower, entries, self.commit)
        heappush(self.heap, (self.now + self.low + self.span * self.die(), self.serial, self.append, event))

    def append(self, follower: Follower, entries: list[Entry], commit: int) -> None:
        log = follower.log
        log += entries
        if commit > follower.commit:
            for _, command in log[follower.commit : commit]:
                nothing(command)
            follower.commit = commit
        self.serial += 1
        answer = (follower, len(log))
        heappush(self.heap, (self.now + self.low + self.span * self.die(), self.serial, self.answer, answer))

    def answer(self, follower: Follower, match: int) -> None:
        follower.match = match
        follower.busy = False
        if match > self.commit:
            agreed = sorted([other.match for other in self.followers])[-self.needed]
            if agreed > self.commit:
                for _, command in self.log[self.commit : agreed]:
                    nothing(command)
                self.commit = agreed
                waiting = self.waiting
                while waiting and waiting[0][0] <= agreed:
                    index, future = waiting.popleft()
                    future.set_result(index)
                    self.woken = True
        if follower.next < len(self.log):
            self.send(follower)

    def turn(self) -> None:
        heap, left = self.heap, SLICE
        self.woken = False
        while heap and left and not self.woken:
            left -= 1
            self.now, _, action, arguments = heappop(heap)
            action(*arguments)
        self.turning = bool(self.waiting)
        if self.turning:
            self.loop.call_soon(self.turn)


class Peer:
    """A member of ``Elections``: its term, its vote, its leader, and when it will stand for election."""

    __slots__ = ("alive", "armed", "deadline", "leader", "leads", "term", "vote", "votes")

    def __init__(self) -> None:
        self.alive = True
        self.leads = False
        self.armed = False
        self.term = 0
        self.deadline = 0.0
        self.votes = 0
        self.vote: Peer | None = None
        self.leader: Peer | None = None


class Elections:
    """Peers that elect a leader and keep to it. Timers are lazy: a heartbeat moves a number, nothing else."""

    def __init__(
        self, peers: int, *, seed: int, latency: tuple[float, float], timeout: tuple[float, float], beat: float
    ) -> None:
        self.heap: list[Event] = []
        self.serial = 0
        self.now = 0.0
        self.low, self.span = latency[0], latency[1] - latency[0]
        self.shortest, self.jitter = timeout[0], timeout[1] - timeout[0]
        self.beat_every = beat
        self.die = Random(seed).random
        self.peers = [Peer() for _ in range(peers)]
        self.majority = peers // 2 + 1
        self.elected: Peer | None = None  # whom a majority of the living follows
        for peer in self.peers:
            self.restart(peer)

    def after(self, pause: float, action: Callable[..., None], *arguments: Any) -> None:
        self.serial += 1
        heappush(self.heap, (self.now + pause, self.serial, action, arguments))

    def restart(self, peer: Peer) -> None:
        peer.deadline = self.now + self.shortest + self.jitter * self.die()
        if not peer.armed:
            peer.armed = True
            self.after(peer.deadline - self.now, self.alarm, peer)

    def alarm(self, peer: Peer) -> None:
        peer.armed = False
        if not peer.alive or peer.leads:
            return
        if self.now < peer.deadline:
            peer.armed = True
            self.after(peer.deadline - self.now, self.alarm, peer)
            return
        peer.term += 1
        peer.vote = peer
        peer.votes = 1
        peer.leader = None
        self.restart(peer)
        for other in self.peers:
            if other is not peer:
                self.after(self.low + self.span * self.die(), self.asked, other, peer, peer.term)

    def asked(self, peer: Peer, candidate: Peer, term: int) -> None:
        if not peer.alive or term < peer.term:
            return
        if term > peer.term:
            peer.term, peer.vote, peer.leads, peer.leader = term, None, False, None
        if peer.vote is None:
            peer.vote = candidate
            self.restart(peer)
            self.after(self.low + self.span * self.die(), self.granted, candidate, term)

    def granted(self, peer: Peer, term: int) -> None:
        if not peer.alive or term != peer.term or peer.leads:
            return
        peer.votes += 1
        if peer.votes == self.majority:
            peer.leads = True
            peer.leader = peer
            self.beat(peer, term)

    def beat(self, leader: Peer, term: int) -> None:
        if not leader.alive or not leader.leads or leader.term != term:
            return
        serial, heap, now, low, span, die = self.serial, self.heap, self.now, self.low, self.span, self.die
        for peer in self.peers:
            if peer is not leader:
                serial += 1
                heappush(heap, (now + low + span * die(), serial, self.heard, (peer, leader, term)))
        self.serial = serial
        self.after(self.beat_every, self.beat, leader, term)

    def heard(self, peer: Peer, leader: Peer, term: int) -> None:
        if not peer.alive or term < peer.term:
            return
        if peer.leader is not leader:
            peer.term, peer.leader, peer.leads = term, leader, False
            living = [other for other in self.peers if other.alive]
            if leader.alive and 2 * sum(other.leader is leader for other in living) > len(living):
                self.elected = leader
        self.restart(peer)
        self.serial += 1
        time = self.now + self.low + self.span * self.die()
        heappush(self.heap, (time, self.serial, self.acknowledged, (leader, term)))

    def acknowledged(self, leader: Peer, term: int) -> None:
        """The leader takes note; with nothing to replicate there is nothing to do."""

    def elect(self, limit: float) -> Peer | None:
        """Run until a majority of the living follows a leader, or ``limit`` virtual seconds have passed."""
        heap, end = self.heap, self.now + limit
        self.elected = None
        while self.elected is None and self.now < end:
            self.now, _, action, arguments = heappop(heap)
            action(*arguments)
        return self.elected

    def run(self, seconds: float) -> None:
        """Run so many virtual seconds."""
        heap, end = self.heap, self.now + seconds
        while heap[0][0] <= end:
            self.now, _, action, arguments = heappop(heap)
            action(*arguments)
        self.now = end

    def trial(self, limit: float) -> None:
        """Elect, crash the leader, elect again."""
        leader = self.elect(limit)
        if leader is not None:
            leader.alive = False
            self.elect(limit)


def commands(peers: int, at_once: int, count: int) -> float:
    """Seconds to commit ``count`` commands, ``at_once`` in flight together, each awaited."""

    async def main() -> float:
        group = Replication(peers)
        start = clock()
        if at_once == 1:
            for number in range(count):
                await group.submit((number,))
        else:
            for first in range(0, count, at_once):
                await asyncio.gather(*[group.submit((n,)) for n in range(first, min(first + at_once, count))])
        return clock() - start

    return asyncio.run(main())


def batches(peers: int, size: int, count: int) -> float:
    """Seconds to commit ``count`` commands, ``size`` with one future, one after the other."""

    async def main() -> float:
        group = Replication(peers)
        start = clock()
        for first in range(0, count, size):
            await group.submit(range(first, min(first + size, count)))
        return clock() - start

    return asyncio.run(main())
