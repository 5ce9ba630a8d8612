"""What verbs over a world take, and what they refuse at the door."""

from __future__ import annotations

import math
from typing import Any, Final

from groupkit.raft.config import seconds
from groupkit.raft.ids import is_number

FASTEST: Final = 1000  # a peer whose clock runs faster than that, or slower, would be all there is to simulate


def check_count(verb: str, arguments: tuple[Any, ...], least: int, most: int) -> None:
    """Refuse too few arguments, and too many."""
    if not least <= len(arguments) <= most:
        takes = f"{least}" if least == most else f"{least} to {most}"
        raise TypeError(f"{verb} takes {takes} argument{'s' * (most > 1)}, not {len(arguments)}: {arguments!r}")


def check_rate(rate: object) -> float:
    """Refuse what is no rate of a clock; what is one comes back as a float."""
    if not is_number(rate):
        raise TypeError(f"drift takes a rate, a number above 0, not {rate!r}")
    if not 0 < rate < math.inf:
        raise ValueError(f"drift takes a finite rate above 0 (1.0: in step), not {rate!r}")
    if not 1 / FASTEST <= rate <= FASTEST:
        raise ValueError(f"drift takes a rate from 1/{FASTEST} to {FASTEST} (1.0: in step), not {rate!r}")
    return float(rate)


def check_switch(value: object, what: str) -> None:
    """Refuse what is neither True nor False: any text would count as yes."""
    if not isinstance(value, bool):
        raise TypeError(f"{what} is True or False, not {value!r}")


def check_predicate(predicate: object) -> None:
    """Refuse what cannot be asked about a message."""
    if not callable(predicate):
        raise TypeError(f"drop takes a predicate, a function of a message, not {predicate!r}")


def latency_range(value: object) -> tuple[float, float]:
    """``value`` as (low, high) seconds: a number, or two of them in order."""
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ValueError(f"latency is a number of seconds or (low, high), not {value!r}")
        low, high = (seconds(v, "latency", zero=True) for v in value)
        if low > high:
            raise ValueError(f"latency {value!r} has its lower bound above its upper one: swap them")
        return low, high
    fixed = seconds(value, "latency", zero=True)
    return fixed, fixed


def fraction(value: object, what: str) -> float:
    """``value`` as a number from 0 to 1."""
    if not is_number(value):
        raise TypeError(f"{what} is a fraction from 0 to 1, not {value!r}")
    if not 0 <= value <= 1:
        raise ValueError(f"{what} is a fraction from 0 to 1, not {value!r}")
    return float(value)
