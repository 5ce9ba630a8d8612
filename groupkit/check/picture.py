"""A result as a matplotlib picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scene import scene

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .result import LinearizabilityResult

_RED = "#d64545"
_GREY = "#808080"


def plot(result: LinearizabilityResult, ax: Axes | None, limit: int) -> Axes:
    """See `LinearizabilityResult.plot`."""
    drawn = scene(result, limit)
    if ax is None:
        from matplotlib import pyplot

        _, ax = pyplot.subplots(figsize=(10, 1.4 + 0.5 * len(drawn.rows)), layout="constrained")
    for bar in drawn.bars:
        ax.barh(
            bar.row,
            bar.end - bar.start,
            left=bar.start,
            height=0.7,
            facecolor=(_RED if bar.failed else _GREY, 0.25),
            edgecolor=_RED if bar.failed else _GREY,
            linewidth=2.5 if bar.failed else 1,
            linestyle="-" if bar.returned else "--",
            hatch="//" if bar.failed else None,
        )
        if bar.effect is not None:
            ax.plot([bar.effect] * 2, [bar.row - 0.45, bar.row + 0.45], color="black", linewidth=1.5)
        mark = "✗ " if bar.failed else ""
        # A dollar sign would start a formula.
        label = ax.text(bar.start, bar.row, f" {mark}{bar.label}".replace("$", r"\$"), va="center", clip_on=True)
        label.set_fontsize(8)
    ax.set_yticks(range(len(drawn.rows)), [name.replace("$", r"\$") for name in drawn.rows])
    ax.set_ylim(len(drawn.rows) - 0.4, -0.6)
    ax.set_xlim(drawn.start - (drawn.end - drawn.start) * 0.01, drawn.end)
    ax.set_xlabel("time of call and return")
    ax.set_ylabel("client")
    more = f"\n{drawn.left_out:,} more calls are not drawn" if drawn.left_out else ""
    ax.set_title((drawn.title + more).replace("$", r"\$"), fontsize=10, wrap=True)
    return ax
