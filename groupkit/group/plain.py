"""Plain data only: what crosses from one peer to another can never be a shared, mutable thing."""

from __future__ import annotations

import copy
import dataclasses
import datetime
import decimal
import enum
import fractions
import uuid
from collections.abc import Callable
from numbers import Real
from typing import Any, Final

from groupkit.raft.machine import Packed

_FIXED: Final = frozenset(
    {
        int, str, float, bytes, bool, type(None), complex, range, decimal.Decimal, fractions.Fraction, uuid.UUID,
        datetime.date, datetime.time, datetime.datetime, datetime.timedelta, datetime.timezone, type(Ellipsis),
    }
)  # fmt: skip
_fields: dict[type, tuple[str, ...]] = {}  # of frozen dataclasses met so far


def checked(value: Any, where: Callable[[], str] = lambda: "the command") -> Any:
    """``value`` itself if nothing in it can change, a packed copy if it holds lists, dicts or sets of plain data.

    Anything else (functions, files, objects of one's own) raises ``TypeError`` with the path to it, from ``where`` on.
    """
    if type(value) in _FIXED:
        return value
    if _scan(value, where):
        return value
    return Packed(value)


def opened(command: Any) -> Any:
    """What ``checked`` gave, as a caller's own copy."""
    return command.open() if isinstance(command, Packed) else command


def copied(result: Any) -> Any:
    """A result for a caller: itself if nothing in it can change, else a deep copy."""
    try:
        if type(result) in _FIXED or _scan(result, lambda: "the result"):
            return result
    except TypeError:
        pass
    return copy.deepcopy(result)


def _scan(value: Any, where: Callable[[], str]) -> bool:
    """Whether ``value`` is fixed through and through; raises where it is not even plain."""
    kind = type(value)
    if kind in _FIXED:
        return True
    names = _fields.get(kind)
    if names is None and dataclasses.is_dataclass(kind):
        if not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise TypeError(
                f"{where()} is a dataclass that is not frozen, {kind.__name__}: write @dataclass(frozen=True), "
                "so that no peer can change what others were given"
            )
        names = _fields[kind] = tuple(field.name for field in dataclasses.fields(kind))
    if names is not None:
        fixed = True
        for name in names:
            part = getattr(value, name)
            if type(part) not in _FIXED:
                fixed &= _scan(part, lambda name=name: f"{where()}.{name}")  # type: ignore[misc]
        return fixed
    if isinstance(value, tuple | frozenset | list | set):
        parts = [_scan(part, lambda n=n: f"{where()}[{n}]") for n, part in enumerate(value)]  # type: ignore[misc]
        return all(parts) and isinstance(value, tuple | frozenset)
    if isinstance(value, dict):
        for key, part in value.items():
            _scan(key, lambda: f"a key of {where()}")
            _scan(part, lambda key=key: f"{where()}[{key!r}]")  # type: ignore[misc]
        return False
    if isinstance(value, bytearray):
        return False
    if isinstance(value, Real | str | bytes | enum.Enum | datetime.tzinfo):  # the numbers of numpy are among the real
        return True
    if kind is type:
        raise TypeError(
            f"{where()} is not plain data but type, the class {value.__qualname__}: make one of it, "
            f"{value.__qualname__}(...)"
        )
    raise TypeError(
        f"{where()} is not plain data but {kind.__name__}, {value!r}: use frozen dataclasses, tuples, lists, dicts, "
        "text, bytes and numbers"
    )
