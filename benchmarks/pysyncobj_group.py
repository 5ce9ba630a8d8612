"""PySyncObj with its pluggable transport replaced by one in memory, its ticks driven by hand.

Messages are dictionaries handed over by reference through one queue, with no latency and no serialisation. Every peer
gets ``doTick()`` in turn, and the queue is worked off after the leader's. No timer is waited for: batched, the leader's
timer is made to ring the moment there is something to send; not batched it sends at once by itself. Log compaction,
which groupkit does not do by default either, is off. It pickles each command itself, and every peer unpickles it to
apply it: that is how it is made, and stays.

*Tuned* goes further than a user would: its poller and its wake-up pipe, which wait for sockets, are replaced by ones
that do nothing, and the next command is handed in from inside the callback of the one before.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from typing import Any

from pysyncobj import FAIL_REASON, SyncObj, SyncObjConf, replicated  # type: ignore[import-untyped]
from pysyncobj.node import Node  # type: ignore[import-untyped]
from pysyncobj.transport import Transport  # type: ignore[import-untyped]

from benchmarks.measure import clock

NEVER = 1e9  # seconds


class Wire(Transport):  # type: ignore[misc]
    """A transport that puts messages on a queue shared by all peers."""

    def __init__(self, me: Node, queue: deque[tuple[Callable[[Node, Any], None], Node, Any]]) -> None:
        super().__init__(None, me, [])
        self.me = me
        self.queue = queue
        self.others: dict[str, Wire] = {}

    def send(self, node: Node, message: Any) -> bool:
        """Put ``message`` on its way; it has arrived once the queue was worked off."""
        self.queue.append((self.others[node.id]._onMessageReceivedCallback, self.me, message))
        return True


class Idle:
    """In place of a poller or a wake-up pipe: there are no sockets to wait for."""

    def poll(self, timeout: float) -> None:
        pass

    def notify(self) -> None:
        pass


class Machine(SyncObj):  # type: ignore[misc]
    """A replicated no-op that counts how often it was applied."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.applied = 0
        super().__init__(*arguments, **options)

    @replicated  # type: ignore[untyped-decorator]
    def execute(self, command: Any) -> None:
        """What each peer does with a command."""
        self.applied += 1


class Group:
    """Peers of PySyncObj in one process, the first of which leads. ``batched`` is its ``appendEntriesUseBatch``."""

    def __init__(self, peers: int, *, batched: bool, tuned: bool = False) -> None:
        self.batched = batched
        self.tuned = tuned
        self.queue: deque[tuple[Callable[[Node, Any], None], Node, Any]] = deque()
        nodes = [Node(f"peer{number}") for number in range(peers)]
        wires = {node.id: Wire(node, self.queue) for node in nodes}
        self.peers = [self._peer(node, nodes, wires[node.id]) for node in nodes]
        for node in nodes:
            wires[node.id].others = wires
            for other in nodes:
                if other is not node:
                    wires[node.id]._onNodeConnected(other)
        self.leader, self.followers = self.peers[0], self.peers[1:]
        self._elect()

    def _peer(self, node: Node, nodes: list[Node], wire: Wire) -> Machine:
        conf = SyncObjConf(
            autoTick=False,
            appendEntriesUseBatch=self.batched,
            appendEntriesPeriod=1e3,  # no timer is waited for: see round()
            raftMinTimeout=1e6,
            raftMaxTimeout=2e6,
            connectionTimeout=NEVER,
            leaderFallbackTimeout=NEVER,
            logCompactionMinEntries=10**9,
            logCompactionMinTime=NEVER,
        )
        peer = Machine(node, [other for other in nodes if other is not node], conf, transport=wire)
        if self.tuned:
            _close_pipe(peer)
            peer._SyncObj__pipeNotifier = peer._poller = Idle()
        return peer

    def _elect(self) -> None:
        self.leader._SyncObj__raftElectionDeadline = 0.0
        for _ in range(6):
            self.round()
        assert self.leader._isLeader() and all(peer.raftLastApplied == 2 for peer in self.peers)

    def round(self) -> None:
        """One round trip. The leader applies what is committed and takes what was handed in; batched, its timer rings
        now, so that this goes out at once (not batched it has gone out already); then everybody else has a turn."""
        leader = self.leader
        leader.doTick()
        if self.batched:
            leader._SyncObj__newAppendEntriesTime = 0.0
            leader.doTick()
        self.deliver()
        for follower in self.followers:
            follower.doTick()

    def deliver(self) -> None:
        """Work off the queue, answers included."""
        queue = self.queue
        while queue:
            receive, src, message = queue.popleft()
            receive(src, message)

    def execute(self, count: int, at_once: int) -> None:
        """Commit ``count`` commands, ``at_once`` in flight together: the next lot follows when the last one is done."""
        execute, left, open_ = self.leader.execute, count, 0

        def submit() -> None:
            nonlocal left, open_
            lot = min(at_once, left)
            left -= lot
            open_ = lot
            for number in range(lot):
                execute(number, callback=done)

        def done(result: Any, error: Any) -> None:
            nonlocal open_
            assert error == FAIL_REASON.SUCCESS
            open_ -= 1
            if not open_ and self.tuned:
                submit()

        while left:
            submit()
            while open_:
                self.round()

    def close(self) -> None:
        """Let go of everything."""
        for peer in self.peers:
            peer.destroy()
            _close_pipe(peer)


def _close_pipe(peer: Machine) -> None:
    """Close the wake-up pipe of a peer, if it has one; it never does so itself."""
    pipe = getattr(peer, "_SyncObj__pipeNotifier", None)
    for end in ("_PipeNotifier__pipeR", "_PipeNotifier__pipeW"):
        if hasattr(pipe, end):
            os.close(getattr(pipe, end))


def commands(peers: int, at_once: int, batched: bool, tuned: bool, count: int) -> float:
    """Seconds to commit ``count`` commands, ``at_once`` in flight together."""
    group = Group(peers, batched=batched, tuned=tuned)
    start = clock()
    group.execute(count, at_once)
    taken = clock() - start
    group.round()
    group.round()
    assert all(peer.applied == count for peer in group.peers)
    group.close()
    return taken
