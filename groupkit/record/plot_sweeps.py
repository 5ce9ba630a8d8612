"""Figures of many runs, from ``sweep`` frames: how a measure is distributed, how it depends on two parameters."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter, NullLocator

from groupkit.record.plot_base import WIDTH, dpi_of, theme_of
from groupkit.record.plot_door import check_axes, check_scale
from groupkit.record.plot_names import labels, places, values_of

DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1)), (0, (8, 2, 1, 2, 1, 2)))
PALETTE = "viridis"  # not the colours of terms; told apart in grey and by the colour-blind too, and the dashes help

MOST_LINES = 40  # more cannot be told apart
A_COLUMN = 12  # lines named in one column of the legend
SLANTED: dict[str, Any] = {"rotation": 25, "ha": "right", "rotation_mode": "anchor"}


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

    ``scale`` multiplies the values (1000: seconds as milliseconds), ``log`` draws them on a logarithmic axis, to the
    left of which is what is 0 or less. Runs that ended in an error, or have no value, count in no line; the title says
    how many. What is infinite counts, and its line ends below 1.
    """
    check_axes(ax)
    check_scale(scale)
    names = [] if by is None else [by] if isinstance(by, str) else list(by)
    told = _told(frame, [value, *names], value)
    groups = [("", told)]
    if names:
        groups = _grouped(told, names)
    if len(groups) > MOST_LINES:
        raise ValueError(
            f"by={by!r} makes {len(groups)} lines, more than can be told apart: choose columns of up to {MOST_LINES} "
            "values, such as a parameter"
        )
    if log and not (told[value] * scale > 0).any():
        raise ValueError(f"no {value!r} is above 0, so a logarithmic axis has no place for any: leave out log=True")
    ax = ax or plt.figure(figsize=(WIDTH, 3.8), layout="constrained").subplots()
    colours = mpl.colormaps[PALETTE](np.linspace(*((0.3, 1.0) if theme_of(ax).dark else (0.0, 0.85)), len(groups)))
    for place, (label, part) in enumerate(groups):
        values = np.sort(part[value].to_numpy(dtype=float)) * scale
        values, shares = np.append(values[:1], values), np.arange(len(values) + 1) / len(values)  # it begins at 0
        dash = DASHES[place % len(DASHES)]
        ax.step(values, shares, where="post", color=colours[place], linestyle=dash, label=label or None, linewidth=1.6)
    ax.set_ylim(0, 1.02)
    if log:
        ax.set_xscale("log")
        _log_ticks(ax)
    ax.set_xlabel(value if scale == 1.0 else f"{value} × {scale:g}")
    ax.set_ylabel("share of runs")
    ax.grid(alpha=0.25)
    if names:
        columns = -(-len(groups) // A_COLUMN)
        ax.legend(title=", ".join(names), frameon=False, fontsize=8, title_fontsize=8, ncols=columns)
    infinite = int(np.isinf(told[value].to_numpy(dtype=float)).sum())
    _title(ax, frame, told, value, [f"{infinite:,} infinite"] if infinite else [])
    return ax


def _log_ticks(ax: Axes) -> None:
    lowest, highest = ax.get_xlim()
    narrow = highest < 5 * lowest
    ax.xaxis.set_major_locator(MaxNLocator(8) if narrow else LogLocator(subs=(1.0, 2.0, 5.0)))
    if narrow:
        ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:,.10g}"))  # 200, not 2 × 10²
    ax.xaxis.set_minor_formatter(NullFormatter())


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
    columns, rows = values_of(frame[x]), values_of(frame[y])
    table = np.full((len(rows), len(columns)), np.nan)
    for key, part in told.groupby([places(told[y], rows), places(told[x], columns)])[value]:
        table[key] = _summary(part, how) * scale  # type: ignore[index]
    finite = table[np.isfinite(table)]
    if not finite.size:
        raise ValueError(f"how={how!r} gives no finite number of {value!r} for any cell")
    above, beside = labels(columns), labels(rows)
    across = max(len(label) for label in above)
    flat = across * len(columns) <= 11 * (WIDTH - 2 if ax is None else ax.get_window_extent().width / dpi_of(ax))
    if ax is None:
        ax = plt.figure(figsize=_size(len(columns), len(rows), across, flat), layout="constrained").subplots()
    image = ax.imshow(table, aspect="auto", cmap=PALETTE)
    ax.set_xticks(range(len(columns)), above, **({} if flat else SLANTED))
    ax.set_yticks(range(len(rows)), beside)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    lowest, highest = finite.min(), finite.max()
    for row, column in np.argwhere(~np.isnan(table)):
        number = table[row, column]
        bright = not np.isfinite(number) or number - lowest >= 0.6 * (highest - lowest)
        ink = theme_of(ax).ink if not np.isfinite(number) else "black" if bright else "white"
        ax.text(column, row, f"{number:.3g}", ha="center", va="center", color=ink, fontsize=9)
    if ax.figure is not None:
        ax.figure.colorbar(image, ax=ax, shrink=0.9)
    name = how if isinstance(how, str) else getattr(how, "__name__", "summary")
    _title(ax, frame, told, f"{name} of {value}{'' if scale == 1.0 else f' × {scale:g}'}")
    return ax


def _told(frame: pd.DataFrame, columns: Sequence[str], value: str) -> pd.DataFrame:
    """The runs that can be drawn."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame is what groupkit.sweep returned, a DataFrame, not a {type(frame).__name__}")
    for column in columns:
        if column not in frame.columns:
            raise ValueError(f"there is no column {column!r}; this frame has {', '.join(map(str, frame.columns))}")
    told = frame[frame[value].notna()]
    if told[value].dtype.kind == "O" and all(isinstance(one, numbers.Real | np.bool_) for one in told[value]):
        told = told.assign(**{value: told[value].astype(float)})  # truths, and errors among them
    if told[value].dtype.kind not in "biuf" and not told.empty:
        raise TypeError(f"the column {value!r} holds no numbers, but {frame[value].dtype}: draw another one")
    if told.empty:
        failed = int(frame["error"].notna().sum()) if "error" in frame.columns else 0
        raise ValueError(f"no run has a {value!r}: {failed} of {len(frame)} ended in an error, see frame.error")
    return told


def _size(columns: int, rows: int, across: int, flat: bool) -> tuple[float, float]:
    """In inches: wide enough for labels of ``across`` characters that lie flat, high enough for those that do not."""
    wide = 3.0 + (max(0.9, 0.09 * across) if flat else 0.9) * columns
    return min(WIDTH, wide), min(WIDTH, 1.6 + 0.5 * rows + (0.0 if flat else 0.04 * across))


def _grouped(told: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, pd.DataFrame]]:
    values = [values_of(told[name]) for name in names]
    called = [labels(these) for these in values]
    parts = told.groupby([places(told[name], these) for name, these in zip(names, values)], sort=False)
    return [
        (", ".join(these[place] for these, place in zip(called, key)), part)  # type: ignore[call-overload]
        for key, part in parts
    ]


def _summary(part: pd.Series[Any], how: str | Callable[[Any], float]) -> float:
    number = how(part) if callable(how) else part.agg(how)
    if not isinstance(number, numbers.Real | np.bool_):
        raise TypeError(f"how is to give one number for each cell, and {how!r} gave {number!r}")
    return float(number)


def _title(ax: Axes, frame: pd.DataFrame, told: pd.DataFrame, text: str, extra: Sequence[str] = ()) -> None:
    failed = int(frame["error"].notna().sum()) if "error" in frame.columns else 0
    missing = len(frame) - len(told) - failed
    parts = [f"{text}: {len(told):,} run{'' if len(told) == 1 else 's'}"]
    parts += [f"{failed:,} ended in an error"] if failed else []
    parts += [f"{missing:,} without a value"] if missing else []
    parts += [*extra, *(["interrupted"] if frame.attrs.get("interrupted") else [])]
    ax.set_title(", ".join(parts), loc="left", fontsize=10)
