"""A safety property that did not hold, as its user meets it: with what led to it, and the way into the timeline."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field, fields
from html import escape
from typing import TYPE_CHECKING, Any

from groupkit.record.cause import Event, cause
from groupkit.record.recorder import Recorder
from groupkit.record.style import LIGHT
from groupkit.sim.invariants import Breach

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from groupkit.record.timeline import Timeline

MESSAGES = 150  # in the picture before the moment, at most


@dataclass(frozen=True, repr=False)
class Violation(Breach):
    """A safety property that did not hold: ``property``, ``peers``, ``index`` and ``term`` (0: it is about none),
    ``time`` (virtual seconds) and ``text``.

    ``events`` led to it, ``timeline`` is the run up to that moment, ``plot()`` draws the messages around it. All three
    are made when asked for, from what is recorded; with ``record=False`` they are ``LookupError``.
    """

    recorder: Recorder | None = field(default=None, compare=False, repr=False)

    @classmethod
    def of(cls, breach: Breach, recorder: Recorder | None) -> Violation:
        """``breach``, which ``recorder`` remembers."""
        return cls(**vars(breach), recorder=recorder)

    @property
    def events(self) -> tuple[Event, ...]:
        """What led to it, oldest first, 5 to 12 where there were so many: what the peers concerned wrote, voted and
        committed at this index and in this term, and the faults that befell them. Each has ``time`` (s), ``kind``,
        ``peer`` and ``text``. What the recorder has let go of since is not among them."""
        rows = self._kept().rows
        place = self._place(rows)
        itself = [row for row in rows[place + 1 : place + 2] if row[:2] == (self.time, "log") and row[2] in self.peers]
        return cause([*rows[:place], *itself], self)  # what a log took is written down after it was looked at

    @property
    def timeline(self) -> Timeline:
        """The run up to and at the moment of the violation: frames, plots, ``to_html`` and ``Replay`` end there."""
        from groupkit.record.timeline import Timeline

        return Timeline(self._kept()).until(self.time)

    def plot(self, *, ax: Axes | None = None, start: float | None = None, end: float | None = None) -> Axes:
        """Lifelines and messages around the violation, whose moment is marked; see ``groupkit.plot.spacetime``.

        ``start`` and ``end`` are virtual seconds. Without them the window begins with the events that led to it, or
        150 messages before it if that is later, and ends a little after it.
        """
        from groupkit.record.plot_moment import moment
        from groupkit.record.timeline import Timeline

        recorder = self._kept()
        if start is None:
            before = [sent[1] for sent in recorder.sent if sent[1] <= self.time][-MESSAGES:]
            told = [event.time for event in self.events]
            start = max(before[0] if before else 0.0, told[0] if told else 0.0)
            start = max(0.0, min(start, self.time - 0.05) - 0.01)
        if end is None:
            end = self.time + 0.1 * (self.time - start) + 0.005
        return moment(Timeline(recorder), self.time, f"{self.property} violated", ax=ax, start=start, end=end)

    def _kept(self) -> Recorder:
        if self.recorder is None:
            raise LookupError(
                f"no timeline is kept of this run, so what led to {self!r} is not known: "
                "make the cluster with record=True and play the same seed again"
            )
        return self.recorder

    def _place(self, rows: list[Any]) -> int:
        """Where its own row is."""
        place = bisect_left(rows, self.time, key=lambda row: row[0])
        while place < len(rows) and rows[place][0] == self.time:
            if rows[place][1] == "violation" and rows[place][4] == self.text:
                return place
            place += 1
        return place

    def __reduce__(self) -> tuple[Any, ...]:
        """To another process goes what it says; the recorder stays."""
        return Violation, tuple([getattr(self, one.name) for one in fields(Breach)])

    def __repr__(self) -> str:
        where = f", index {self.index}" if self.index else ""
        return f"<{self.property} violated at {self.time:.3f} s by {' and '.join(self.peers)}, term {self.term}{where}>"

    def _repr_html_(self) -> str:
        where = f"term {self.term}" + (f", index {self.index}" if self.index else "")
        head = (
            f'<strong style="color:{LIGHT.red}">{escape(self.property)} violated</strong> at {self.time:.3f} s by '
            f"<b>{escape(' and '.join(self.peers))}</b> ({where})<div>{escape(self.text)}</div>"
        )
        if self.recorder is None:
            return f"<div>{head}<div>No timeline is kept (record=False): what led to it is not known.</div></div>"
        style = 'style="text-align:left;white-space:nowrap;font-variant-numeric:tabular-nums"'
        rows = "".join(
            f'<tr><td {style}>{event.time:.3f} s</td><td style="text-align:left">{escape(event.text)}</td></tr>'
            for event in self.events
        )
        none = "" if rows else "<div>The recorder has let go of what led to it.</div>"
        return f"<div>{head}<table>{rows}</table>{none}</div>"


def violations(recorder: Recorder) -> list[Violation]:
    """Those that are written down, in order."""
    found = []
    for row in recorder.rows:
        if row[1] == "violation":
            property, text, *rest = row[3:]
            peers, index, term = rest or ((str(row[2]),), 0, 0)  # a file of an earlier version says less
            found.append(Violation(property, tuple(peers), index, term, row[0], text, recorder))
    return found
