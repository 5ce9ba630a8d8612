"""A result, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .operation import Operation, short_repr

if TYPE_CHECKING:
    from .result import LinearizabilityResult

SHOWN = 12


def explain(result: LinearizabilityResult) -> str:
    """The verdict on the first line, the reasons below it, then the failing prefix."""
    lines = [headline(result), *reasons(result)]
    shown = tail(result, SHOWN)
    if shown:
        lines.append(f"The {'shortest ' if result.shortest else ''}failing prefix{_part_of(shown, result.prefix)}:")
        lines += [f"  {'>' if operation is result.failed else ' '} {operation}" for operation in shown]
    return "\n".join(lines)


def headline(result: LinearizabilityResult) -> str:
    """The verdict, with what was judged."""
    apart = f" in {_count(result.parts, 'part')}" if result.keyed else ""
    what = f"{_count(len(result.history), 'operation')}{apart}, {result.model}"
    if result.linearizable is None:
        return (
            f"Not known whether linearizable ({what}): the budget ran out after {_count(result.steps, 'step')}"
            f"{_undecided(result)}. Give a larger budget=, or none to search until it is certain."
        )
    if result.linearizable:
        return f"Linearizable: {what}."
    where = f" at key {short_repr(result.key)}" if result.keyed else ""
    return f"Not linearizable{where}: {what}."


def reasons(result: LinearizabilityResult) -> list[str]:
    """Why it fails, one sentence each."""
    failure = result.failure
    if failure is None:
        return []
    lines = [f"{failure.failed} fits no order of the calls made until it returned."]
    if failure.shortest:
        order = "; ".join(operation.deed() for operation in result.order[-SHOWN:])
        before = "... " if len(result.order) > SHOWN else ""
        example = f", for example in this order: {before}{order}" if order else ""
        lines.append(f"Without this return everything fits{example}.")
    else:
        lines.append("A shorter prefix may fail, too: to find out would have taken too long.")
    if failure.states:
        states = "; ".join(short_repr(state) for state in failure.states)
        every = "every order" if failure.all_states else "some order"
        leads = "leads to the state" if len(failure.states) == 1 else "leads to one of these states:"
        lines.append(f"By then {every} of the others {leads} {states}.")
    if result.undecided:
        lines.append(f"Not everything was searched up to that time{_undecided(result)}.")
    return lines


def tail(result: LinearizabilityResult, limit: int) -> tuple[Operation, ...]:
    """The last calls of the failing prefix, the failed one always among them."""
    shown = result.prefix[-limit:]
    if result.failed is None or any(operation is result.failed for operation in shown):
        return shown
    return (result.failed, *shown[1:])


def _part_of(shown: tuple[Operation, ...], whole: tuple[Operation, ...]) -> str:
    return "" if len(shown) == len(whole) else f" (the last {len(shown)} of {len(whole):,} calls)"


def _undecided(result: LinearizabilityResult) -> str:
    if not result.keyed:
        return ""
    keys = ", ".join(short_repr(key) for key in result.undecided[:5]) + (", ..." if len(result.undecided) > 5 else "")
    return f": {len(result.undecided):,} of {_count(result.parts, 'part')} undecided ({keys})"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
