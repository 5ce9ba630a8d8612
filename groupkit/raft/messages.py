"""What peers say to each other. Messages are cheap slots objects, never changed after they were made: one is shared by
all its receivers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from groupkit.raft.log import Entry, Known, Runs


class Message:
    """What all messages have: a ``kind``, and the sender's ``term``."""

    __slots__ = ("term",)
    kind: ClassVar[str] = ""

    def __init__(self, term: int) -> None:
        self.term = term

    @property
    def payload(self) -> dict[str, Any]:
        """Everything the message says besides its term, by name."""
        names = [n for cls in reversed(type(self).__mro__) for n in getattr(cls, "__slots__", ()) if n != "term"]
        return {name: getattr(self, name) for name in names}

    def flat(self) -> Any:
        """What a recorder keeps. Frequent messages become bare tuples, which the garbage collector lets alone."""
        return self

    def brief(self) -> str:
        """One line for people."""
        return f"{self.kind}, term {self.term}"

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in self.payload.items())
        return f"{type(self).__name__}(term={self.term}{', ' if said else ''}{said})"


class Vote(Message):
    """A candidate asks for a vote (Raft 5.2). ``forced``: it was told to stand now, past leases (diss. 3.10)."""

    __slots__ = ("forced", "last_index", "last_term")
    kind = "vote"

    def __init__(self, term: int, last_term: int, last_index: int, forced: bool = False) -> None:
        self.term = term
        self.last_term = last_term
        self.last_index = last_index
        self.forced = forced

    def brief(self) -> str:
        return f"{self.kind} request for term {self.term}: log ends at term {self.last_term}, index {self.last_index}"


class PreVote(Vote):
    """Would you vote for me in ``term``? Nobody's term changes by it (diss. 9.6)."""

    __slots__ = ()
    kind = "prevote"


class VoteReply(Message):
    """The answer to both. ``abstains``: I am catching up, do not count me (bonded quorum)."""

    __slots__ = ("abstains", "granted", "pre", "reason")
    kind = "vote_reply"

    def __init__(self, term: int, pre: bool, granted: bool, reason: str, abstains: bool = False) -> None:
        self.term = term
        self.pre = pre
        self.granted = granted
        self.reason = reason
        self.abstains = abstains

    def brief(self) -> str:
        what = "pre-vote" if self.pre else "vote"
        return f"{what} {'granted' if self.granted else 'refused'}, term {self.term}: {self.reason}"


class Append(Message):
    """AppendEntries (Raft 5.3): ``entries`` follow the one at ``prev_index``; without entries it is a heartbeat.

    ``round`` counts the leader's rounds of heartbeats; the answer repeats it, which confirms reads (diss. 6.4).
    """

    __slots__ = ("commit", "entries", "prev_index", "prev_term", "round")
    kind = "append"

    def __init__(
        self, term: int, prev_index: int, prev_term: int, entries: Sequence[Entry], commit: int, round: int
    ) -> None:
        self.term = term
        self.prev_index = prev_index
        self.prev_term = prev_term
        self.entries = entries
        self.commit = commit
        self.round = round

    def flat(self) -> Any:
        return "append", self.term, self.prev_index, self.prev_term, len(self.entries), self.commit, self.round

    def brief(self) -> str:
        what = f"{len(self.entries)} entries" if self.entries else "heartbeat"
        return (
            f"{what} after index {self.prev_index} (term {self.prev_term}), committed {self.commit}, term {self.term}"
        )


class AppendReply(Message):
    """``ok``: my log agrees with yours up to ``index``; if more follows there, it ends at ``hint_index``.

    Otherwise ``index`` is where it did not agree; try ``hint_index``.

    ``hint_index`` 0 means: I am fetching it from others; -1: send a snapshot, mine is of another history. On a refusal
    ``hint_term`` is the term of the conflicting entry, 0 if there is none (Raft 5.3, fast walking back).
    """

    __slots__ = ("hint_index", "hint_term", "index", "ok", "round")
    kind = "append_reply"

    def __init__(self, term: int, ok: bool, index: int, round: int, hint_term: int = 0, hint_index: int = 0) -> None:
        self.term = term
        self.ok = ok
        self.index = index
        self.round = round
        self.hint_term = hint_term
        self.hint_index = hint_index

    def flat(self) -> Any:
        return "append_reply", self.term, self.ok, self.index, self.round, self.hint_term, self.hint_index

    def brief(self) -> str:
        if self.ok:
            return f"has everything up to index {self.index}, term {self.term}"
        return f"does not agree at index {self.index}; from index {self.hint_index} it might, term {self.term}"


class Commit(Message):
    """The leader's committed index moved; nobody answers this. A follower takes it as far as its log matches."""

    __slots__ = ("commit",)
    kind = "commit"

    def __init__(self, term: int, commit: int) -> None:
        self.term = term
        self.commit = commit

    def flat(self) -> Any:
        return "commit", self.term, self.commit

    def brief(self) -> str:
        return f"committed {self.commit}, term {self.term}"


class Forward(Message):
    """Commands of a peer that does not lead, each with its identity. Valid in ``term`` only (diss. 6.2, 6.3)."""

    __slots__ = ("commands",)
    kind = "forward"

    def __init__(self, term: int, commands: Sequence[Entry]) -> None:
        self.term = term
        self.commands = commands  # as entries of term 0: their real term is given by the leader

    def brief(self) -> str:
        return f"{len(self.commands)} commands forwarded, term {self.term}"


class ForwardReply(Message):
    """Where each forwarded command stands in the leader's log: (serial, term, index); index 0: it never will."""

    __slots__ = ("places",)
    kind = "forward_reply"

    def __init__(self, term: int, places: Sequence[tuple[int, int, int]]) -> None:
        self.term = term
        self.places = places

    def brief(self) -> str:
        where = f"index {self.places[0][2]}" if self.places else "nothing"
        return f"{len(self.places)} commands taken from {where} on, term {self.term}"


class Read(Message):
    """A follower asks how far it must have applied before it may answer a strong query (diss. 6.4)."""

    __slots__ = ("ticket",)
    kind = "read"

    def __init__(self, term: int, ticket: int) -> None:
        self.term = term
        self.ticket = ticket


class ReadReply(Message):
    """The confirmed read index of ``ticket``."""

    __slots__ = ("index", "ticket")
    kind = "read_reply"

    def __init__(self, term: int, ticket: int, index: int) -> None:
        self.term = term
        self.ticket = ticket
        self.index = index

    def brief(self) -> str:
        return f"read index {self.index}, term {self.term}"


class Snapshot(Message):
    """InstallSnapshot (Raft 7): the machine after ``index``, for a peer that needs entries which were pruned.

    ``past`` tells the terms of the sender's whole log, so that the receiver knows where it parts from its own. Index 0
    with data None is the state before the first command: for a peer whose own snapshot is of a history that lost.
    """

    __slots__ = ("data", "index", "index_term", "latest", "past", "round")
    kind = "snapshot"

    def __init__(
        self,
        term: int,
        index: int,
        index_term: int,
        data: bytes | None,
        latest: dict[str, Known],
        round: int,
        past: Runs = (),
    ) -> None:
        self.term = term
        self.index = index
        self.index_term = index_term
        self.data = data
        self.latest = latest
        self.round = round
        self.past = past

    def brief(self) -> str:
        return f"snapshot up to index {self.index} (term {self.index_term}), term {self.term}"


class Fetch(Message):
    """A peer far behind asks for up to ``count`` committed entries from ``first`` on."""

    __slots__ = ("count", "first")
    kind = "fetch"

    def __init__(self, term: int, first: int, count: int) -> None:
        self.term = term
        self.first = first
        self.count = count

    def brief(self) -> str:
        return f"asks for {self.count} entries from index {self.first} on, term {self.term}"


class Fetched(Message):
    """Committed ``entries`` from ``first`` on, behind one of ``prev_term``; none: they are not here."""

    __slots__ = ("entries", "first", "prev_term")
    kind = "fetched"

    def __init__(self, term: int, first: int, prev_term: int, entries: Sequence[Entry]) -> None:
        self.term = term
        self.first = first
        self.prev_term = prev_term
        self.entries = entries

    def brief(self) -> str:
        return f"{len(self.entries)} committed entries from index {self.first} on, term {self.term}"


def opened(flat: Any) -> Message:
    """The message that ``flat`` was made of; in place of an append's entries stand their indexes, a ``range``."""
    if type(flat) is not tuple:
        return flat  # type: ignore[no-any-return]
    kind, term, *said = flat
    if kind == "append":
        prev, prev_term, count, commit, round = said
        return Append(term, prev, prev_term, range(prev + 1, prev + 1 + count), commit, round)  # type: ignore[arg-type]
    if kind == "append_reply":
        return AppendReply(term, *said)
    return Commit(term, *said)
