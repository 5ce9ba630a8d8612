"""A run, ready to be looked at: frames, text, a file."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from groupkit.raft.config import seconds
from groupkit.record import files, glance
from groupkit.record.digest import digest
from groupkit.record.recorder import Recorder

if TYPE_CHECKING:
    import pandas as pd

    from groupkit.record.diff import Difference
    from groupkit.record.frames import View
    from groupkit.record.violation import Violation


class RowsLetGo(UserWarning):
    """The recorder's memory is bounded: a frame does not tell the beginning of this run."""


class Dropped(NamedTuple):
    """How many rows and messages the recorder let go of."""

    rows: int
    messages: int


class Timeline:
    """What happened in a group, as pandas frames.

    A live view: each call makes a frame of what is recorded until now. All times are virtual seconds (float64), all
    indexes, terms and counts int64 (0: nothing yet), peers, roles, kinds and outcomes categoricals; peers sort in id
    order. A stretch of time has ``start``, ``end`` and ``duration``; ``open`` says that it had not ended by then. A run
    in which nothing happened gives empty frames with the same columns and dtypes.

    Every frame's ``attrs`` name the ``seed``, the ``quorum`` rule, the safety rules that were switched off
    (``rules_off``) and a ``note``, which is empty unless the recorder had let go of the beginning of the run; then a
    frame also warns (``RowsLetGo``).
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    # -- about the run -----------------------------------------------------------------------------------------

    @property
    def recorder(self) -> Recorder:
        """The recorder this is a view of: bare rows and messages, for pictures."""
        return self._recorder

    @property
    def meta(self) -> dict[str, Any]:
        """What the run was: seed, peers, configuration, rules, quorum, machine. Plain data."""
        return self._recorder.meta

    @property
    def peers(self) -> tuple[str, ...]:
        """The peers in id order."""
        named = [str(peer) for peer in self.meta.get("peers", ())]
        seen = {row[2] for row in self._recorder.rows}
        return (*named, *sorted(str(peer) for peer in seen.difference(named) if peer is not None))

    @property
    def start(self) -> float:
        """The first moment that is told, in virtual seconds: 0, or later if rows were let go of."""
        rows = self._recorder.rows
        return float(rows[0][0]) if rows and self._recorder.dropped_rows else 0.0

    @property
    def end(self) -> float:
        """The last moment that is told, in virtual seconds: now, or the end of a run that was loaded."""
        return float(self._recorder.now())

    @property
    def dropped(self) -> Dropped:
        """How many ``rows`` and ``messages`` the recorder has let go of, oldest first, to keep its memory bounded."""
        return Dropped(self._recorder.dropped_rows, self._recorder.dropped_messages)

    @property
    def note(self) -> str:
        """What is missing, in words; empty if nothing is."""
        rows, messages = self.dropped
        parts = []
        if rows:
            parts.append(f"{rows:,} rows, so frames begin at {self.start:.4g} s")
        if messages:
            kept = self._recorder.sent
            since = f", so messages begin at {kept[0][1]:.4g} s" if kept else ""
            parts.append(f"{messages:,} messages{since}")
        return f"The recorder let go of the oldest {' and '.join(parts)}." if parts else ""

    def digest(self) -> str:
        """SHA-256 over everything recorded, 64 hex digits: equal for equal runs, in any process, under any hash seed.

        Rows about wall time (stalls, changes of pace) do not count. A loaded run has the digest of the run saved.
        """
        return digest(self._recorder)

    def diff(self, other: Timeline) -> Difference:
        """Where this run and ``other`` part: the first difference, false if there is none."""
        from groupkit.record.diff import difference

        if not isinstance(other, Timeline):
            raise TypeError(f"diff takes another Timeline, not {other!r}")

        return difference(self._recorder, other.recorder)

    @property
    def violations(self) -> list[Violation]:
        """Every safety property that did not hold, in order of time, each with the events that led to it."""
        from groupkit.record.violation import violations

        return violations(self._recorder)

    def until(self, time: float) -> Timeline:
        """The run up to and at ``time`` (virtual seconds), as a timeline of its own that does not grow any more."""
        from groupkit.record.until import until

        return Timeline(until(self._recorder, seconds(time, "until(seconds)", zero=True)))

    # -- frames ------------------------------------------------------------------------------------------------

    def events(self) -> pd.DataFrame:
        """Everything that happened, in order: ``time`` (s), ``kind``, ``peer`` (missing: the whole world), ``text``, a
        sentence that says what and why."""
        from groupkit.record import frames

        return self._told(frames.events(self._view()))

    def committed(self, corners: bool = True) -> pd.DataFrame:
        """Committed indexes, wide: index ``time`` (s), a column for each peer, values filled forward from 0 to the end.

        Ready for ``.plot()``: the value before each change has a row of its own, at the last instant before it (the
        next smaller float), so that straight lines between the rows are steps. ``corners=False`` leaves those out:
        one row a change. A peer keeps its value while it is down (see ``roles()``), and begins again at 0 after a
        restart.
        """
        from groupkit.record import frames

        return self._told(frames.committed(self._view(), corners))

    def log(self, terms: bool = False, corners: bool = True) -> pd.DataFrame:
        """The last log index of each peer, uncommitted entries included, in the shape of ``committed()``; with
        ``terms`` the term of that last entry instead. It falls when entries are removed."""
        from groupkit.record import frames

        return self._told(frames.log(self._view(), terms, corners))

    def leadership(self) -> pd.DataFrame:
        """A row for each reign: ``leader``, ``term``, ``start``, ``end``, ``duration`` (s), ``open``, and
        ``followers_max``, how many others followed it at once, at most."""
        from groupkit.record import frames

        return self._told(frames.leadership(self._view()))

    def roles(self) -> pd.DataFrame:
        """A row for each stretch in which a peer had one role in one term: ``peer``, ``role`` (follower, candidate,
        leader, observer, down), ``term``, ``start``, ``end``, ``duration`` (s), ``open``."""
        from groupkit.record import frames

        return self._told(frames.roles(self._view()))

    def elections(self) -> pd.DataFrame:
        """A row for each candidacy: ``peer``, ``term``, ``pre`` (a round of asking beforehand), ``start``, ``end``,
        ``duration`` (s), ``votes_for`` and ``votes_against`` (voters, whether or not their answer arrived; its own
        vote counts), ``outcome`` (won, lost, timed out, open) and ``why`` it stood.

        Lost: too many refused, it heard of another leader or a later term, or it went down. Timed out: it stood again.
        """
        from groupkit.record import frames

        return self._told(frames.held(self._view()))

    def messages(self) -> pd.DataFrame:
        """A row for each message: ``number``, ``sent``, ``arrived`` (s; NaN if it never did), ``src``, ``dst``,
        ``kind``, ``term``, ``entries`` (how many of a log it carries, or commands forwarded to the leader), ``fate``:
        delivered, on its way, lost, cut, down (the receiver was), no bond, dropped (by a rule or by hand), duplicate
        (an extra copy, delivered)."""
        from groupkit.record import frames

        return self._told(frames.messages(self._view()))

    def bonds(self) -> pd.DataFrame:
        """A row for each stretch in which a bond was up on both sides: ``a``, ``b``, ``start``, ``end``, ``duration``
        (s), ``open``, and the ``reason`` why it ended, as the side said that lost it first."""
        from groupkit.record import frames

        return self._told(frames.bonds(self._view()))

    def faults(self) -> pd.DataFrame:
        """A row for each fault verb and each stall: ``time``, ``verb``, ``peer`` (missing: the world), ``args``,
        ``start``, ``end``, ``duration`` (s), ``open``.

        A kill lasts until the restart, a freeze until the thaw, a drop until its rule is removed; a cut, partition or
        isolation until the last link that it cut is healed. What is done in an instant has duration 0.
        """
        from groupkit.record import frames

        return self._told(frames.broken(self._view()))

    def commands(self) -> pd.DataFrame:
        """A row for each submission: ``ident``, ``origin``, ``command`` (its text; of many the first three),
        ``count``, ``submitted``, ``indexed``, ``committed`` (s; NaN: not so far), ``term`` and ``index`` of the first
        (0: none so far), ``latency`` (s, from submitted to committed), ``outcome`` (pending, committed, lost, unknown,
        offline, reverted) and ``why``. ``committed`` is when its origin had applied it and said so."""
        from groupkit.record import frames

        return self._told(frames.submitted(self._view()))

    def _view(self) -> View:
        from groupkit.record.frames import View

        return View(self._recorder, self.peers, self.start, self.end)

    def _told(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.attrs = {
            "seed": self.meta.get("seed"),
            "quorum": self.meta.get("quorum"),
            "rules_off": glance.rules_off(self.meta),
            "note": self.note,
        }
        if self.note:
            warnings.warn(self.note, RowsLetGo, stacklevel=3)
        return frame

    # -- text and files ----------------------------------------------------------------------------------------

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the run to ``path``, as compressed JSON lines (see ``groupkit/record/files.py``)."""
        files.save(self._recorder, path)

    def to_html(self, path: str | os.PathLike[str]) -> None:
        """Write the run to ``path`` as one HTML page that plays it again in any browser: no kernel, no network.

        It shows the run up to this moment. Of a very long run the oldest part is left out, and the page says so.
        """
        from groupkit.record import page

        page.write(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """The run that was saved to ``path``: equal frames, equal digest. Commands are known by their text.

        A file that is not a whole timeline is refused with ``TimelineFileError``, which names the line.
        """
        return cls(files.load(path))

    def _glance(self) -> glance.Glance:
        return glance.glance(self._recorder, self.peers, self.start, self.end, self.note)

    def __repr__(self) -> str:
        return f"Timeline({self._glance().line()})"

    def _repr_html_(self) -> str:
        return glance.page(self._glance(), self._recorder.rows)
