"""Space-time: a lifeline for each peer, messages as arrows between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Patch

from groupkit.record.faults import faults
from groupkit.record.intervals import downs, spells
from groupkit.record.plot_base import (
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
from groupkit.record.recorder import carried, kind_of
from groupkit.record.style import term_colour
from groupkit.record.timeline import Timeline

VOTES = ("prevote", "vote", "vote_reply")
ENTRIES = ("append", "snapshot", "fetched", "forward")
QUIET = ("heartbeat", "append_reply", "commit", "read", "read_reply", "forward_reply")
LEFT_OUT_FIRST = (("heartbeat",), ("append_reply",), ("commit", "read", "read_reply", "forward_reply"))
MOST_ARROWS = 700
MOST_HEADS = 400
ARRIVED = ("delivered", "duplicate", "on its way")


class Arrow(NamedTuple):
    """A message as drawn. ``reach``: how far it came, 1.0 is all the way. ``no``: a refusal."""

    kind: str
    term: int
    start: float
    end: float
    src: int
    dst: int
    reach: float
    no: bool
    entries: int

    def tip(self) -> tuple[float, float]:
        """Where it ends, (time, lane)."""
        return self.start + (self.end - self.start) * self.reach, self.src + (self.dst - self.src) * self.reach


def spacetime(
    timeline: Timeline,
    *,
    ax: Axes | None = None,
    start: float | None = None,
    end: float | None = None,
    messages: int = 150,
) -> Axes:
    """Lifelines and messages between ``start`` and ``end`` (virtual seconds).

    Without ``start`` the window begins early enough for ``messages`` messages before ``end``; without ``end`` it ends
    after so many. A lifeline has the colour of its peer's term: broad and gold-edged it leads, dashed it is a
    candidate; × is a crash, ○ a restart. Arrows: dashed is a vote, thick carries entries (their number stands at it),
    thin is the rest; a hollow head says no; red with an × never arrived. When there are too many arrows, heartbeats
    and then answers are left out, and the title says so.
    """
    check_drawing(timeline, ax, start=start, end=end)
    if messages < 1:
        raise ValueError(f"messages is how many to show, 1 or more, not {messages!r}")
    start, end = _window(timeline, start, end, messages)
    at = scene(timeline, ax, start, end, height=height_of(len(timeline.peers)) * 1.15 + 0.6)
    place = lanes(at, at.peers)
    legend = _lifelines(at, place)
    arrows, left_out = _thinned(_arrows(at, place))
    legend += _draw(at, arrows)
    legend += shade_cuts(at)
    caption(at, f"Messages: {len(arrows)} from {at.start:.4g} to {at.end:.4g} s{left_out}")
    explain(at, legend)
    return at.ax


def _window(
    timeline: Timeline, start: float | None, end: float | None, count: int
) -> tuple[float | None, float | None]:
    if start is not None and end is not None:
        return start, end
    sent = [m[1] for m in timeline.recorder.sent]
    if start is not None:
        later = [time for time in sent if time >= start][:count]
        return start, later[-1] + _latency(timeline) * 1.5 if len(later) == count else timeline.end
    earlier = [time for time in sent if end is None or time <= end][-count:]
    if not earlier:
        return start, end
    margin = (earlier[-1] - earlier[0]) * 0.02
    last = end if end is not None else min(timeline.end, earlier[-1] + _latency(timeline) * 1.5 + margin)
    return max(timeline.start, earlier[0] - margin), last


def _latency(timeline: Timeline) -> float:
    """How long a message usually takes, in seconds: for drawing those that never arrived."""
    some = [m[2] - m[1] for m in timeline.recorder.sent[-2000:] if m[2] is not None]
    return median(some) if some else 0.01


def _arrows(at: Scene, place: dict[str, int]) -> list[Arrow]:
    usual = _latency(at.timeline)
    fates = at.timeline.recorder.fates
    found = []
    for number, sent, arrival, src, dst, message in at.timeline.recorder.messages:
        if sent > at.end:
            break
        end = sent + usual if arrival is None else arrival
        if end < at.start or src not in place or dst not in place:
            continue
        kind = kind_of(message)
        fate = fates.get(number, ("delivered",))[0]
        reach = 1.0 if fate in ARRIVED else 0.96 if fate in ("down", "no bond") else 0.5
        if fate == "delivered" and end > at.timeline.end:  # on its way
            reach = (at.timeline.end - sent) / (end - sent)
        payload = message.payload
        no = payload.get("granted") is False or payload.get("ok") is False
        entries = carried(message)
        lost = fate not in ARRIVED
        found.append(
            Arrow(f"lost {kind}" if lost else kind, message.term, sent, end, place[src], place[dst], reach, no, entries)
        )
    return found


def _thinned(arrows: list[Arrow]) -> tuple[list[Arrow], str]:
    """At most ``MOST_ARROWS`` if leaving out quiet kinds allows it, and what was left out, in words."""
    gone: list[str] = []
    for kinds in LEFT_OUT_FIRST:
        if len(arrows) <= MOST_ARROWS:
            break
        fewer = [arrow for arrow in arrows if arrow.kind not in kinds]
        if len(fewer) < len(arrows):
            gone.append(f"{len(arrows) - len(fewer):,} {'/'.join(kinds[:2])}")
        arrows = fewer
    return arrows, f"; not drawn: {', '.join(gone)}" if gone else ""


def _lifelines(at: Scene, place: dict[str, int]) -> list[Line2D | Patch]:
    away = [b for b in downs(at.rows, at.timeline.end) if b.label in place]
    for spell in spells(at.rows, at.timeline.end):
        if spell.role == "down" or spell.peer not in place:
            continue
        lane = place[spell.peer]
        high = {"leader": 0.2, "candidate": 0.12}.get(spell.role, 0.06)
        look: Look = {"facecolor": term_colour(spell.term, at.theme.dark), "linewidth": 0.0}
        if spell.role == "leader":
            look |= {"edgecolor": at.theme.gold, "linewidth": 1.2}
        elif spell.role == "candidate":
            look |= {"edgecolor": at.theme.ink, "linewidth": 0.8, "linestyle": (0, (2, 1.5))}
        bars(at, [(spell.start, spell.end)], (lane - high / 2, high), zorder=1, **look)
    for fault in faults(at.rows, at.peers, at.timeline.end):
        if fault.verb == "freeze" and fault.peer in place:
            look = {"facecolor": at.theme.faint, "hatch": "||", "edgecolor": at.theme.ink, "linewidth": 0, "alpha": 0.7}
            bars(at, [(fault.start, fault.end)], (place[str(fault.peer)] - 0.08, 0.16), zorder=1.1, **look)
    for band in away:
        look = {"facecolor": at.theme.red, "linewidth": 0.0, "alpha": 0.35}
        bars(at, [(band.start, band.end)], (place[band.label] - 0.015, 0.03), zorder=0.9, **look)
    crash: Look = {
        "color": at.theme.red,
        "marker": "X",
        "linestyle": "none",
        "markersize": 8,
        "markeredgecolor": at.theme.ink,
    }
    again: Look = {"color": at.theme.paper, "marker": "o", "linestyle": "none", "markeredgecolor": at.theme.ink}
    crashes = [(b.start, place[b.label]) for b in away if at.start <= b.start <= at.end]
    restarts = [(b.end, place[b.label]) for b in away if at.start <= b.end <= at.end and b.end < at.timeline.end]
    legend: list[Line2D | Patch] = []
    for points, look, label in ((crashes, crash, "crash"), (restarts, again, "restart")):
        if points:
            at.ax.plot([p[0] for p in points], [p[1] for p in points], zorder=6, **look)
            legend.append(Line2D([], [], label=label, **look))
    return legend


def _draw(at: Scene, arrows: Sequence[Arrow]) -> list[Line2D | Patch]:
    """Each arrow is a thin line of ink, legible in grey, on a broader one in the colour of its term."""
    kinds: dict[str, list[Arrow]] = {"vote": [], "entries": [], "other": [], "lost": []}
    for arrow in arrows:
        kinds[_family(arrow)].append(arrow)
    ink, dashes = at.theme.ink, (0, (3, 1.6))
    looks: dict[str, tuple[float, float, Any, str, str]] = {  # glow, line, dashes, colour, words
        "vote": (3.2, 0.9, dashes, ink, "vote"),
        "entries": (3.6, 1.2, "solid", ink, "entries"),
        "other": (0.0, 0.5, "solid", at.theme.faint, "heartbeat, answer, other"),
        "lost": (0.0, 1.1, "solid", at.theme.red, "never arrived"),
    }
    legend: list[Line2D | Patch] = []
    for family, (glow, width, style, colour, label) in looks.items():
        some = kinds[family]
        if not some:
            continue
        lines = [[(a.start, a.src), a.tip()] for a in some]
        if glow:
            terms = [term_colour(a.term, at.theme.dark) for a in some]
            at.ax.add_collection(
                LineCollection(lines, colors=terms, linewidths=glow, alpha=0.75, zorder=2), autolim=False
            )
        at.ax.add_collection(
            LineCollection(lines, colors=colour, linewidths=width, linestyles=style, zorder=3), autolim=False
        )
        mark: Look = {"marker": "x", "markersize": 5} if family == "lost" else {}
        legend.append(Line2D([], [], color=colour, linewidth=width + 0.4, linestyle=style, label=label, **mark))
    tips = [a.tip() for a in kinds["lost"]]
    look: Look = {"marker": "x", "c": at.theme.red, "s": 26, "linewidths": 1.5, "zorder": 5}
    at.ax.scatter([x for x, _ in tips], [y for _, y in tips], **look)
    _heads(at, [a for a in arrows if not a.kind.startswith("lost")])
    _counts(at, kinds["entries"])
    return legend


def _family(arrow: Arrow) -> str:
    if arrow.kind.startswith("lost"):
        return "lost"
    return "vote" if arrow.kind in VOTES else "entries" if arrow.kind in ENTRIES else "other"


def _heads(at: Scene, arrows: Sequence[Arrow]) -> None:
    """Heads for as many arrows as can be told apart; who would only blacken the page goes without."""
    if len(arrows) > MOST_HEADS:
        arrows = [a for a in arrows if _family(a) != "other"][:MOST_HEADS]
    for arrow in arrows:
        x, y = arrow.tip()
        if arrow.reach < 1.0 or x > at.end:
            continue
        share = 0.7
        tail = (arrow.start + (x - arrow.start) * share, arrow.src + (y - arrow.src) * share)
        quiet = _family(arrow) == "other"
        at.ax.add_patch(
            FancyArrowPatch(
                tail, (x, y), arrowstyle="-|>", mutation_scale=6 if quiet else 9, shrinkA=0, shrinkB=0, linewidth=0.7,
                edgecolor=at.theme.faint if quiet else at.theme.ink,
                facecolor=at.theme.paper if arrow.no else at.theme.faint if quiet else at.theme.ink, zorder=4,
            )
        )  # fmt: skip


def _counts(at: Scene, arrows: Iterable[Arrow]) -> None:
    """How many entries an arrow carries, where there is room for it."""
    arrows = [a for a in arrows if a.entries]
    if len(arrows) > 60 or len(at.peers) > 12:
        return
    for arrow in arrows:
        x, y = arrow.start + (arrow.end - arrow.start) * 0.4, arrow.src + (arrow.dst - arrow.src) * 0.4
        if at.start <= x <= at.end:
            at.ax.annotate(
                str(arrow.entries), (x, y), (4, 0), textcoords="offset points", fontsize=7, color=at.theme.ink, zorder=5
            )
