"""What figures refuse before they begin to draw."""

from __future__ import annotations

import sys
from numbers import Real
from typing import Any

from matplotlib.axes import Axes

from groupkit.raft.ids import is_number
from groupkit.record.timeline import Timeline


def check_drawing(timeline: Any, ax: Any, **moments: Any) -> None:
    """A timeline, axes or None, and moments in virtual seconds, each a number or None."""
    if not isinstance(timeline, Timeline):
        raise TypeError(f"a plot takes a Timeline, such as cluster.timeline, not {timeline!r}")
    check_axes(ax)
    for name, moment in moments.items():
        if moment is not None and not is_number(moment):
            raise TypeError(f"{name} is a number of virtual seconds, not {moment!r}")
        if moment is not None and moment != moment:
            raise ValueError(f"{name} is a finite number of virtual seconds, not {moment!r}")


def check_axes(ax: Any) -> None:
    """Axes to draw into, or None for new ones."""
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax takes matplotlib axes, such as plt.figure().subplots(), not {ax!r}")


def check_scale(scale: Any) -> None:
    """A finite number to multiply by."""
    if isinstance(scale, bool) or not isinstance(scale, Real):
        raise TypeError(f"scale is a number to multiply the values by, not {scale!r}")
    if not abs(float(scale)) <= sys.float_info.max:
        raise ValueError(f"scale is a finite number to multiply the values by, not {scale!r}")
