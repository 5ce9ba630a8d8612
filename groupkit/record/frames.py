"""The recorder's rows and messages as tidy pandas frames. ``Timeline`` documents their columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from groupkit.record import commands, elections, faults, intervals, steps
from groupkit.record.recorder import Recorder, carried, kind_of
from groupkit.record.sentences import SAY, sentence, split
from groupkit.record.values import show

ROLES = ("follower", "candidate", "leader", "observer", "down")
KINDS = (
    "prevote", "vote", "vote_reply", "append", "heartbeat", "append_reply", "commit", "snapshot", "fetch",
    "fetched", "forward", "forward_reply", "read", "read_reply", "knock", "hello", "welcome", "proof", "bye",
)  # fmt: skip
FATES = ("delivered", "on its way", "lost", "cut", "down", "no bond", "dropped", "duplicate")


class View(NamedTuple):
    """What frames are made of: the recorder, its peers in id order, and the first and last moment (virtual seconds)."""

    recorder: Recorder
    peers: Sequence[str]
    start: float
    end: float


def category(values: Sequence[Any], known: Sequence[str]) -> pd.Categorical:
    """``values`` as a categorical of the ``known`` ones, and of others that turn up; None is missing."""
    names = list(known) + sorted(set(values).difference(known, (None,)))
    codes: dict[Any, int] = {name: code for code, name in enumerate(names)}
    codes[None] = -1
    return coded(np.fromiter(map(codes.__getitem__, values), np.int32, len(values)), names)


def coded(codes: npt.NDArray[np.int32], names: Sequence[str]) -> pd.Categorical:
    """The categorical whose values are ``names[code]``; -1 is missing."""
    return pd.Categorical.from_codes(codes, categories=pd.Index(list(names), dtype="str"))


def floats(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    """Seconds; None is NaN."""
    return np.array(values, dtype=np.float64)


def ints(values: Sequence[int]) -> npt.NDArray[np.int64]:
    """Indexes, terms and counts."""
    return np.array(values, dtype=np.int64)


def bools(values: Sequence[bool]) -> npt.NDArray[np.bool_]:
    """Yes and no."""
    return np.array(values, dtype=np.bool_)


def texts(values: Sequence[str]) -> pd.Series[Any]:
    """Words for people."""
    return pd.Series(values, dtype="str")


def columns(items: Sequence[Any], *names: str) -> list[list[Any]]:
    """The attributes ``names`` of all ``items``, a list each."""
    return [list(map(attrgetter(name), items)) for name in names]


def _span(start: Sequence[float], end: Sequence[float]) -> dict[str, npt.NDArray[np.float64]]:
    begin, stop = floats(start), floats(end)
    return {"start": begin, "end": stop, "duration": stop - begin}


def wide(view: View, lines: dict[str, steps.Steps], corners: bool) -> pd.DataFrame:
    """Step lines side by side: a row for each moment at which any of them changes, values filled forward."""
    times = {name: floats(line.times) for name, line in lines.items()}
    every = np.unique(np.concatenate([floats([view.start, view.end]), *times.values()]))
    if corners:
        before = np.nextafter(every[1:], -np.inf)
        every = np.unique(np.concatenate([every, before]))
    filled = {
        name: ints(lines[name].values)[np.searchsorted(times[name], every, side="right") - 1] for name in view.peers
    }
    return pd.DataFrame(filled, index=pd.Index(every, name="time"), columns=pd.Index(list(view.peers), name="peer"))


def committed(view: View, corners: bool) -> pd.DataFrame:
    return wide(view, steps.committed_steps(view.recorder.rows, view.peers, view.start), corners)


def log(view: View, terms: bool, corners: bool) -> pd.DataFrame:
    return wide(view, steps.log_steps(view.recorder.rows, view.peers, view.start, terms=terms), corners)


def roles(view: View) -> pd.DataFrame:
    peer, role, term, start, end, still = columns(
        intervals.spells(view.recorder.rows, view.end), *intervals.Spell._fields
    )
    named = {"peer": category(peer, view.peers), "role": category(role, ROLES), "term": ints(term)}
    return pd.DataFrame({**named, **_span(start, end), "open": bools(still)})


def leadership(view: View) -> pd.DataFrame:
    leader, term, start, end, still, most = columns(
        intervals.reigns(view.recorder.rows, view.end), *intervals.Reign._fields
    )
    named = {"leader": category(leader, view.peers), "term": ints(term)}
    return pd.DataFrame({**named, **_span(start, end), "open": bools(still), "followers_max": ints(most)})


def held(view: View) -> pd.DataFrame:
    peer, term, pre, start, end, yes, no, outcome, why = columns(
        elections.elections(view.recorder.rows, view.end), *elections.Election._fields
    )
    named = {"peer": category(peer, view.peers), "term": ints(term), "pre": bools(pre)}
    votes = {"votes_for": ints(yes), "votes_against": ints(no), "outcome": category(outcome, elections.OUTCOMES)}
    return pd.DataFrame({**named, **_span(start, end), **votes, "why": texts(why)})


def bonds(view: View) -> pd.DataFrame:
    a, b, start, end, still, reason = columns(
        intervals.bond_spans(view.recorder.rows, view.end), *intervals.BondSpan._fields
    )
    named = {"a": category(a, view.peers), "b": category(b, view.peers)}
    return pd.DataFrame({**named, **_span(start, end), "open": bools(still), "reason": texts(reason)})


def broken(view: View) -> pd.DataFrame:
    found = faults.faults(view.recorder.rows, view.peers, view.end)
    verb, peer, args, start, end, still = columns(found, *faults.Fault._fields)
    named = {"time": floats(start), "verb": texts(verb), "peer": category(peer, view.peers)}
    said = texts([split(a) if v == "partition" else ", ".join(map(show, a)) for v, a in zip(verb, args)])
    return pd.DataFrame({**named, "args": said, **_span(start, end), "open": bools(still)})


def submitted(view: View) -> pd.DataFrame:
    found = commands.submissions(view.recorder.rows)
    ident, origin, text, count, begun = columns(found, "ident", "origin", "command", "count", "submitted")
    indexed, done, term, index, outcome, why = columns(found, "indexed", "committed", "term", "index", "outcome", "why")
    return pd.DataFrame(
        {
            "ident": ints(ident),
            "origin": category(origin, view.peers),
            "command": texts(text),
            "count": ints(count),
            "submitted": floats(begun),
            "indexed": floats(indexed),
            "committed": floats(done),
            "term": ints(term),
            "index": ints(index),
            "latency": floats(done) - floats(begun),
            "outcome": category(outcome, commands.OUTCOMES),
            "why": texts(why),
        }
    )


def events(view: View) -> pd.DataFrame:
    rows = view.recorder.rows
    return pd.DataFrame(
        {
            "time": floats([row[0] for row in rows]),
            "kind": category([row[1] for row in rows], tuple(SAY)),
            "peer": category([row[2] for row in rows], view.peers),
            "text": texts([sentence(row) for row in rows]),
        }
    )


def messages(view: View) -> pd.DataFrame:
    number, sent, arrival, src, dst, message = _unzip(view.recorder.sent, 6)
    kind, term, entries = _outlines(message)
    numbers, arrived = ints(number), floats(arrival)
    fates = view.recorder.fates
    names = list(FATES) + sorted({what for what, _ in fates.values()}.difference(FATES))
    fate = np.where(arrived <= view.end, FATES.index("delivered"), FATES.index("on its way")).astype(np.int32)
    marked = ints(list(fates))
    place = np.minimum(np.searchsorted(numbers, marked), max(0, len(numbers) - 1))
    kept = numbers[place] == marked if len(numbers) else np.zeros(len(marked), bool)
    fate[place[kept]] = np.array([names.index(what) for what, _ in fates.values()], np.int32)[kept]
    there = (fate == names.index("delivered")) | (fate == names.index("duplicate"))
    return pd.DataFrame(
        {
            "number": numbers,
            "sent": floats(sent),
            "arrived": np.where(there & (arrived <= view.end), arrived, np.nan),
            "src": category(src, view.peers),
            "dst": category(dst, view.peers),
            "kind": category(kind, KINDS),
            "term": ints(term),
            "entries": ints(entries),
            "fate": coded(fate, names),
        }
    )


def _outlines(messages: Iterable[Any]) -> tuple[list[str], list[int], list[int]]:
    """Kinds, terms and numbers of entries of messages as recorded: flat, or objects."""
    kinds: list[str] = []
    terms: list[int] = []
    counts: list[int] = []
    for message in messages:
        if type(message) is tuple:
            kind, term = message[0], message[1]
            entries = message[4] if kind == "append" else 0
            if kind == "append" and not entries:
                kind = "heartbeat"
        else:
            kind, term = kind_of(message), message.term
            entries = carried(message)
        kinds.append(kind)
        terms.append(term)
        counts.append(entries)
    return kinds, terms, counts


def _unzip(items: Sequence[tuple[Any, ...]], width: int) -> Iterable[Sequence[Any]]:
    return zip(*items) if items else repeat((), width)
