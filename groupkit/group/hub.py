"""The ears of one peer's handle: it hears every transition of its host and tells those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupkit.group.pump import Pump
from groupkit.group.waits import Reaching, Streams, Topic
from groupkit.raft.ids import Cursor, Index

if TYPE_CHECKING:
    from groupkit.sim.host import Host
    from groupkit.sim.spec import Hub


class Ear:
    """What one host can be heard of: one topic for each kind of transition, and the streams of each.

    ``other`` is who heard this host before and goes on doing so: see ``Together``.
    """

    __slots__ = (
        "bonded", "commit_reaches", "commit_streams", "commits", "host", "log_reaches", "log_streams", "logs",
        "onlines", "other", "pump", "states",
    )  # fmt: skip

    def __init__(self, host: Host, pump: Pump, other: Hub | None) -> None:
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
        self.other = other

    def state(self, role: str, term: int, leader: str | None) -> None:
        """Role, term or leader have changed."""
        self.states.tell(role, leader)
        if self.other is not None:
            self.other.state(role, term, leader)

    def committed(self, old: int, new: int) -> None:
        """The committed index went from ``old`` to ``new``."""
        if new > old and self.commit_reaches.heap:
            self.commit_reaches.tell(new, lambda: Index(new))
        if self.commits.waits:
            self.commits.tell(old, new)
        if self.commit_streams.refs:
            self.commit_streams.push(Index(new))
        if self.other is not None:
            self.other.committed(old, new)

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
        if self.other is not None:
            self.other.online(online)

    def bonds(self) -> None:
        """A bond came up or went down."""
        self.bonded.tell()
        if self.other is not None:
            self.other.bonds()

    def fail(self, error: BaseException) -> None:
        """It is over: all who wait raise ``error``."""
        for topic in (self.states, self.onlines, self.bonded, self.commits, self.logs):
            topic.fail(error)
        self.commit_reaches.fail(error)
        self.log_reaches.fail(error)
        self.commit_streams.fail(error)
        self.log_streams.fail(error)
