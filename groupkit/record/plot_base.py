"""What all plots share: axes, theme, the window of time, bands behind, lanes, captions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import IdentityTransform, ScaledTranslation

from groupkit.record.faults import CUTTING, Fault, faults
from groupkit.record.glance import rules_off
from groupkit.record.intervals import Band, downs
from groupkit.record.recorder import Row
from groupkit.record.steps import Steps
from groupkit.record.style import Theme, theme
from groupkit.record.timeline import Timeline

Look = dict[str, Any]  # keyword arguments of matplotlib
WIDTH = 9.0  # inches, of a figure made here
HATCH_CUT, HATCH_DOWN, HATCH_FAILED = "//", "xx", ".."


class Scene(NamedTuple):
    """One plot being drawn: where, in which colours, of what; from ``start`` to ``end`` (virtual seconds)."""

    ax: Axes
    theme: Theme
    timeline: Timeline
    rows: Sequence[Row]
    peers: Sequence[str]
    start: float
    end: float

    @property
    def width(self) -> float:
        """The width of the axes in pixels."""
        return max(1.0, float(self.ax.get_window_extent().width))

    @property
    def dpi(self) -> float:
        """The figure's dots per inch."""
        return dpi_of(self.ax)

    def pixels(self, seconds: float) -> float:
        """How many pixels wide so many seconds are."""
        return seconds / (self.end - self.start) * self.width

    def seconds(self, pixels: float) -> float:
        """How many seconds so many pixels are."""
        return pixels * (self.end - self.start) / self.width

    def inside(self, start: float, end: float) -> bool:
        """Whether a stretch shows in the window."""
        return end >= self.start and start <= self.end

    def clip(self, start: float, end: float) -> tuple[float, float]:
        """A stretch, cut to the window."""
        return max(start, self.start), min(end, self.end)


def scene(timeline: Timeline, ax: Axes | None, start: float | None, end: float | None, *, height: float = 3.6) -> Scene:
    """Open a plot of the window from ``start`` to ``end`` (virtual seconds; default: all that is told)."""
    first = timeline.start if start is None else float(start)
    last = timeline.end if end is None else float(end)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise ValueError(f"start and end are finite numbers of seconds, not start={start!r}, end={end!r}")
    if last < first or (last == first and end is not None):
        raise ValueError(
            f"the window from {first:g} s to {last:g} s is empty: the run is told from {timeline.start:g} s "
            f"to {timeline.end:g} s; give start before end"
        )
    if last == first:
        last = first + 1.0  # a run that has not begun
    if ax is None:
        ax = plt.figure(figsize=(WIDTH, height), layout="constrained").subplots()
    ax.set_xlim(first, last)
    ax.set_xlabel("virtual time (s)")
    return Scene(ax, theme_of(ax), timeline, timeline.recorder.rows, timeline.peers, first, last)


def theme_of(ax: Axes) -> Theme:
    """The theme that suits the background of ``ax``."""
    face: Any = ax.get_facecolor()
    if face[3] < 0.5 and ax.figure is not None:
        face = ax.figure.get_facecolor()
    red, green, blue = to_rgb(face)
    return theme(0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5)


def dpi_of(ax: Axes) -> float:
    """The dots per inch of the figure that ``ax`` is in."""
    return 100.0 if ax.figure is None else float(ax.figure.dpi)


# -- bands behind ----------------------------------------------------------------------------------------------


def bars(
    at: Scene,
    stretches: Iterable[tuple[float, float]],
    y: tuple[float, float] = (0.0, 1.0),
    *,
    full: bool = False,
    **look: Any,
) -> None:
    """Rectangles over the ``stretches`` of time that show; ``full``: ``y`` is a share of the axes' height."""
    shown = [at.clip(*stretch) for stretch in stretches if at.inside(*stretch)]
    if shown:
        place: Look = {"transform": at.ax.get_xaxis_transform()} if full else {}
        at.ax.broken_barh([(a, b - a) for a, b in shown], y, **place, **look)


def shade_cuts(at: Scene, label: bool = True) -> list[Line2D | Patch]:
    """Hatching while links are cut, with the verb and sides below it. Returns what the legend should explain."""
    cuts = [f for f in faults(at.rows, at.peers, at.timeline.end) if f.verb in CUTTING and at.inside(f.start, f.end)]
    if not cuts:
        return []
    look: Look = {"facecolor": "none", "edgecolor": at.theme.faint, "hatch": HATCH_CUT, "linewidth": 0}
    bars(at, [(f.start, f.end) for f in cuts], full=True, zorder=0.5, alpha=0.35, **look)
    named: list[list[Fault]] = []
    for fault in cuts if label else ():
        if named and at.pixels(fault.start - max(at.start, named[-1][0].start)) < 8:
            named[-1].append(fault)  # at about the same moment: one label for all of them
        else:
            named.append([fault])
    for place, several in enumerate(named):
        until = min([max(f.end for f in several), *(later[0].start for later in named[place + 1 :])])
        words(at, several[0].start, until, [cuts_text(several), several[0].verb, "cut"], y=0.015)
    return [Patch(label="links cut", **look)]


def cuts_text(cuts: Sequence[Fault]) -> str:
    """``isolated: a b`` of several peers; other faults one after the other."""
    if all(f.verb == "isolate" for f in cuts):
        return f"isolated: {runs(sorted(str(f.peer) for f in cuts))}"
    return "; ".join(dict.fromkeys(cut_text(f.verb, f.peer, f.args) for f in cuts))


def cut_text(verb: str, peer: str | None, args: Sequence[Any]) -> str:
    """``split: a b | c d e``, ``cut: a – b``, ``isolated: e``."""
    if verb == "partition":
        return f"split: {' | '.join(runs(sorted(side)) for side in args)}"
    if verb == "isolate":
        return f"isolated: {peer}"
    return f"cut: {peer} {'→' if args[1:] else '–'} {args[0]}"


def down_sets(at: Scene) -> list[Band]:
    """The stretches in which the same peers were down; the label names them."""
    bands = downs(at.rows, at.timeline.end)
    edges = sorted({time for band in bands for time in (band.start, band.end)})
    found = []
    for start, end in pairwise(edges):
        names = [band.label for band in bands if band.start <= start and band.end >= end]
        if names:
            found.append(Band(runs(names) if len(names) < 5 else str(len(names)), start, end))
    return found


def words(at: Scene, start: float, end: float, choices: Sequence[str], y: float, **look: Any) -> None:
    """The first of ``choices`` that fits into a stretch of the axes, at ``y`` (share of its height); none: nothing."""
    if not at.inside(start, end):
        return
    left, right = at.clip(start, end)
    size = look.pop("fontsize", 8)
    per_letter = size * 0.6 * at.dpi / 72
    for text in choices:
        if len(text) * per_letter <= at.pixels(right - left):
            look = {"ha": "left", "va": "bottom", "color": at.theme.ink, **look}
            where = (left + right) / 2 if look["ha"] == "center" else left + at.seconds(3)
            at.ax.text(where, y, text, fontsize=size, transform=at.ax.get_xaxis_transform(), **look)
            return


# -- lanes, captions, names --------------------------------------------------------------------------------------


def lanes(at: Scene, names: Sequence[str]) -> dict[str, int]:
    """A lane for each name, the first on top; returns their y. Of very many lanes only some names are written."""
    count = len(names)
    at.ax.set_ylim(count - 0.4, -0.6)
    points = float(at.ax.get_window_extent().height) / at.dpi * 72 / max(1, count)
    size = min(10.0, max(5.5, points * 0.8))
    step = max(1, math.ceil(size * 0.9 / max(points, 0.1)))
    at.ax.set_yticks(range(0, count, step), [str(name) for name in names[::step]], fontsize=size)
    at.ax.tick_params(axis="y", length=0)
    for side in ("left", "right", "top"):
        at.ax.spines[side].set_visible(False)
    return {name: place for place, name in enumerate(names)}


def height_of(lanes: int) -> float:
    """A good height in inches for a figure with so many lanes."""
    return min(12.0, max(2.4, 1.3 + 0.3 * lanes))


def caption(at: Scene, title: str) -> None:
    """A title, with what a reader must know: rules that were off, what is missing from the record."""
    off = rules_off(at.timeline.meta)
    extra = [f"rules off: {', '.join(off)}"] if off else []
    extra += [at.timeline.note] if at.timeline.note else []
    at.ax.set_title("\n".join([title, *extra]), loc="left", fontsize=10, pad=16)


def explain(at: Scene, entries: Sequence[Line2D | Patch], points: float = 38) -> None:
    """A legend in one line, so many ``points`` below the axes: under the label of the time axis."""
    if entries:
        below = (
            ScaledTranslation(0, -points / 72, at.ax.figure.dpi_scale_trans) if at.ax.figure else IdentityTransform()
        )
        at.ax.legend(
            handles=list(entries), loc="upper left", bbox_to_anchor=(0, 0), bbox_transform=at.ax.transAxes + below,
            ncols=7, frameon=False, fontsize=8, borderaxespad=0, columnspacing=1.4, handletextpad=0.6,
        )  # fmt: skip


def runs(names: Sequence[str], most: int = 6) -> str:
    """``a b d``, and ``a–f`` where single letters follow each other; past ``most`` parts, how many there are."""
    parts: list[list[str]] = []
    for name in names:
        last = parts[-1][-1] if parts else ""
        if len(name) == len(last) == 1 and ord(name) == ord(last) + 1:
            parts[-1].append(name)
        else:
            parts.append([name])
    told = [f"{part[0]}–{part[-1]}" if len(part) > 2 else " ".join(part) for part in parts]
    return " ".join(told) if len(told) <= most else f"{' '.join(told[: most - 1])} … ({len(names)})"


# -- step lines ----------------------------------------------------------------------------------------------------

Points = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]


def as_points(line: Steps) -> Points:
    """The times and values of a step line as arrays."""
    return np.asarray(line.times, dtype=np.float64), np.asarray(line.values, dtype=np.float64)


def stairs(steps: Points, start: float, end: float) -> Points:
    """The corners of a step line between ``start`` and ``end``."""
    times, values = steps
    first, last = np.searchsorted(times, start, side="right"), np.searchsorted(times, end, side="right")
    before = values[first - 1] if first else 0.0
    inside = times[first:last]
    x = np.concatenate([[start], np.repeat(inside, 2), [end]])
    y = np.repeat(np.concatenate([[before], values[first:last]]), 2)
    return x, y


def thin(points: Points, start: float, end: float, columns: int = 1600) -> Points:
    """No more points than one sees: of each of ``columns`` the first, last, lowest and highest, and every step down."""
    x, y = points
    if len(x) <= 4 * columns or end <= start:
        return points
    column = np.minimum(((x - start) * (columns / (end - start))).astype(np.int64), columns - 1)
    edges = np.flatnonzero(np.diff(column)) + 1
    first, last = np.concatenate([[0], edges]), np.concatenate([edges, [len(x)]]) - 1
    by_value = np.lexsort((y, column))
    falls = np.flatnonzero(np.diff(y) < 0)
    kept = np.unique(np.concatenate([first, last, by_value[first], by_value[last], falls, falls + 1]))
    return x[kept], y[kept]
