"""Stretches of time in a run: who was what, who led, which bonds held. Plain Python, for frames, pictures and pages.

Every function takes the recorder's rows and ``end``, the moment up to which they tell (virtual seconds). A stretch that
had not ended by then has ``open`` set and ``end`` as its end.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from groupkit.record.recorder import Row


class Spell(NamedTuple):
    """A peer had one role in one term."""

    peer: str
    role: str
    term: int
    start: float
    end: float
    open: bool


class Reign(NamedTuple):
    """A peer led a term. ``followers_max``: how many others followed it at once, at most."""

    leader: str
    term: int
    start: float
    end: float
    open: bool
    followers_max: int


class Band(NamedTuple):
    """Something held from ``start`` to ``end``; ``label`` says what."""

    label: str
    start: float
    end: float


class BondSpan(NamedTuple):
    """Both sides held the bond of ``a`` and ``b`` (a < b). ``reason``: why the first side lost it."""

    a: str
    b: str
    start: float
    end: float
    open: bool
    reason: str


def spells(rows: Iterable[Row], end: float) -> list[Spell]:
    """Every stretch of one role in one term, in order of its start. A peer's stretches touch and never overlap."""
    now: dict[str, tuple[str, int, float]] = {}
    found: list[Spell] = []
    for row in rows:
        if row[1] != "state":
            continue
        time, _, peer, role, term, _ = row
        was = now.get(peer)
        if was is not None:
            if was[0] == role and was[1] == term:
                continue
            found.append(Spell(peer, was[0], was[1], was[2], time, False))
        now[peer] = (role, term, time)
    found += [Spell(peer, role, term, start, end, True) for peer, (role, term, start) in now.items()]
    found.sort(key=lambda spell: spell.start)  # stable: at one instant, the order of happening
    return found


def reigns(rows: Iterable[Row], end: float) -> list[Reign]:
    """Every reign, in order of its start: from the moment a peer won until it was no longer the leader of that term."""
    following: dict[str, tuple[str, int] | None] = {}  # peer -> (leader, term) it follows
    count: dict[tuple[str, int], int] = {}
    most: dict[tuple[str, int], int] = {}
    leading: dict[str, tuple[int, float]] = {}
    found: list[Reign] = []
    for row in rows:
        if row[1] != "state":
            continue
        time, _, peer, role, term, leader = row
        before = following.get(peer)
        if before is not None:
            count[before] -= 1
        after = (str(leader), term) if leader is not None and leader != peer and role != "down" else None
        following[peer] = after
        if after is not None:
            count[after] = count.get(after, 0) + 1
            most[after] = max(most.get(after, 0), count[after])
        was = leading.get(peer)
        if was is not None and (role != "leader" or term != was[0]):
            found.append(Reign(peer, was[0], was[1], time, False, most.get((peer, was[0]), 0)))
            del leading[peer]
        if role == "leader" and peer not in leading:
            leading[peer] = (term, time)
    found += [Reign(p, term, start, end, True, most.get((p, term), 0)) for p, (term, start) in leading.items()]
    found.sort(key=lambda reign: (reign.start, reign.term))
    return found


def downs(rows: Iterable[Row], end: float) -> list[Band]:
    """When each peer was down; the label is the peer."""
    found: list[Band] = []
    newest: dict[str, int] = {}
    for spell in spells(rows, end):
        if spell.role != "down":
            continue
        before = newest.get(spell.peer)
        if before is not None and found[before].end == spell.start:  # a term change while down is no new fall
            found[before] = found[before]._replace(end=spell.end)
        else:
            newest[spell.peer] = len(found)
            found.append(Band(spell.peer, spell.start, spell.end))
    return found


def union(bands: Iterable[Band]) -> list[Band]:
    """The moments covered by any of ``bands``, as bands that do not touch; a label lists those it was made of."""
    found: list[Band] = []
    for band in sorted(bands, key=lambda b: (b.start, b.end)):
        if found and band.start <= found[-1].end:
            last = found[-1]
            labels = last.label if band.label in last.label.split(", ") else f"{last.label}, {band.label}"
            found[-1] = Band(labels, last.start, max(last.end, band.end))
        else:
            found.append(band)
    return found


def together(found: Iterable[Reign]) -> list[tuple[float, float, list[Reign]]]:
    """The moments in which anybody led, as stretches ``(start, end, reigns)``: those that held all along, the highest
    term first. Two at once is an old leader that does not know of the new one yet, or a bonded quorum's split."""
    reigns = list(found)
    turns = sorted({time for reign in reigns for time in (reign.start, reign.end)})
    begins: dict[float, list[Reign]] = {}
    for reign in reigns:
        begins.setdefault(reign.start, []).append(reign)
    stretches: list[tuple[float, float, list[Reign]]] = []
    now: list[Reign] = []
    for start, end in pairwise(turns):
        now = [reign for reign in now if reign.end > start] + [r for r in begins.get(start, ()) if r.end > start]
        leaders = sorted(now, key=lambda reign: (-reign.term, reign.start))
        if stretches and stretches[-1][1:] == (start, leaders):  # only a reign of no length came between
            stretches[-1] = (stretches[-1][0], end, leaders)
        elif leaders:
            stretches.append((start, end, leaders))
    return stretches


def named(reigns: Iterable[Reign]) -> list[str]:
    """Who leads, in words, from long to short: ``term 2: a and b lead``, ``term 2: a b``, ``2``."""
    terms: dict[int, list[str]] = {}
    for reign in reigns:
        terms.setdefault(reign.term, []).append(reign.leader)
    whole = [f"term {term}: {' and '.join(who)} {'lead' if who[1:] else 'leads'}" for term, who in terms.items()]
    brief = [f"term {term}: {' '.join(who)}" for term, who in terms.items()]
    count = sum(map(len, terms.values()))
    few = [f"{count} leaders"] if count > 1 else []
    return [", ".join(whole), ", ".join(brief), *few, ", ".join(map(str, terms))]


def captions(found: Iterable[Reign]) -> list[tuple[float, float, list[str]]]:
    """What to write over each stretch of ``together(found)``: ``(start, end, words)``, the longest words first. A bare
    term is none of them where the neighbour, in the same term, says more."""
    stretches = together(found)
    told = []
    for place, (start, end, leaders) in enumerate(stretches):
        near = [s for s in stretches[max(0, place - 1) : place + 2] if s[1] == start or s[0] == end]
        same = any(s[2][0].term == leaders[0].term for s in near)
        told.append((start, end, named(leaders)[: -1 if same else None]))
    return told


def terms_on_top(found: Iterable[Reign]) -> list[Reign]:
    """The reigns cut so that they do not overlap: at each moment the one of the highest term is left."""
    left: list[Reign] = []
    for reign in sorted(found, key=lambda r: r.term, reverse=True):
        pieces = [(reign.start, reign.end)]
        for higher in left:
            pieces = [part for piece in pieces for part in _outside(piece, higher.start, higher.end)]
        left += [reign._replace(start=start, end=end) for start, end in pieces]
    return sorted(left, key=lambda r: r.start)


def _outside(piece: tuple[float, float], start: float, end: float) -> list[tuple[float, float]]:
    if end <= piece[0] or start >= piece[1]:
        return [piece]
    return [part for part in ((piece[0], start), (end, piece[1])) if part[0] < part[1]]


def leaderless(found: Iterable[Reign], start: float, end: float) -> list[Band]:
    """The moments between ``start`` and ``end`` in which nobody led."""
    gaps: list[Band] = []
    free = start
    for reign in sorted(found, key=lambda r: r.start):
        if reign.start > free:
            gaps.append(Band("nobody", free, min(reign.start, end)))
        free = max(free, reign.end)
    if free < end:
        gaps.append(Band("nobody", free, end))
    return [gap for gap in gaps if gap.start < gap.end]


def bond_spans(rows: Iterable[Row], end: float) -> list[BondSpan]:
    """Every stretch in which a bond was up on both sides, in order of its start."""
    sides: dict[tuple[str, str], set[str]] = {}
    since: dict[tuple[str, str], float] = {}
    found: list[BondSpan] = []
    for row in rows:
        if row[1] != "bond":
            continue
        time, _, peer, other, up, reason = row
        pair = (peer, other) if peer < other else (other, peer)
        held = sides.setdefault(pair, set())
        if up:
            held.add(peer)
            if len(held) == 2 and pair not in since:
                since[pair] = time
        else:
            held.discard(peer)
            start = since.pop(pair, None)
            if start is not None:
                found.append(BondSpan(*pair, start, time, False, reason))
    found += [BondSpan(*pair, start, end, True, "") for pair, start in since.items()]
    found.sort(key=lambda span: (span.start, span.a, span.b))
    return found
