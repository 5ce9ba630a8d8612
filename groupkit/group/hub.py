"""The ears of one peer's handle: it hears every transition of its host and tells those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from groupkit.group.pump import Pump
from groupkit.group.waits import Reaching, Streams, Topic
from groupkit.raft.ids import Cursor, Index

if TYPE_CHECKING:
    from groupkit.sim.host import Host


class Ear:
    """What one host can be heard of: one topic for each kind of transition, and the streams of each."""

    def __init__(self, host: Host, pump: Pump) -> None:
        self.host = host
        self.pump = pump
        self.states = Topic()
        self.onlines = Topic()
        self.bonded = Topic()
        self.commits = Topic()
        self.logs = Topic()
        self.commit_reaches = Reaching()
        self.log_reaches = Reaching()
        self.commit_streams = Streams()
        self.log_streams = Streams()
        self.others: list[Callable[[str], None]] = []  # those who watch the whole group, see cluster.when()

    def state(self, role: str, term: int, leader: str | None) -> None:
        """Role, term or leader have changed."""
        self.states.tell(role, leader)
        self._pass_on("state")

    def committed(self, old: int, new: int) -> None:
        """The committed index went from ``old`` to ``new``."""
        if new > old and self.commit_reaches.heap:
            self.commit_reaches.tell(new, lambda: Index(new))
        if self.commits.waits:
            self.commits.tell(old, new)
        if self.commit_streams.refs:
            self.commit_streams.push(Index(new))
        if self.others:
            self._pass_on("committed")

    def log(self, cut: bool, term: int, index: int) -> None:
        """The log ends at ``index`` of ``term`` now; ``cut``: entries were removed."""
        if self.log_reaches.heap or self.logs.waits or self.log_streams.refs:
            cursor = Cursor(term, index)
            self.log_reaches.tell(index, lambda: cursor)
            self.logs.tell(cut, cursor)
            self.log_streams.push(cursor)

    def online(self, online: bool) -> None:
        """The peer came online or went offline."""
        self.onlines.tell(online)
        self._pass_on("online")

    def bonds(self) -> None:
        """A bond came up or went down."""
        self.bonded.tell()
        self._pass_on("bonds")

    def fail(self, error: BaseException) -> None:
        """It is over: all who wait raise ``error``."""
        for topic in (self.states, self.onlines, self.bonded, self.commits, self.logs):
            topic.fail(error)
        self.commit_reaches.fail(error)
        self.log_reaches.fail(error)
        self.commit_streams.fail(error)
        self.log_streams.fail(error)

    def _pass_on(self, topic: str) -> None:
        for other in self.others:
            other(topic)
