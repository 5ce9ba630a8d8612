"""Plots with a lane for each peer: who led, and who was what."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from groupkit.record.elections import elections, failures
from groupkit.record.intervals import Reign, Spell, downs, leaderless, reigns, spells
from groupkit.record.plot_base import (
    HATCH_DOWN,
    HATCH_FAILED,
    Look,
    Scene,
    bars,
    caption,
    explain,
    height_of,
    lanes,
    scene,
    shade_cuts,
)
from groupkit.record.plot_door import check_drawing
from groupkit.record.style import ink_on_term, term_colour
from groupkit.record.timeline import Timeline

NOBODY = "nobody"
Entry = Line2D | Patch


def leadership(
    timeline: Timeline, *, ax: Axes | None = None, start: float | None = None, end: float | None = None
) -> Axes:
    """Who led when: a lane for each peer that ever led, its reigns in their term's colour, a gold tick at each win.

    In the lowest lane, the time in which nobody led, with failed elections in amber. Red: that peer was down.
    Hatched: links were cut. ``start`` and ``end`` in virtual seconds; default: the whole run.
    """
    check_drawing(timeline, ax, start=start, end=end)
    led = reigns(timeline.recorder.rows, timeline.end)
    names = [peer for peer in timeline.peers if any(reign.leader == peer for reign in led)]
    at = scene(timeline, ax, start, end, height=height_of(len(names) + 1))
    place = lanes(at, [*names, NOBODY])
    for reign in led:
        _reign(at, reign, place[reign.leader])
    legend = _downs(at, place)
    legend += _wins(at, led, place)
    gaps = [(gap.start, gap.end) for gap in leaderless(led, at.start, at.end)]
    y = (place[NOBODY] - 0.2, 0.4)
    bars(at, gaps, y, facecolor=at.theme.none, edgecolor=at.theme.faint, linewidth=0.8)
    failed = failures(elections(at.rows, timeline.end), led, at.start, at.end)
    if failed:
        look: Look = {"facecolor": at.theme.amber, "hatch": HATCH_FAILED, "edgecolor": at.theme.ink, "linewidth": 0}
        wide = [(e.start, max(e.end, e.start + at.seconds(2))) for e in failed]
        bars(at, wide, y, zorder=2, **look)
        legend.append(Patch(label="election without a winner", **look))
    legend += shade_cuts(at, label=False)
    total = sum(b - a for a, b in gaps)
    caption(at, f"Leadership: nobody led for {total:.3g} of {at.end - at.start:.3g} s")
    explain(at, legend)
    return at.ax


def roles(timeline: Timeline, *, ax: Axes | None = None, start: float | None = None, end: float | None = None) -> Axes:
    """What each peer was when, in the colour of its term: leader high and gold-edged, candidate dashed, follower plain,
    observer low and hatched, down crossed in red. ``start`` and ``end`` in virtual seconds; default: the whole run."""
    check_drawing(timeline, ax, start=start, end=end)
    at = scene(timeline, ax, start, end, height=height_of(len(timeline.peers)))
    place = lanes(at, at.peers)
    found = spells(at.rows, timeline.end)
    for spell in found:
        if spell.role not in ("leader", "down"):
            _spell(at, spell, place[spell.peer])
    led = reigns(at.rows, timeline.end)
    for reign in led:
        _reign(at, reign, place[reign.leader])
    legend: list[Entry] = [Patch(facecolor=at.theme.none, edgecolor=at.theme.gold, linewidth=1.5, label="leader")]
    shown = {spell.role for spell in found if at.inside(spell.start, spell.end)}
    legend += [Patch(facecolor=at.theme.none, label=role, **_look(at, role)) for role in ROLE_HIGH if role in shown]
    legend += _downs(at, place) + _wins(at, led, place) + shade_cuts(at, label=False)
    caption(at, "Roles, in the colour of the term")
    explain(at, legend)
    return at.ax


ROLE_HIGH = {"follower": 0.3, "candidate": 0.5, "observer": 0.18}  # in lanes; a leader has 0.7


def _look(at: Scene, role: str) -> Look:
    if role == "candidate":
        return {"edgecolor": at.theme.ink, "linestyle": (0, (2, 1.5)), "linewidth": 1.0}
    return {"edgecolor": at.theme.faint, "linewidth": 0.0, "hatch": "||" if role == "observer" else ""}


def _spell(at: Scene, spell: Spell, lane: int) -> None:
    high = ROLE_HIGH.get(spell.role, 0.3)
    colour = term_colour(spell.term, at.theme.dark)
    bars(at, [(spell.start, spell.end)], (lane - high / 2, high), facecolor=colour, zorder=1.5, **_look(at, spell.role))
    size = 7 if len(at.peers) < 16 else 0
    _word(at, spell.start, spell.end, lane, spell.term, [f"term {spell.term}", str(spell.term)], size)


def _reign(at: Scene, reign: Reign, lane: int) -> None:
    colour = term_colour(reign.term, at.theme.dark)
    look: Look = {"facecolor": colour, "edgecolor": at.theme.gold, "linewidth": 1.5}
    bars(at, [(reign.start, reign.end)], (lane - 0.35, 0.7), zorder=2, **look)
    words = [f"term {reign.term}, {reign.followers_max} followed", f"term {reign.term}", str(reign.term)]
    _word(at, reign.start, reign.end, lane, reign.term, words, 8)


def _word(at: Scene, start: float, end: float, lane: int, term: int, choices: Sequence[str], size: float) -> None:
    """The first of ``choices`` that fits, in the middle of a bar."""
    if not size or not at.inside(start, end):
        return
    start, end = at.clip(start, end)
    room = at.pixels(end - start) - 14
    for text in choices:
        if len(text) * size * 0.6 * at.dpi / 72 <= room:
            ink = ink_on_term(term, at.theme.dark)
            look: Look = {"ha": "center", "va": "center", "fontsize": size, "color": ink, "zorder": 4, "clip_on": True}
            at.ax.text((start + end) / 2, lane, text, **look)
            return


def _downs(at: Scene, place: dict[str, int]) -> list[Entry]:
    """A red-crossed bar in its lane while a peer is down."""
    bands = [b for b in downs(at.rows, at.timeline.end) if b.label in place and at.inside(b.start, b.end)]
    look: Look = {"facecolor": at.theme.none, "edgecolor": at.theme.red, "hatch": HATCH_DOWN, "linewidth": 0.8}
    for band in bands:
        bars(at, [(band.start, band.end)], (place[band.label] - 0.25, 0.5), zorder=1.6, alpha=0.8, **look)
    return [Patch(label="down", **look)] if bands else []


def _wins(at: Scene, led: Sequence[Reign], place: dict[str, int]) -> list[Entry]:
    won = [reign for reign in led if at.start <= reign.start <= at.end]
    look: Look = {"color": at.theme.gold, "marker": "v", "linestyle": "none", "markeredgecolor": at.theme.ink}
    at.ax.plot([r.start for r in won], [place[r.leader] - 0.42 for r in won], zorder=6, clip_on=False, **look)
    return [Line2D([], [], label="wins", **look)] if won else []
