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

        _, ax = pyplot.subplots(figsize=(10, 1.6 + 0.5 * len(drawn.rows)), layout="constrained")
    least = (drawn.end - drawn.start) * 0.004  # so that a call without duration is seen
    for bar in drawn.bars:
        [patch] = ax.barh(
            bar.row,
            max(bar.end - bar.start, least),
            left=bar.start,
            height=0.7,
            facecolor=(_RED if bar.failed else _GREY, 0.25),
            edgecolor=_RED if bar.failed else _GREY,
            linewidth=2.5 if bar.failed else 1,
            linestyle="-" if bar.returned else "--",
            hatch="//" if bar.failed else None,
        )
        if bar.effect is not None:
            ax.plot(bar.effect, bar.row + 0.35, marker="^", color="black", markersize=6)
        text = _plain(f" ✗ {bar.label}" if bar.failed else f" {bar.label}")
        ax.text(bar.start, bar.row, text, va="center", fontsize=8, clip_on=True).set_clip_path(patch)
    ax.set_yticks(range(len(drawn.rows)), [_plain(name) for name in drawn.rows])
    ax.set_ylim(max(len(drawn.rows), 1) - 0.4, -0.6)
    ax.set_xlim(drawn.start - (drawn.end - drawn.start) * 0.01, drawn.end)
    ax.set_xlabel("time (dashed: not returned; ▲ effect in the order found)")
    ax.set_ylabel("client")
    title = [drawn.title, *(f"✗ {bar.text}" for bar in drawn.bars if bar.failed)]
    if drawn.left_out:
        title.append(f"{drawn.left_out:,} more calls are not drawn")
    ax.set_title(_plain("\n".join(title)), fontsize=10)
    return ax


def _plain(text: str) -> str:
    return text.replace("$", r"\$")  # a dollar sign would start a formula
