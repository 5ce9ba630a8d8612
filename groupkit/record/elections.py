"""Elections of a run: who stood, who voted for it, how it ended. Plain Python, for frames, pictures and pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from groupkit.record.intervals import Band, Reign, leaderless, union
from groupkit.record.recorder import Row

ABSTAINS = "it abstains"  # how the reason of a vote begins that counts neither way (bonded quorum)
TOLD = frozenset({"election", "vote", "state", "defeated"})
OUTCOMES = ("won", "lost", "timed out", "open")


Answers = dict[int, dict[str, bool]]


class Election(NamedTuple):
    """One candidacy, or with ``pre`` one round of asking beforehand. ``why`` it began.

    ``votes_for`` and ``votes_against`` count the voters that granted or refused it, the candidate's own vote included,
    whether or not the answer reached the candidate.
    ``outcome``: "won"; "lost" (too many refused, it heard of another leader or a later term, or it went down);
    "timed out" (it stood again); "open" (undecided at the end of the run).
    """

    peer: str
    term: int
    pre: bool
    start: float
    end: float
    votes_for: int
    votes_against: int
    outcome: str
    why: str


class _Running:
    __slots__ = ("ended", "granted", "outcome", "peer", "pre", "refused", "start", "term", "why")

    def __init__(self, peer: str, start: float, term: int, pre: bool, why: str) -> None:
        self.peer, self.start, self.term, self.pre, self.why = peer, start, term, pre, why
        self.granted: set[str] = {peer}
        self.refused: set[str] = set()
        self.outcome = "open"
        self.ended: float | None = None

    def close(self, time: float, outcome: str) -> None:
        if self.ended is None:
            self.ended, self.outcome = time, outcome

    def judge(self, time: float, role: str, term: int) -> None:
        """What a new state of the candidate says about its election."""
        if role == "down":
            self.close(time, "lost")
        elif role in ("leader", "candidate"):
            if term >= self.term and (self.pre or role == "leader"):
                self.close(time, "won" if term == self.term else "lost")
        else:
            self.close(time, "lost")

    def done(self, end: float) -> Election:
        refused = self.refused - self.granted
        last = end if self.ended is None else self.ended
        counts = len(self.granted), len(refused)
        return Election(self.peer, self.term, self.pre, self.start, last, *counts, self.outcome, self.why)


def elections(rows: Iterable[Row], end: float, answers: Answers | None = None) -> list[Election]:
    """Every election that began in ``rows``, in order; ``end``: up to when they tell (virtual seconds).

    Into ``answers`` goes what each voter said to each election: place in the list -> voter -> granted.
    """
    found: list[_Running] = []
    newest: dict[str, _Running] = {}  # by candidate
    asked: dict[tuple[str, int, bool], _Running] = {}  # votes may be cast after the end: they are counted all the same
    for row in rows:
        kind = row[1]
        if kind not in TOLD:
            continue
        time, _, peer, *rest = row
        if kind == "election":
            term, pre, why = rest
            before = newest.get(peer)
            if before is not None:
                before.close(time, "won" if before.pre and not pre and before.term == term else "timed out")
            running = newest[peer] = asked[peer, term, pre] = _Running(peer, time, term, pre, why)
            found.append(running)
        elif kind == "vote":
            candidate, term, pre, granted, reason = rest
            asked_for = asked.get((candidate, term, pre))
            if asked_for is not None and not reason.startswith(ABSTAINS):
                (asked_for.granted if granted else asked_for.refused).add(peer)
        else:
            standing = newest.get(peer)
            if standing is None or standing.ended is not None:
                continue
            if kind == "state":
                standing.judge(time, rest[0], rest[1])
            else:
                standing.close(time, "lost")
    for place, running in enumerate(found if answers is not None else ()):
        said = dict.fromkeys(sorted(running.refused), False) | dict.fromkeys(sorted(running.granted), True)
        answers[place] = said  # type: ignore[index]
    return [running.done(end) for running in found]


def failures(found: Iterable[Election], led: Iterable[Reign], start: float, end: float) -> list[Band]:
    """When elections failed, as bands that do not touch: those that were not won; and rounds of asking that were not,
    while nobody led (a peer that is cut off from a healthy leader asks in vain for as long as that lasts)."""
    gaps = leaderless(led, start, end)
    bands: list[Band] = []
    for election in found:
        if election.outcome not in ("lost", "timed out"):
            continue
        for low, high in [(gap.start, gap.end) for gap in gaps] if election.pre else [(start, end)]:
            if max(low, election.start) < min(high, election.end):
                bands.append(Band("", max(low, election.start), min(high, election.end)))
    return union(bands)
