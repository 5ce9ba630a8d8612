"""One peer's protocol state, and the rules that hold in every role: terms first (Raft 5.1), then votes.

A plain mutable object behind a pure interface. Events go in by the methods; what follows from them is left in ``out``
(messages to send), ``news`` (what changed), ``changes`` (of the log), ``placed`` and ``reads`` (answers to its own
users) and ``notes`` (things worth telling). Whoever drives the node puts term, vote and log on the disk **before** it
sends what is in ``out``.

The node asks for alarms, never for a time. By ``news``:
HEARD: call ``lapse()`` after the election timeout, and ``election_timeout()`` after up to its jitter more;
QUORUM: call ``quorum_lapsed()`` after the election timeout, unless QUORUM is news again before that;
BEAT: call ``beat()`` after a heartbeat interval; SPREAD: call ``spread()`` when nothing else happens at this moment.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, Final

from groupkit.raft import candidate, catchup, leader, quorum, terms
from groupkit.raft.config import ConsensusConfig
from groupkit.raft.handlers import HANDLERS
from groupkit.raft.log import Entry, Log, Stamp
from groupkit.raft.messages import Append, Message, Snapshot
from groupkit.raft.news import (
    ANSWERS,
    CANDIDATE,
    COMMIT,
    CONTACT,
    FOLLOWER,
    HARD,
    HEARD,
    LEADER,
    LOG,
    NOTES,
    OBSERVER,
    STATE,
    Progress,
)
from groupkit.raft.rules import ALL_RULES, Rules

NOBODY: Final[Set[str]] = frozenset()


class Node:
    """The protocol state of one peer. ``voters`` is None under bonded quorum."""

    __slots__ = (
        "abstained",
        "agrees",
        "appended",
        "asked",
        "changes",
        "commit",
        "config",
        "contacts",
        "cut_log",
        "fetching",
        "floor",
        "followers",
        "fresh",
        "granted",
        "id",
        "install",
        "leader",
        "log",
        "lowest",
        "matched",
        "news",
        "notes",
        "observer",
        "others_needed",
        "out",
        "patience",
        "peers",
        "placed",
        "pre",
        "reads",
        "refused",
        "role",
        "round",
        "rules",
        "snapshot",
        "steps",
        "term",
        "vote",
        "voters",
        "waiting_reads",
    )

    def __init__(self, id: str, config: ConsensusConfig, rules: Rules = ALL_RULES, *, observer: bool = False) -> None:
        self.id = id
        self.config = config
        self.rules = rules
        self.voters = config.voters
        self.observer = observer or (config.voters is not None and id not in config.voters)
        self.others_needed = quorum.majority(len(config.voters or ())) - (not self.observer)  # of the voters named
        self.peers: dict[str, bool] = {}  # the peers bonded now -> whether it is an observer
        # on the disk
        self.log = Log()
        self.term = 0
        self.vote: str | None = None
        self.snapshot: Snapshot | None = None
        # in memory
        self.role: str = OBSERVER if self.observer else FOLLOWER
        self.leader: str | None = None
        self.commit = 0
        self.fresh = False  # heard from a leader within the election timeout
        self.agrees = False  # holds everything that the leader it follows had committed when last heard
        self.matched = 0  # up to here the log is known to match the leader's
        self.fetching: catchup.Fetching | None = None
        # as candidate
        self.pre = False
        self.granted: Set[str] = NOBODY
        self.refused: Set[str] = NOBODY
        self.abstained: Set[str] = NOBODY
        # as leader
        self.followers: dict[str, Progress] = {}
        self.round = 0
        self.appended: Append | None = None  # the newest append that was sent: others may lack the same
        self.floor = 0  # reads wait until this index is committed (diss. 6.4)
        self.contacts = 0  # how many answered since a quorum had; with the next quorum ...
        self.patience = 0  # ... it is counted anew
        self.waiting_reads: list[tuple[str, int, int]] = []  # (peer, ticket, round that must be confirmed)
        self.asked = 0  # the round that reads wait for
        # effects
        self.out: list[tuple[str, Message]] = []
        self.news = STATE  # that it has begun
        self.changes: list[tuple[int, Sequence[Entry]]] = []
        self.cut_log = False  # entries were removed
        self.steps: list[int] = []  # entries of several callers were taken at once: the last index of each
        self.lowest = -1  # how far the committed index went back in between; -1: it did not
        self.notes: list[tuple[Any, ...]] | None = []  # (kind, this peer, ...); None: nobody wants to know
        self.placed: list[tuple[int, int, int]] = []  # (serial, term, index): where own commands stand
        self.reads: list[tuple[int, int]] = []  # (ticket, index): own strong reads that are confirmed
        self.install: Snapshot | None = None

    # -- events ------------------------------------------------------------------------------------------------

    def receive(self, src: str, message: Message) -> None:
        """A message of ``src`` has arrived."""
        if message.term != self.term and not terms.settle(self, src, message):
            return
        HANDLERS[type(message)](self, src, message)

    def bonded(self, peer: str, observer: bool = False) -> None:
        """``peer`` can be reached from now on."""
        self.peers[peer] = observer
        if self.role == LEADER:
            leader.welcome(self, peer)

    def unbonded(self, peer: str) -> None:
        """``peer`` can no longer be reached."""
        if self.peers.pop(peer, None) is None:
            return
        if self.role == LEADER:
            leader.miss(self, peer)
        elif self.leader == peer and self.voters is None:
            self.become_follower(self.term, None)

    def lapse(self) -> None:
        """A whole election timeout has passed without a word from a leader."""
        self.fresh = False
        self.news |= CONTACT

    def election_timeout(self) -> None:
        """The randomised election timeout is over (Raft 5.2)."""
        if self.observer or self.role == LEADER:
            self.news |= HEARD
            return
        candidate.stand(self, pre=self.rules.pre_vote, why=self._why_stand())

    def timeout_now(self, why: str) -> None:
        """Stand for election at once, past pre-vote and leases (diss. 3.10)."""
        if not self.observer and self.role != LEADER:
            candidate.stand(self, pre=False, why=why, forced=True)

    def quorum_lapsed(self) -> None:
        """For a whole election timeout there was no contact to a quorum: a leader forgets itself (diss. 6.2)."""
        if self.role == LEADER:
            leader.quorum_lapsed(self)

    def beat(self) -> None:
        """A heartbeat is due."""
        if self.role == LEADER:
            leader.beat(self)

    def spread(self) -> None:
        """The moment in which something was appended or committed is over: it is sent and told now."""
        if self.role == LEADER:
            leader.spread(self)

    # -- what every role does ------------------------------------------------------------------------------------

    def become_follower(self, term: int, leader: str | None) -> None:
        """Follow ``leader`` (None: not known yet) in ``term``."""
        if term != self.term:
            self.term = term
            self.vote = None
            self.news |= HARD
        if self.role == LEADER:
            self.news |= HEARD  # its own election clock runs again
        self.role = OBSERVER if self.observer else FOLLOWER
        self.leader = leader
        self.matched = 0
        self.agrees = False
        self.fetching = None
        self.fresh = leader is not None
        self.followers = {}
        self.waiting_reads = []
        self.granted = self.refused = self.abstained = NOBODY
        self.news |= STATE | CONTACT

    def tell(self, kind: str, *details: Any) -> None:
        """Something worth telling has happened."""
        if self.notes is not None:
            self.notes.append((kind, self.id, *details))
            self.news |= NOTES

    def confirm(self, ticket: int, index: int) -> None:
        """An own strong read may be answered once ``index`` is applied."""
        self.reads.append((ticket, index))
        self.news |= ANSWERS

    def set_commit(self, index: int) -> None:
        """The committed index is now ``index``."""
        self.commit = index
        self.news |= COMMIT

    def change_log(self, first: int, entries: Sequence[Entry]) -> None:
        """Cut the log before ``first`` if it is longer, and put ``entries`` there. Committed entries go only with a
        committed index that goes back: never under members quorum with all rules on."""
        if first <= self.log.last:
            self.log.cut(first)
            self.cut_log = True
            if first <= self.commit:
                self.set_commit(first - 1)
                self.lowest = self.commit if self.lowest < 0 else min(self.lowest, self.commit)
        self.extend_log(entries)

    def extend_log(self, entries: Sequence[Entry]) -> None:
        """Put ``entries`` behind the last one."""
        self.changes.append((self.log.last + 1, entries))
        self.log.extend(entries)
        self.news |= LOG

    @property
    def stamp(self) -> int:
        """What this leader's entries carry as their term."""
        return self.term if self.voters is not None else Stamp(self.term, self.id)

    @property
    def lagging(self) -> bool:
        """Whether this peer follows a leader but has not caught up with it yet."""
        return self.leader is not None and not self.agrees and self.role != LEADER

    def leased(self) -> bool:
        """Whether a leader is known to be alive: then nobody else gets a vote (diss. 4.2.3, 6.2)."""
        return (self.fresh or self.role == LEADER) and self.rules.check_quorum

    def _why_stand(self) -> str:
        if self.leader is not None:
            return f"heard nothing from {self.leader} for an election timeout"
        return "the election before it had no winner" if self.role == CANDIDATE else "knows no leader"
