"""Elections and an idle group, modelled for SimPy in the quickest way it offers.

A message is a timeout with one callback; only a peer's election clock and a leader's heartbeats are processes, and the
clock is lazy: it sleeps until its deadline and then looks whether that has moved. The messages are those of the floor.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from random import Random
from typing import Any

import simpy


class Peer:
    """A member: its term, its vote, its leader, and when it will stand for election."""

    __slots__ = ("alive", "deadline", "leader", "leads", "term", "vote", "votes")

    def __init__(self) -> None:
        self.alive = True
        self.leads = False
        self.term = 0
        self.deadline = 0.0
        self.votes = 0
        self.vote: Peer | None = None
        self.leader: Peer | None = None


class Elections:
    """Peers that elect a leader and keep to it."""

    def __init__(
        self, peers: int, *, seed: int, latency: tuple[float, float], timeout: tuple[float, float], beat: float
    ) -> None:
        self.env = simpy.Environment()
        self.low, self.span = latency[0], latency[1] - latency[0]
        self.shortest, self.jitter = timeout[0], timeout[1] - timeout[0]
        self.beat_every = beat
        self.die = Random(seed).random
        self.peers = [Peer() for _ in range(peers)]
        self.majority = peers // 2 + 1
        self.elected: Any = None  # an event: a majority of the living follows one leader
        for peer in self.peers:
            self.restart(peer)
            self.env.process(self.clock(peer))

    def send(self, action: Callable[..., None], *arguments: Any) -> None:
        """Call ``action`` at the other end of a link."""
        event = self.env.timeout(self.low + self.span * self.die(), arguments)
        event.callbacks.append(lambda done: action(*done.value))

    def restart(self, peer: Peer) -> None:
        peer.deadline = self.env.now + self.shortest + self.jitter * self.die()

    def clock(self, peer: Peer) -> Generator[Any, Any, None]:
        """A peer's election clock."""
        env = self.env
        while peer.alive:
            if env.now < peer.deadline:
                yield env.timeout(peer.deadline - env.now)
            elif peer.leads:
                self.restart(peer)
            else:
                self.stand(peer)

    def stand(self, peer: Peer) -> None:
        peer.term += 1
        peer.vote = peer
        peer.votes = 1
        peer.leader = None
        self.restart(peer)
        for other in self.peers:
            if other is not peer:
                self.send(self.asked, other, peer, peer.term)

    def asked(self, peer: Peer, candidate: Peer, term: int) -> None:
        if not peer.alive or term < peer.term:
            return
        if term > peer.term:
            peer.term, peer.vote, peer.leads, peer.leader = term, None, False, None
        if peer.vote is None:
            peer.vote = candidate
            self.restart(peer)
            self.send(self.granted, candidate, term)

    def granted(self, peer: Peer, term: int) -> None:
        if not peer.alive or term != peer.term or peer.leads:
            return
        peer.votes += 1
        if peer.votes == self.majority:
            peer.leads = True
            peer.leader = peer
            self.env.process(self.lead(peer, term))

    def lead(self, leader: Peer, term: int) -> Generator[Any, Any, None]:
        """A leader's heartbeats."""
        while leader.alive and leader.leads and leader.term == term:
            for peer in self.peers:
                if peer is not leader:
                    self.send(self.heard, peer, leader, term)
            yield self.env.timeout(self.beat_every)

    def heard(self, peer: Peer, leader: Peer, term: int) -> None:
        if not peer.alive or term < peer.term:
            return
        if peer.leader is not leader:
            peer.term, peer.leader, peer.leads = term, leader, False
            living = [other for other in self.peers if other.alive]
            most = 2 * sum(other.leader is leader for other in living) > len(living)
            if most and leader.alive and not self.elected.triggered:
                self.elected.succeed(leader)
        self.restart(peer)
        self.send(self.acknowledged, leader, term)

    def acknowledged(self, leader: Peer, term: int) -> None:
        """The leader takes note; with nothing to replicate there is nothing to do."""

    def elect(self, limit: float) -> Peer | None:
        """Run until a majority of the living follows a leader, or ``limit`` virtual seconds have passed."""
        self.elected = self.env.event()
        self.env.run(until=self.elected | self.env.timeout(limit))
        return self.elected.value if self.elected.triggered else None

    def run(self, seconds: float) -> None:
        """Run so many virtual seconds."""
        self.env.run(until=self.env.now + seconds)

    def trial(self, limit: float) -> None:
        """Elect, crash the leader, elect again."""
        leader = self.elect(limit)
        if leader is not None:
            leader.alive = False
            self.elect(limit)
