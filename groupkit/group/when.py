"""``group.when()``: futures for what will happen to a peer. Each subscribes at the call: nothing in between is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from groupkit.group.live import Asked
from groupkit.group.wait import Wait
from groupkit.group.waits import NOT_YET, Stream, expire
from groupkit.raft.config import seconds
from groupkit.raft.ids import Cursor, Index, IndexRange, PeerId, whole
from groupkit.raft.news import FOLLOWER, LEADER

if TYPE_CHECKING:
    from groupkit.group.group import Group
    from groupkit.group.waits import Check, Topic

ValueT = TypeVar("ValueT", Index, Cursor)


class Whens(Asked):
    """What all When APIs share: making a future, resolving it at once if it already holds, and its timeout."""

    __slots__ = ("_group",)

    def __init__(self, group: Group) -> None:
        self._group = group

    def _wait(self, what: str, timeout: float | None) -> Wait[Any]:
        group = self._group
        group._enter(f"{what} on {group.peer_id()}")
        wait: Wait[Any] = Wait(group._pump, f"{what} on {group.peer_id()}")
        if timeout is not None:
            after = seconds(timeout, "timeout")
            expire(group._pump, wait, after, lambda: TimeoutError(self._late(what, after)))
        return wait

    def _late(self, what: str, after: float) -> str:
        group = self._group
        return f"{what} on {group.peer_id()}: nothing within {after:g} virtual seconds; {group._standing()}"


class When(Whens):
    """Awaitable conditions of one peer. LEVEL: resolves at once if it holds already; EDGE: only a later change counts.

    All take ``timeout=`` in virtual seconds; on expiry ``TimeoutError`` says what was awaited and how things stand.
    When the group ends, everything pending raises ``GroupTerminated``; a kill ends nothing.
    """

    __slots__ = ()

    def leader_elected(self, *, timeout: float | None = None) -> Wait[PeerId]:
        """LEVEL. This peer follows a leader (or is one): resolves with it."""
        wait = self._wait("leader_elected()", timeout)
        now = self._group.leader()
        return self._level(wait, now is not None, now, lambda role, leader: _known(leader))

    def leader_changed(self, *, timeout: float | None = None) -> Wait[PeerId]:
        """EDGE. Resolves with the first leader that differs from the one at the call; None never counts as a leader."""
        wait = self._wait("leader_changed()", timeout)
        before = self._group.leader()
        check: Check = lambda role, leader: _known(leader) if leader != before else NOT_YET  # noqa: E731
        self._group._ear().states.add(wait, check)
        return wait

    def leader_is(self, peer: str, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. This peer follows ``peer`` (or is it): resolves with None. Raises ``UnknownPeer`` at the call."""
        name = self._group._known_peer(peer)
        wait = self._wait(f"leader_is({name!r})", timeout)
        return self._level(
            wait, self._group.leader() == name, None, lambda role, leader: None if leader == name else NOT_YET
        )

    def is_leader(self, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. This peer leads: resolves with None."""
        wait = self._wait("is_leader()", timeout)
        return self._level(
            wait, self._group.is_leader(), None, lambda role, leader: None if role == LEADER else NOT_YET
        )

    def is_follower(self, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. This peer is a follower; a candidate, an observer or a dead peer is none. Resolves with None."""
        wait = self._wait("is_follower()", timeout)
        here = self._group.role() == FOLLOWER
        return self._level(wait, here, None, lambda role, leader: None if role == FOLLOWER else NOT_YET)

    def online(self, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. This peer is in touch with its group, see ``Group.is_online``: resolves with None."""
        return self._online(True, "online()", timeout)

    def offline(self, *, timeout: float | None = None) -> Wait[None]:
        """LEVEL. This peer is not in touch with its group: resolves with None."""
        return self._online(False, "offline()", timeout)

    def committed(self) -> CursorWatcher[Index]:
        """A watcher of this peer's committed index."""
        return CommittedWatcher(self._group)

    def log(self) -> CursorWatcher[Cursor]:
        """A watcher of this peer's last log entry, uncommitted ones included."""
        return LogWatcher(self._group)

    def __repr__(self) -> str:
        return f"<when() of {self._group.peer_id()}>"

    def _online(self, wanted: bool, what: str, timeout: float | None) -> Wait[None]:
        wait = self._wait(what, timeout)
        if self._group.is_online() is wanted:
            wait.resolve(None)
        else:
            self._group._ear().onlines.add(wait, lambda online: None if online is wanted else NOT_YET)
        return wait

    def _level(self, wait: Wait[Any], holds: bool, value: Any, check: Check) -> Wait[Any]:
        if holds:
            wait.resolve(value)
        else:
            self._group._ear().states.add(wait, check)
        return wait


def _known(leader: str | None) -> Any:
    return NOT_YET if leader is None else PeerId(leader)


class CursorWatcher(Whens, Generic[ValueT]):
    """Watches a position in the log: the committed one (``Index``), or that of the last entry (``Cursor``).

    ``async for value in watcher`` gives every transition from there on, in order, none merged or lost.
    """

    __slots__ = ()
    _name = ""

    def _value(self) -> ValueT:
        raise NotImplementedError

    def _topic(self) -> Topic:
        raise NotImplementedError

    def reaches(self, index: int | IndexRange, *, timeout: float | None = None) -> Wait[ValueT]:
        """LEVEL. At least ``index`` (of a range: its end): resolves with the value, which may be further on."""
        wanted = int(index.end) if isinstance(index, IndexRange) else whole(index, f"{self._name}().reaches(index)")
        wait: Wait[ValueT] = self._wait(f"{self._name}().reaches({wanted})", timeout)
        value = self._value()
        if int(value) >= wanted:
            wait.resolve(value)
        else:
            ear = self._group._ear()
            (ear.commit_reaches if self._name == "committed" else ear.log_reaches).add(wanted, wait)
        return wait

    def advanced(self, *, timeout: float | None = None) -> Wait[ValueT]:
        """EDGE. Resolves with the first value greater than the one at the call."""
        wait: Wait[ValueT] = self._wait(f"{self._name}().advanced()", timeout)
        before = self._value()
        self._topic().add(wait, lambda old, new: self._typed(new) if self._typed(new) > before else NOT_YET)
        return wait

    def changed(self, *, timeout: float | None = None) -> Wait[ValueT]:
        """EDGE. Resolves with the next value that differs from the one at the call."""
        wait: Wait[ValueT] = self._wait(f"{self._name}().changed()", timeout)
        before = self._value()
        self._topic().add(wait, lambda old, new: self._typed(new) if self._typed(new) != before else NOT_YET)
        return wait

    def reverted(self, *, timeout: float | None = None) -> Wait[ValueT]:
        """EDGE. Resolves with the value after any step backwards. Of the committed index: never under members quorum.

        Of the log: entries were removed, whatever replaced them.
        """
        wait: Wait[ValueT] = self._wait(f"{self._name}().reverted()", timeout)
        self._topic().add(wait, lambda old, new: self._typed(new) if self._went_back(old, new) else NOT_YET)
        return wait

    def __aiter__(self) -> AsyncIterator[ValueT]:
        raise NotImplementedError

    def _typed(self, new: Any) -> ValueT:
        raise NotImplementedError

    def _went_back(self, old: Any, new: Any) -> bool:
        raise NotImplementedError

    def _stream(self) -> Stream:
        self._group._enter(f"async for over {self._name}() of {self._group.peer_id()}")
        return Stream(self._group._pump, f"the next change of {self._name}() on {self._group.peer_id()}")

    def __repr__(self) -> str:
        return f"<watcher of {self._name}() on {self._group.peer_id()}, now {self._value()!r}>"


class CommittedWatcher(CursorWatcher[Index]):
    """Watches the committed index of one peer."""

    __slots__ = ()
    _name = "committed"

    def _value(self) -> Index:
        return self._group.committed()

    def _topic(self) -> Topic:
        return self._group._ear().commits

    def _typed(self, new: Any) -> Index:
        return Index(new)

    def _went_back(self, old: Any, new: Any) -> bool:
        return bool(new < old)

    def __aiter__(self) -> AsyncIterator[Index]:
        stream = self._stream()
        self._group._ear().commit_streams.add(stream)
        return stream


class LogWatcher(CursorWatcher[Cursor]):
    """Watches the last entry of one peer's log."""

    __slots__ = ()
    _name = "log"

    def _value(self) -> Cursor:
        return self._group.log_position()

    def _topic(self) -> Topic:
        return self._group._ear().logs

    def _typed(self, new: Any) -> Cursor:
        return new  # type: ignore[no-any-return]

    def _went_back(self, old: Any, new: Any) -> bool:
        return bool(old)  # for logs: whether entries were removed

    def __aiter__(self) -> AsyncIterator[Cursor]:
        stream = self._stream()
        self._group._ear().log_streams.add(stream)
        return stream
