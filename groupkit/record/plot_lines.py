"""The commit plot: committed index over virtual time, one step line per peer, and behind it why it looks so."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from groupkit.record.elections import elections, failures
from groupkit.record.intervals import Band, Reign, captions, downs, reigns, terms_on_top
from groupkit.record.plot_base import (
    HATCH_FAILED,
    Look,
    Points,
    Scene,
    as_points,
    bars,
    caption,
    down_sets,
    explain,
    runs,
    scene,
    shade_cuts,
    stairs,
    thin,
    words,
)
from groupkit.record.plot_door import check_drawing
from groupkit.record.steps import Steps, committed_steps, steps_down
from groupkit.record.style import term_colour
from groupkit.record.timeline import Timeline

FEW_WINS = 20  # that may have a line from top to bottom each
DASHES = ("solid", (0, (6, 2)), (0, (2, 1.5)), (0, (7, 2, 1.5, 2)), (0, (1, 1)), (0, (10, 3)))


def committed(
    timeline: Timeline, *, ax: Axes | None = None, start: float | None = None, end: float | None = None
) -> Axes:
    """Committed index of each peer over virtual time, from ``start`` to ``end`` (s; default: the whole run).

    A step line per peer, named at its end; thick and in the term's colour while it led. Behind: a band per term and
    a gold tick at each win, red where a peer was down, hatched while links were cut, amber where an election failed.
    A line that goes down, which only a bonded quorum allows, is drawn in red and labelled.
    """
    check_drawing(timeline, ax, start=start, end=end)
    at = scene(timeline, ax, start, end, height=4.2)
    lines = committed_steps(at.rows, at.peers, timeline.start)
    drawn = {peer: as_points(line) for peer, line in lines.items()}
    led = reigns(at.rows, timeline.end)
    highest = max((stairs(steps, at.start, at.end)[1].max() for steps in drawn.values()), default=0.0)
    at.ax.set_ylim(0, max(1.0, highest) * 1.12)
    at.ax.set_ylabel("committed index")
    at.ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    legend = _background(at, led)
    legend += _leaders(at, drawn, led)
    _peers(at, drawn)
    legend += _reverted(at, lines)
    _names(at, lines)
    for side in ("right", "top"):
        at.ax.spines[side].set_visible(False)
    caption(at, "Committed index")
    explain(at, legend)
    return at.ax


def _background(at: Scene, led: list[Reign]) -> list[Line2D | Patch]:
    """Terms, wins, failed elections, cuts and downs. Returns what the legend should explain."""
    legend: list[Line2D | Patch] = []
    for reign in terms_on_top(led):
        colour = term_colour(reign.term, at.theme.dark)
        bars(at, [(reign.start, reign.end)], full=True, facecolor=colour, alpha=0.16, linewidth=0, zorder=0)
    for start, end, told in captions(led):
        words(at, start, end, told, y=1.01, color=at.theme.ink)
    wins = [reign.start for reign in led if at.start <= reign.start <= at.end]
    if wins:
        legend.append(_wins(at, wins))
    failed = failures(elections(at.rows, at.timeline.end), led, at.start, at.end)
    if failed:
        legend.append(_band(at, failed, at.theme.amber, HATCH_FAILED, "election without a winner"))
    legend += shade_cuts(at)
    sets = [band for band in down_sets(at) if at.inside(band.start, band.end)]
    if sets:
        legend.append(_band(at, sets, at.theme.red, "", "peer down"))
        for band in sets:
            who = f"{band.label} peers" if band.label.isdigit() else band.label
            words(at, band.start, band.end, [f"{who} down", band.label], y=0.93, color=at.theme.red)
    return legend


def _wins(at: Scene, times: Sequence[float]) -> Line2D:
    """A gold tick at the top for each win; returns its entry for the legend."""
    look: Look = {"color": at.theme.gold, "marker": "v", "markersize": 7, "linestyle": "none"}
    edge: Look = {"markeredgecolor": at.theme.ink, "markeredgewidth": 0.6}
    at.ax.plot(
        times,
        np.full(len(times), 0.985),
        transform=at.ax.get_xaxis_transform(),
        clip_on=False,
        zorder=6,
        **look,
        **edge,
    )
    if len(times) <= FEW_WINS:
        line: Look = {"color": at.theme.gold, "linewidth": 0.9, "zorder": 0.8}
        at.ax.vlines(times, 0, 1, transform=at.ax.get_xaxis_transform(), **line)
    return Line2D([], [], label="wins an election", color=at.theme.gold, marker="v", linestyle="none", **edge)


def _band(at: Scene, bands: Sequence[Band], colour: str, hatch: str, label: str) -> Patch:
    stretches = [(band.start, max(band.end, band.start + at.seconds(2))) for band in bands]
    bars(at, stretches, full=True, facecolor=colour, alpha=0.2, linewidth=0, zorder=0.3)
    if hatch:
        look: Look = {"facecolor": "none", "edgecolor": colour, "hatch": hatch, "linewidth": 0, "alpha": 0.6}
        bars(at, stretches, full=True, zorder=0.31, **look)
    return Patch(facecolor=(colour, 0.3), edgecolor=colour, hatch=hatch, linewidth=0, label=label)


def _leaders(at: Scene, lines: dict[str, Points], led: list[Reign]) -> list[Line2D | Patch]:
    shown = [reign for reign in led if at.inside(reign.start, reign.end)]
    for reign in shown:
        start, end = at.clip(reign.start, reign.end)
        x, y = thin(stairs(lines[reign.leader], start, end), at.start, at.end)
        at.ax.plot(x, y, color=term_colour(reign.term, at.theme.dark), linewidth=5.5, zorder=2, solid_capstyle="butt")
    if not shown:
        return []
    return [
        Line2D([], [], color=term_colour(shown[-1].term, at.theme.dark), linewidth=5.5, label="leads (term's colour)")
    ]


def _peers(at: Scene, lines: dict[str, Points]) -> None:
    """The lines themselves; dotted and thin while the peer is down."""
    few = len(lines) <= len(DASHES)
    away = downs(at.rows, at.timeline.end)
    for place, (peer, line) in enumerate(lines.items()):
        up, down = [], []
        edge = at.start
        for band in [b for b in away if b.label == peer and at.inside(b.start, b.end)]:
            begin, stop = at.clip(band.start, band.end)
            up.append((edge, begin))
            down.append((begin, np.nextafter(stop, begin)))  # it begins at 0 again only after its restart
            edge = stop
        up.append((edge, at.end))
        look: Look = {"colors": at.theme.ink, "zorder": 3}
        for pieces, linewidth, style in (
            (up, 1.3 if few else 0.9, DASHES[place] if few else "solid"),
            (down, 0.7, "dotted"),
        ):
            corners = [np.column_stack(thin(stairs(line, a, b), at.start, at.end)) for a, b in pieces if a < b]
            at.ax.add_collection(
                LineCollection(corners, linewidths=linewidth, linestyles=style, alpha=1.0 if few else 0.6, **look),
                autolim=False,
            )


def _reverted(at: Scene, lines: dict[str, Steps]) -> list[Line2D | Patch]:
    """Steps down in red, each group of them labelled once."""
    away = downs(at.rows, at.timeline.end)
    found = [
        (time, before, after, peer)
        for peer, line in lines.items()
        for time, before, after in steps_down(line, (band.end for band in away if band.label == peer))
        if at.start <= time <= at.end
    ]
    if not found:
        return []
    found.sort()
    at.ax.vlines(
        [f[0] for f in found], [f[2] for f in found], [f[1] for f in found], colors=at.theme.red, linewidth=3, zorder=5
    )
    groups: list[list[tuple[float, int, int, str]]] = []
    for fall in found:
        if groups and at.pixels(fall[0] - groups[-1][0][0]) < 60:
            groups[-1].append(fall)
        else:
            groups.append([fall])
    for group in groups:
        deepest = max(group, key=lambda fall: fall[1] - fall[2])
        names = runs(sorted({fall[3] for fall in group}))
        at.ax.annotate(
            f"{names} went back\n{deepest[1]} → {deepest[2]}", (deepest[0], deepest[2]), (5, 2), color=at.theme.red,
            fontsize=8, textcoords="offset points", va="bottom", zorder=7, fontweight="bold",
        )  # fmt: skip
    return [Line2D([], [], color=at.theme.red, linewidth=3, label="went back")]


def _names(at: Scene, lines: dict[str, Steps]) -> None:
    """Names at the right end, peers at one height together; and where a peer lags most, its name there."""
    at_end = sorted((line.at(at.end), place, peer) for place, (peer, line) in enumerate(lines.items()))
    low, high = at.ax.get_ylim()
    pixel = (high - low) / max(1.0, float(at.ax.get_window_extent().height))
    groups: list[tuple[float, list[tuple[int, str]]]] = []
    for value, place, peer in at_end:
        if groups and value - groups[-1][0] < 13 * pixel:
            groups[-1][1].append((place, peer))
        else:
            groups.append((float(value), [(place, peer)]))
    for height, members in groups:
        text = runs([peer for _, peer in sorted(members)])
        at.ax.annotate(
            text, (at.end, height), (5, 0), textcoords="offset points", va="center", fontsize=9, color=at.theme.ink,
            annotation_clip=False,
        )  # fmt: skip
    _laggards(at, lines, 13 * pixel)


def _laggards(at: Scene, lines: dict[str, Steps], apart: float) -> None:
    """Where a running peer is furthest behind the others, for longer than a moment, its name stands at its line."""
    moments = np.linspace(at.start, at.end, 240)
    heights = {peer: np.array([line.at(t) for t in moments], float) for peer, line in lines.items()}
    if not heights:
        return
    top = np.max(list(heights.values()), axis=0)
    for band in downs(at.rows, at.timeline.end):
        heights[band.label][(moments >= band.start) & (moments < band.end)] = np.inf
    places: dict[tuple[int, float], list[str]] = {}
    for peer, height in heights.items():
        lag = np.where((height > 0) & np.isfinite(height), top - height, 0)  # after a restart it begins at 0
        furthest = int(np.argmax(lag))
        if np.count_nonzero(lag > 2 * apart) > 7 and moments[furthest] < at.end - at.seconds(60):
            places.setdefault((furthest, float(height[furthest])), []).append(peer)
    for (column, low), names in places.items():
        at.ax.annotate(
            runs(names), (float(moments[column]), low), (-3, 2), textcoords="offset points", ha="right", va="bottom",
            fontsize=8, color=at.theme.ink, zorder=6,
        )  # fmt: skip
