"""What a picture of a result shows, before anybody draws it: rows, bars, labels, marks."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from .operation import Operation, short_text

if TYPE_CHECKING:
    from .result import LinearizabilityResult


@dataclass(frozen=True, slots=True)
class Bar:
    """One call: its row, its begin and end (the picture's end if it never returned), the instant of its effect."""

    row: int
    start: float
    end: float
    returned: bool
    label: str
    text: str
    failed: bool
    effect: float | None


@dataclass(frozen=True, slots=True)
class Scene:
    """All bars, with the client's name of each row ("" for a further row of the same client)."""

    title: str
    rows: tuple[str, ...]
    bars: tuple[Bar, ...]
    start: float
    last: float  # the last known time
    end: float
    left_out: int  # calls that are not drawn


def scene(result: LinearizabilityResult, limit: int) -> Scene:
    """The failing prefix, or the history where nothing failed."""
    from .words import headline, tail

    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit is at least 1 operation, not {limit!r}")
    whole = result.prefix or tuple(sorted(result.history, key=lambda operation: operation.call))
    shown = tail(result, limit) if result.prefix else whole[:limit]
    times = [float(time) for one in shown for time in (one.call, one.ret) if time is not None] or [0.0]
    start, last = min(times), max(times)
    end = last + ((last - start) * 0.06 or 1.0)
    rows, row_of = _rows(shown)
    effects = _effects(result.order, end)
    bars = [
        Bar(
            row=row_of[id(operation)],
            start=float(operation.call),
            end=end if operation.ret is None else float(operation.ret),
            returned=operation.ret is not None,
            label=operation.deed(),
            text=str(operation),
            failed=operation is result.failed,
            effect=effects.get(id(operation)),
        )
        for operation in shown
    ]
    return Scene(headline(result), rows, tuple(bars), start, last, end, len(whole) - len(shown))


def _rows(shown: tuple[Operation, ...]) -> tuple[tuple[str, ...], dict[int, int]]:
    """Clients in the order of their first calls; one that overlaps itself gets a row more each time it must."""
    ends: dict[str, list[float]] = {}
    place: dict[int, tuple[str, int]] = {}
    for operation in sorted(shown, key=lambda operation: operation.call):
        client = short_text(operation.client)
        free = ends.setdefault(client, [])
        level = next((level for level, end in enumerate(free) if end <= operation.call), len(free))
        free[level : level + 1] = [inf if operation.ret is None else operation.ret]
        place[id(operation)] = client, level
    firsts: dict[str, int] = {}
    names: list[str] = []
    for client, levels in ends.items():
        firsts[client] = len(names)
        names += [client, *[""] * (len(levels) - 1)]
    return tuple(names), {one: firsts[client] + level for one, (client, level) in place.items()}


def _effects(order: tuple[Operation, ...], end: float) -> dict[int, float]:
    """An instant for each operation of an order, inside its call and in this order."""
    latest_end: list[float] = []
    soonest = end
    for operation in reversed(order):
        soonest = soonest if operation.ret is None else min(soonest, float(operation.ret))
        latest_end.append(soonest)
    effects: dict[int, float] = {}
    now = -inf
    for operation, bound in zip(order, reversed(latest_end)):
        now = max(now, float(operation.call))
        now += max(0.0, bound - now) / 3
        effects[id(operation)] = now
    return effects
