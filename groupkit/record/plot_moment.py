"""One moment of a run: the messages around it, and the moment marked."""

from __future__ import annotations

from matplotlib.axes import Axes

from groupkit.record.plot_base import theme_of
from groupkit.record.plot_spacetime import spacetime
from groupkit.record.timeline import Timeline


def moment(timeline: Timeline, time: float, words: str, *, ax: Axes | None, start: float, end: float) -> Axes:
    """``spacetime`` from ``start`` to ``end`` with a line at ``time`` (virtual seconds) that says ``words``."""
    ax = spacetime(timeline, ax=ax, start=start, end=end)
    red = theme_of(ax).red
    ax.axvline(time, color=red, linewidth=1.6, zorder=7)
    left = time > (start + end) / 2
    ax.annotate(
        words, (time, 1.0), (-4 if left else 4, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="right" if left else "left", va="top", color=red, fontsize=9, fontweight="bold", zorder=8,
        bbox={"facecolor": ax.get_facecolor(), "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip
    return ax
