"""The five safety properties of the Raft paper's Figure 3, and some more, watched while the group runs.

Each check looks only at what has just changed and compares by reference where it can, so that it can always be on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from groupkit.raft.log import Entry, Ident
from groupkit.raft.news import LEADER
from groupkit.sim.likeness import Likeness

if TYPE_CHECKING:
    from groupkit.sim.host import Host

NEVER: Final = 1 << 64
Appended = tuple[int, list[Entry]]  # by the leader of a term: the first index, and all entries from there


@dataclass(frozen=True)
class Breach:
    """A safety property that did not hold: which, between whom, where and when (virtual seconds)."""

    property: str
    peers: tuple[str, ...]
    index: int
    term: int
    time: float
    text: str

    def __str__(self) -> str:
        return f"{self.property} violated at {self.time:.3f} s by {' and '.join(self.peers)}: {self.text}"


class Watchdog:
    """Watches one group; ``report`` is told of each breach at once. Bonded groups are not judged."""

    __slots__ = (
        "_by_term",
        "_committed",
        "_hard",
        "_highest",
        "_idents",
        "_leaders",
        "_led",
        "_likeness",
        "_reign",
        "bonded",
        "every",
        "report",
    )

    def __init__(self, bonded: bool, report: Callable[[Breach], None]) -> None:
        self.bonded = bonded  # what bonded quorum promises is less: it is told by reverted(), not as a violation
        self.report = report
        self._likeness = Likeness()
        self.every = NEVER if bonded else 1  # at its multiples machines are compared, see ``applied``
        self._idents: set[Ident] = set()  # of the forwarded commands among those committed
        self._hard: dict[str, tuple[int, str | None]] = {}  # peer -> the last term and vote it wrote to its disk
        self._by_term: list[tuple[int, int]] = []  # (last index of those committed in a term, that term)
        self._highest = 0  # the highest term anybody led in
        self._led: list[Host] = []  # the last few who led
        self._leaders: dict[int, str] = {}  # term -> its leader
        self._reign: dict[int, Appended] = {}  # by term
        self._committed: list[Entry] = []  # everything ever committed by anybody, by index

    def close(self) -> None:
        """There is nothing left to watch; what was found stays."""
        self.report = _unheard
        self._led.clear()

    def led(self, host: Host) -> None:
        """``host`` has won an election: Election Safety (5.2) and Leader Completeness (5.4)."""
        node = host.node
        before = self._leaders.setdefault(node.term, host.id)
        self._highest = max(self._highest, node.term)
        self._led = [*[other for other in self._led if other is not host][-7:], host]
        if self.bonded:
            return
        if before != host.id:
            self._add(host, "Election Safety", (before, host.id), 0, f"leads term {node.term}, and so does {before}")
        log, base = node.log, node.log.base
        before_it = next((upto for upto, term in reversed(self._by_term) if term < node.term), 0)
        wanted = self._committed[base:before_it]  # what was committed in later terms it need not hold
        if log.entries[: len(wanted)] != wanted:
            missing = next(
                (i for i, e in enumerate(wanted) if i >= len(log.entries) or log.entries[i] != e), len(wanted)
            )
            text = f"leads in term {node.term} without the committed entry {base + missing + 1}"
            self._add(host, "Leader Completeness", (host.id,), base + missing + 1, text)

    def logged(self, host: Host, first: int, entries: Sequence[Entry], cut: bool) -> None:
        """``host`` put ``entries`` at ``first`` (``cut``: in place of others): Leader Append-Only, Log Matching."""
        if self.bonded:
            return
        node = host.node
        if node.role == LEADER:
            if cut:
                text = f"removed entries from {first} on while it led in term {node.term}"
                self._add(host, "Leader Append-Only", (host.id,), first, text)
            known = self._reign.get(node.term)
            if known is None:
                self._reign[node.term] = known = (first, [])
                self._reign.pop(node.term - 64, None)
            known[1].extend(entries)
            return
        known = self._reign.get(node.term)
        if known is None or not entries:
            return
        if first < known[0]:
            if entries[0][0] == node.term:
                text = (
                    f"holds an entry of term {node.term} at index {first}, before the first one that term's leader made"
                )
                self._add(host, "Log Matching", (host.id, self._leaders.get(node.term, "nobody")), first, text)
            return
        place = first - known[0]
        if len(entries) == 1 and place < len(known[1]) and known[1][place] is entries[0]:
            return  # the plain case: the very same entry
        theirs = known[1][place : place + len(entries)]
        if theirs != list(entries):
            leader = self._leaders.get(node.term, "nobody")
            text = f"holds other entries from {first} on than leader {leader} of term {node.term} gave that index"
            self._add(host, "Log Matching", (host.id, leader), first, text)

    def committed(self, host: Host, old: int, new: int) -> None:
        """``host`` committed up to ``new``: State Machine Safety (5.4.3)."""
        if self.bonded:
            return
        if new < old:
            text = f"its committed index went back from {old} to {new}"
            self._add(host, "State Machine Safety", (host.id,), new, text)
            return
        log, known = host.node.log, self._committed
        if log.base <= old == new - 1 < len(known) and new <= log.last and known[old] is log.entries[old - log.base]:
            return  # the plain case: the very same entry
        if new > log.last:
            text = f"committed up to index {new}, though its log ends at {log.last}"
            self._add(host, "State Machine Safety", (host.id,), new, text)
        start = max(old, log.base)
        mine = log.entries[start - log.base : new - log.base]
        both = known[start : start + len(mine)]
        if mine[: len(both)] != both:
            index = start + 1 + next(i for i, e in enumerate(both) if mine[i] != e)
            text = f"committed another entry at index {index} than others did"
            self._add(host, "State Machine Safety", (host.id,), index, text)
        if len(both) < len(mine):
            self._once(host, len(known) + 1, mine[len(both) :])
            known.extend(mine[len(both) :])
            if self._by_term and self._by_term[-1][1] == host.node.term:
                self._by_term.pop()
            self._by_term.append((len(known), host.node.term))
            if host.node.term < self._highest:
                self._known_above(host, new)

    def _once(self, host: Host, first: int, entries: Sequence[Entry]) -> None:
        """A command that was forwarded, perhaps again, is in the log once (diss. 6.3)."""
        for place, (_, command, ident) in enumerate(entries):
            if ident is not None:
                if ident in self._idents:
                    text = f"committed {command!r} again at index {first + place}, which has been committed before"
                    self._add(host, "Applied Once", (host.id,), first + place, text)
                self._idents.add(ident)

    def applied(self, host: Host) -> None:
        """``host`` has applied what is committed: machines are equal at equal indexes."""
        index = host.replica.applied
        other = self._likeness.differs(host.id, index, host.replica.state)
        self.every = self._likeness.every
        if other is not None:
            self.every = NEVER  # told once: what follows from it differs as well
            text = (
                f"has another machine at index {index} than {other}, after the same commands: "
                f"{type(host.replica.machine).__name__}.apply depends on more than its command"
            )
            self._add(host, "Machines Equal", (host.id, other), index, text)

    def wrote(self, host: Host) -> None:
        """``host`` wrote its term and vote."""
        self._hard[host.id] = (host.node.term, host.node.vote)

    def wiped(self, host: Host) -> None:
        """``host`` begins with an empty disk: nothing is owed to the former one."""
        self._hard.pop(host.id, None)

    def booted(self, host: Host) -> None:
        """``host`` has read its disk: term and vote are what was written last (5.1)."""
        node = host.node
        term, vote = self._hard.setdefault(host.id, (node.term, node.vote))
        if (node.term, node.vote) != (term, vote) and not self.bonded:
            text = f"had written term {term} and its vote for {vote}, and reads term {node.term} and {node.vote}"
            self._add(host, "Term and Vote Kept", (host.id,), 0, text)

    def _known_above(self, host: Host, index: int) -> None:
        """Committed in a lower term than somebody leads in by now: that leader must hold it too (5.4.3)."""
        entry = host.node.log.entry(index)
        for leader in self._led:
            log = leader.node.log
            lacks = log.last < index or (index > log.base and log.entry(index) != entry)
            if leader.node.role == LEADER and leader.node.term > host.node.term and lacks:
                text = f"committed index {index} in term {host.node.term}, which {leader.id}, leader of term "
                text += f"{leader.node.term}, does not hold"
                self._add(host, "Leader Completeness", (host.id, leader.id), index, text)

    def _add(self, host: Host, property: str, peers: tuple[str, ...], index: int, text: str) -> None:
        breach = Breach(property, peers, index, host.node.term, host.world.now, f"{host.id} {text}")
        host.tell("violation", property, breach.text, peers, index, int(breach.term))
        self.report(breach)


def _unheard(breach: Breach) -> None:
    """Nobody listens any more."""
