"""The values of a column of a sweep's frame: told apart, found again, and written on an axis or in a legend."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pandas as pd

LONGEST = 40  # characters of a label


def values_of(column: pd.Series[Any]) -> list[Any]:
    """The different ones, in the order of their first mention; all that is missing is one of them, None."""
    try:
        return list(dict.fromkeys(None if _missing(value) else value for value in column))
    except TypeError as error:
        raise TypeError(f"the column {column.name!r} cannot be grouped ({error}): tuples can, lists cannot") from None


def places(column: pd.Series[Any], values: Sequence[Any]) -> list[int]:
    """Where each of ``column`` stands in ``values``."""
    place = {value: number for number, value in enumerate(values)}
    return [place[None if _missing(value) else value] for value in column]


def _missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def labels(values: Sequence[Any]) -> list[str]:
    """What to call them: short, and no two alike. Of objects of one dataclass, the fields in which they differ."""
    whole = [_whole(value, values) for value in values]
    cut = [_cut(text) for text in whole]
    if len(set(cut)) == len(set(whole)):
        return cut
    same = next(place for place, letters in enumerate(zip(*whole)) if len(set(letters)) > 1)
    start = max(0, same - 8)
    return [text if len(text) <= LONGEST else f"…{text[start : start + LONGEST]}" for text in whole]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _whole(value: Any, values: Sequence[Any]) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return str(value)
    alike = [other for other in values if type(other) is type(value)]
    names = [field.name for field in dataclasses.fields(value)]
    told = [name for name in names if any(getattr(value, name) != getattr(other, name) for other in alike)]
    return ", ".join(f"{name}={getattr(value, name)}" for name in told) or type(value).__name__
