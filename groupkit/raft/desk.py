"""The peer's front desk: what its own users submitted, from the call to the certain outcome (diss. 6.2-6.4).

A command is *pending* until a leader has given it an index, then *waiting* until that index is applied here. While
pending it is forwarded to the leader, and again to the next one; each carries an identity, so that no log holds it
twice. Once (term, index) are known, only that entry counts: another one committed in its place means it is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from groupkit.raft import leader
from groupkit.raft.log import Entry
from groupkit.raft.messages import Forward, Read
from groupkit.raft.news import LEADER
from groupkit.raft.submissions import Reading, Submission

if TYPE_CHECKING:
    from groupkit.raft.node import Node

Place = tuple[int, int, int]  # (serial, term, index)


class Desk:
    """The submissions and strong queries of one peer, ``client`` being its name in identities."""

    __slots__ = (
        "astray", "busy", "client", "in_vain", "leaderless", "node", "patience", "patience_of_reads", "pending",
        "reads", "serial", "unasked", "waiting",
    )  # fmt: skip

    def __init__(self, node: Node, client: str) -> None:
        self.node = node
        self.client = client
        self.serial = 0
        self.pending: list[Submission] = []
        self.waiting: list[Submission] = []  # in order of index, all of the present term
        self.astray: list[Submission] = []  # of former terms: each looked at on its own
        self.reads: dict[int, Reading] = {}
        self.unasked: list[Reading] = []  # behind commands that are pending: calls keep their order
        self.busy = False  # a forward is on its way and not answered
        self.leaderless = self.in_vain = 0  # so many forward timeouts, query timeouts without a leader
        config = node.config
        election = config.election_timeout + config.election_timeout_jitter  # both outlast one
        self.patience = 1 + math.ceil(election / config.forward_timeout)
        self.patience_of_reads = 1 + math.ceil(election / config.query_timeout)

    def submit(self, submission: Submission, *, hold: bool = False) -> None:
        """Take commands in, behind all earlier ones; ``hold``: the peer is frozen, they wait for ``resume``."""
        submission.serial = self.serial + 1
        self.serial += len(submission.commands)
        self.pending.append(submission)
        if not hold:
            self.flush()

    def read(self, reading: Reading, *, hold: bool = False) -> None:
        """Take a strong query in; ``hold`` as in ``submit``."""
        self.reads[reading.number] = reading
        if not hold:
            self._ask(reading)

    def resume(self) -> None:
        """The peer was frozen and goes on."""
        self.flush()
        for reading in list(self.reads.values()):
            self._ask(reading)

    def flush(self) -> None:
        """Hand everything pending to the leader: this peer itself, or the one it follows."""
        node = self.node
        if node.role == LEADER:
            self.busy = False
            while self.pending:
                if self.pending[0].sent:
                    self._place(self.pending.pop(0))
                else:
                    self._propose()
        elif self.pending and not self.busy and node.leader in node.peers:
            entries: list[Entry] = []
            for submission in self.pending:
                entries += self._entries(submission, 0)
                if submission.last_sent != node.term:
                    submission.sent += 1
                    submission.last_sent = node.term
            self.busy = True
            node.out.append((str(node.leader), Forward(node.term, entries)))

    def new_leader(self) -> None:
        """Term or leader have changed."""
        self.busy = False
        self.cut()
        if self.pending:
            self.flush()
        for reading in list(self.reads.values()) if self.reads else ():
            self._ask(reading)

    def retry(self) -> None:
        """A forward timeout has passed: send again what is pending, or give up if no leader is to be found."""
        self.leaderless = self.leaderless + 1 if self.node.leader is None else 0
        if self.leaderless >= self.patience:
            self.leaderless = 0
            pending, self.pending = self.pending, []
            for submission in pending:
                submission.end(*_fate(submission, f"{self.node.id} found no leader"))
        self.busy = False
        self.flush()
        self._ask_unasked()

    def retry_reads(self) -> None:
        """A query timeout has passed: ask again, or give up if no leader is to be found, as ``retry`` does."""
        self.in_vain = self.in_vain % self.patience_of_reads + 1 if self.reads and self.node.leader is None else 0
        late = self.in_vain == self.patience_of_reads
        for reading in list(self.reads.values()):
            if late and reading.index < 0:
                del self.reads[reading.number]
                reading.fail(f"{self.node.id} found no leader to confirm it")
            else:
                self._ask(reading)

    def placed(self, places: Sequence[Place]) -> None:
        """The leader said where forwarded commands stand."""
        self.busy = False
        where = {serial: (term, index) for serial, term, index in places}
        for submission in list(self.pending):
            spot = where.get(submission.serial)
            if spot is None:
                continue
            self.pending.remove(submission)
            if spot[1] == 0:
                submission.end("unknown", "a later command of the same peer overtook it")
            else:
                self._wait(submission, *spot)
        self.flush()
        self._ask_unasked()

    def seen(self, first: int, entries: Sequence[Entry]) -> None:
        """Entries have reached this peer's log: some may be its own, whose answer was lost or is still on its way."""
        for place, (term, _, ident) in enumerate(entries):
            if ident is not None and ident[0] == self.client:
                for submission in self.pending:
                    if submission.serial == ident[1]:
                        self.pending.remove(submission)
                        self._wait(submission, term, first + place)
                        break
        self._ask_unasked()

    def cut(self) -> None:
        """Entries were removed from this peer's log."""
        self.astray += self.waiting
        self.waiting.clear()

    def applied(self, index: int) -> None:
        """Everything up to ``index`` is applied here: tell those whose fate is certain now."""
        waiting, log = self.waiting, self.node.log
        done = 0
        while done < len(waiting) and waiting[done].last <= index:
            done += 1
        settled, waiting[:done] = waiting[:done], []
        for submission in settled:
            last = submission.last
            if log.base < last <= log.last and log.entries[last - log.base - 1][0] == submission.term:
                submission.end("committed", "")
            else:
                self._judge(submission, index)
        if self.astray:
            astray, self.astray = self.astray, []
            for submission in astray:
                self._judge(submission, index)
        if self.reads:
            for reading in [r for r in self.reads.values() if 0 <= r.index <= index]:
                del self.reads[reading.number]
                reading.ready()

    def confirmed(self, number: int, index: int, applied: int) -> None:
        """The leader confirmed the read index of a strong query."""
        reading = self.reads.get(number)
        if reading is None or reading.index >= 0:
            return
        reading.index = index
        if index <= applied:
            del self.reads[number]
            reading.ready()

    def withdraw(self, submission: Submission) -> None:
        """Its user has given up: it is not sent again, and its end is not told."""
        if submission in self.pending:
            self.pending.remove(submission)
            self._ask_unasked()
        elif submission in self.waiting:
            self.waiting.remove(submission)
        elif submission in self.astray:
            self.astray.remove(submission)

    def close(self, why: str) -> None:
        """The peer goes down: nobody will follow these any more."""
        everything = [*self.pending, *self.waiting, *self.astray]
        reads = list(self.reads.values())
        self.pending.clear()
        self.waiting.clear()
        self.astray.clear()
        self.reads.clear()
        self.unasked.clear()
        for submission in everything:
            submission.end(*_fate(submission, why))
        for reading in reads:
            reading.fail(why)

    def _propose(self) -> None:
        """Everything up to the next one that somebody else has seen, in one go: it needs no identities."""
        node, term, pending = self.node, self.node.stamp, self.pending
        seen = next((place for place, submission in enumerate(pending) if submission.sent), len(pending))
        fresh, pending[:seen] = pending[:seen], []
        entries = [(term, command, None) for submission in fresh for command in submission.commands]
        index = leader.propose(node, tuple(entries))
        for submission in fresh:
            submission.sent, submission.last_sent = 1, node.term
            submission.indexed(term, index)
            index = submission.last + 1
        if len(fresh) > 1:
            node.steps += [submission.last for submission in fresh]
        self.waiting += fresh  # this term's log only grows here: theirs are its newest indexes

    def _place(self, submission: Submission) -> None:
        """A former leader may have it: it goes by its identity (diss. 6.3)."""
        node = self.node
        _, term, first = leader.place(node, self._entries(submission, 0))[0]
        submission.sent += submission.last_sent != node.term
        submission.last_sent = node.term
        if first == 0:
            submission.end("unknown", "a later command of the same peer overtook it")
        else:
            self._wait(submission, term, first)

    def _entries(self, submission: Submission, term: int) -> list[Entry]:
        return [(term, c, (self.client, submission.serial + i)) for i, c in enumerate(submission.commands)]

    def _wait(self, submission: Submission, term: int, index: int) -> None:
        if term == self.node.term and (not self.waiting or self.waiting[-1].last < index):
            self.waiting.append(submission)
        else:
            self.astray.append(submission)
        submission.indexed(term, index)

    def _judge(self, submission: Submission, applied: int) -> None:
        log, last = self.node.log, submission.last
        there = log.stamp_at(last)
        if there == submission.term:
            if last <= applied:
                submission.end("committed", "")
            else:
                self.astray.append(submission)
        elif there < 0 and last <= log.base:
            submission.end("unknown", "a snapshot has taken the place of its index")
        elif last <= applied or log.term_at(applied) > submission.term:  # no later leader can hold it (Raft 5.4.3)
            self._overwritten(submission, applied)
        else:
            self.astray.append(submission)

    def _overwritten(self, submission: Submission, applied: int) -> None:
        log, index = self.node.log, submission.index
        winner = int(log.stamp_at(min(submission.last, applied)))
        while log.stamp_at(index) == submission.term:  # a long batch travels in parts, and the first ones may have won
            index += 1
        submission.kept = index - submission.index
        if submission.index <= log.base and log.stamp_at(submission.index) < 0:
            submission.end("unknown", "a snapshot has taken the place of its index")
        elif submission.sent > 1 and not submission.kept:
            submission.index = 0
            self.pending.insert(0, submission)
            self.flush()
        else:
            # under bonded quorum a history that has lost may win later on
            outcome = "unknown" if submission.sent > 1 or self.node.voters is None else "lost"
            where = "in its place" if submission.index <= applied else "before its place"
            submission.end(outcome, f"a leader of term {winner} committed other entries {where}")

    def _ask_unasked(self) -> None:
        if self.unasked and not self.pending:
            unasked, self.unasked = self.unasked, []
            for reading in unasked:
                self._ask(reading)

    def _ask(self, reading: Reading) -> None:
        node = self.node
        if reading.index >= 0:
            return
        if self.pending:
            if reading not in self.unasked:
                self.unasked.append(reading)
        elif node.role == LEADER:
            leader.read(node, node.id, reading.number)
        elif node.leader in node.peers:
            node.out.append((str(node.leader), Read(node.term, reading.number)))


def _fate(submission: Submission, why: str) -> tuple[str, str]:
    return ("unknown" if submission.sent else "offline"), why
