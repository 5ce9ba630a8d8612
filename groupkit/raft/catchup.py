"""Catching up: a peer far behind fetches committed entries in batches from several peers, so the leader is asked last.

What a peer has committed every later leader holds too, so it may be taken from anybody (Raft 5.4.3). Only the leader's
own append then says how far the log matches; under bonded quorum it may still remove what another history committed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from groupkit.raft.log import Entry
from groupkit.raft.messages import Append, Fetch, Fetched

if TYPE_CHECKING:
    from groupkit.raft.node import Node

BATCH: Final = 256  # entries in one batch; who lacks fewer gets them from the leader at once
PATIENCE: Final = 2  # heartbeats without a new batch before the leader is asked after all


class Fetching:
    """What is on its way: ``asked`` maps the first index of a batch to the peer that was asked for it."""

    __slots__ = ("arrived", "asked", "idle", "moved", "target", "turn")

    def __init__(self, target: int) -> None:
        self.target = target
        self.asked: dict[int, str] = {}
        self.arrived: dict[int, Fetched] = {}
        self.turn = 0
        self.moved = True  # something arrived since the last heartbeat
        self.idle = 0


def behind(node: Node, leader: str, message: Append) -> bool:
    """The leader's entries do not follow on this log's end. Returns whether others are asked instead."""
    sources = [peer for peer in node.peers if peer != leader]
    held = min(message.prev_index, message.commit)  # others give only what is committed
    if held - node.log.last <= BATCH:
        return False
    fetching = node.fetching
    if fetching is None:
        fetching = node.fetching = Fetching(held)
    elif fetching.idle >= PATIENCE:
        return False  # nobody else has it: the leader comes last
    fetching.target = held
    if not fetching.moved:
        fetching.idle += 1
        fetching.asked.clear()  # lost, or a peer that has nothing: ask others
    else:
        fetching.idle = 0
    fetching.moved = False
    if not sources:  # a newcomer bonds with the others within a heartbeat
        fetching.idle += 1
    _ask(node, fetching, sources)
    return True


def _ask(node: Node, fetching: Fetching, sources: Sequence[str]) -> None:
    first = node.log.last + 1
    window = len(sources)
    while len(fetching.asked) < window and first <= fetching.target:
        if first not in fetching.asked and first not in fetching.arrived:
            source = sources[fetching.turn % len(sources)]
            fetching.turn += 1
            fetching.asked[first] = source
            node.out.append((source, Fetch(node.term, first, BATCH)))
        first += BATCH


def asked(node: Node, src: str, message: Fetch) -> None:
    """Give what is committed here, as far as it was not pruned."""
    log = node.log
    first, last = message.first, min(node.commit, message.first + message.count - 1)
    entries: Sequence[Entry] = ()
    if log.base < first <= last:
        entries = log.slice(first, last - first + 1)
    node.out.append((src, Fetched(node.term, first, max(log.term_at(first - 1), 0), entries)))


def arrived(node: Node, src: str, message: Fetched) -> None:
    """A batch is here: put all that follows on the log's end there, and ask for the next ones."""
    fetching = node.fetching
    if fetching is None or fetching.asked.get(message.first) != src or node.leader in (None, node.id):
        return
    del fetching.asked[message.first]
    if not message.entries:
        return
    fetching.moved = True
    fetching.arrived[message.first] = message
    log = node.log
    while (batch := fetching.arrived.pop(log.last + 1, None)) is not None:
        if log.term_at(log.last) != batch.prev_term:
            fetching.idle = PATIENCE  # another history: the leader will say where it parts from this one
            return
        node.change_log(log.last + 1, batch.entries)
    for stale in [first for first in fetching.arrived if first <= log.last]:
        del fetching.arrived[stale]
    if log.last < fetching.target:
        _ask(node, fetching, [peer for peer in node.peers if peer != node.leader])
    else:
        node.fetching = None
