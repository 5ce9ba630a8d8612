"""Figures of many runs, from ``sweep`` frames: how a measure is distributed, how it depends on two parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from groupkit.record.plot_base import WIDTH, theme_of
from groupkit.record.plot_door import check_axes, check_scale

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 2, 1, 2, 1, 2)))
PALETTE = "viridis"  # not the colours of terms; told apart in grey and by the colour-blind too, and the dashes help


def cdf(
    frame: pd.DataFrame,
    value: str,
    *,
    by: str | Sequence[str] | None = None,
    scale: float = 1.0,
    log: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """The share of runs in which ``value`` was at most so much; one line for each value of the column(s) ``by``.

    ``scale`` multiplies the values (1000: seconds as milliseconds), ``log`` draws them on a logarithmic axis. Runs that
    ended in an error, or have no value, count in no line; the title says how many.
    """
    check_axes(ax)
    check_scale(scale)
    names = [] if by is None else [by] if isinstance(by, str) else list(by)
    told = _told(frame, [value, *names], value)
    ax = ax or plt.figure(figsize=(WIDTH, 3.8), layout="constrained").subplots()
    groups = (
        [("", told)]
        if not names
        else [(_label(names, key), part) for key, part in told.groupby(names, sort=False, dropna=False)]
    )
    colours = mpl.colormaps[PALETTE](np.linspace(*((0.3, 1.0) if theme_of(ax).dark else (0.0, 0.85)), len(groups)))
    for place, (label, part) in enumerate(groups):
        values = np.sort(part[value].to_numpy(dtype=float)) * scale
        shares = np.arange(1, len(values) + 1) / len(values)
        dash = DASHES[place % len(DASHES)]
        ax.step(values, shares, where="post", color=colours[place], linestyle=dash, label=label or None, linewidth=1.6)
    ax.set_ylim(0, 1.02)
    if log:
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.10g}"))  # 200, not 2 × 10²
        ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlabel(value if scale == 1.0 else f"{value} × {scale:g}")
    ax.set_ylabel("share of runs")
    ax.grid(alpha=0.25)
    if names:
        ax.legend(title=", ".join(names), frameon=False, fontsize=8, title_fontsize=8)
    _title(ax, frame, told, f"{value}: {len(told):,} runs")
    return ax


def heatmap(
    frame: pd.DataFrame,
    value: str,
    x: str,
    y: str,
    *,
    how: str | Callable[[Any], float] = "median",
    scale: float = 1.0,
    ax: Axes | None = None,
) -> Axes:
    """``value`` over two parameters, ``x`` and ``y``: each cell the ``how`` ("median", "mean", "max", or a function of
    a series) of its runs, written as a number too. ``scale`` multiplies the values. A cell without runs stays empty."""
    check_axes(ax)
    check_scale(scale)
    if not callable(how) and not (isinstance(how, str) and callable(getattr(pd.Series, how, None))):
        raise TypeError(f'how is "median", "mean", "max", or a function of a series, not {how!r}')
    told = _told(frame, [value, x, y], value)
    cells = told.groupby([y, x], sort=False)[value].agg(how).mul(scale)
    columns, rows = list(dict.fromkeys(frame[x])), list(dict.fromkeys(frame[y]))
    table = np.array([[float(cells.get((row, column), np.nan)) for column in columns] for row in rows])
    if ax is None:
        size = min(WIDTH, 3.0 + 0.9 * len(columns)), min(WIDTH, 1.6 + 0.5 * len(rows))
        ax = plt.figure(figsize=size, layout="constrained").subplots()
    image = ax.imshow(table, aspect="auto", cmap=PALETTE)
    ax.set_xticks(range(len(columns)), [_short(name) for name in columns])
    ax.set_yticks(range(len(rows)), [_short(name) for name in rows])
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    lowest, highest = np.nanmin(table), np.nanmax(table)
    for row, column in np.argwhere(~np.isnan(table)):
        ink = "white" if (table[row, column] - lowest) < 0.6 * (highest - lowest) else "black"
        ax.text(column, row, f"{table[row, column]:.3g}", ha="center", va="center", color=ink, fontsize=9)
    if ax.figure is not None:
        ax.figure.colorbar(image, ax=ax, shrink=0.9)
    name = how if isinstance(how, str) else getattr(how, "__name__", "summary")
    _title(ax, frame, told, f"{name} of {value}{'' if scale == 1.0 else f' × {scale:g}'}: {len(told):,} runs")
    return ax


def _told(frame: pd.DataFrame, columns: Sequence[str], value: str) -> pd.DataFrame:
    """The runs that can be drawn."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame is what groupkit.sweep returned, a DataFrame, not {frame!r}")
    for column in columns:
        if column not in frame.columns:
            raise ValueError(f"there is no column {column!r}; this frame has {', '.join(map(str, frame.columns))}")
    if frame[value].dtype.kind not in "biuf":
        raise TypeError(f"the column {value!r} holds no numbers, but {frame[value].dtype}: draw another one")
    told = frame[frame[value].notna()]
    if told.empty:
        failed = int(frame["error"].notna().sum()) if "error" in frame.columns else 0
        raise ValueError(f"no run has a {value!r}: {failed} of {len(frame)} ended in an error, see frame.error")
    return told


def _label(names: Sequence[str], key: Any) -> str:
    parts = key if isinstance(key, tuple) else (key,)
    return ", ".join(_short(part) for part in parts)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _title(ax: Axes, frame: pd.DataFrame, told: pd.DataFrame, text: str) -> None:
    failed = int(frame["error"].notna().sum()) if "error" in frame.columns else 0
    missing = len(frame) - len(told) - failed
    extra = [f"{failed:,} ended in an error"] if failed else []
    extra += [f"{missing:,} without a value"] if missing else []
    extra += ["interrupted"] if frame.attrs.get("interrupted") else []
    ax.set_title(", ".join([text, *extra]), loc="left", fontsize=10)
