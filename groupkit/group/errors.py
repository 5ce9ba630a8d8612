"""What can go wrong, with the values and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from groupkit.sim.faults import UnknownPeer
from groupkit.sim.mail import NotInFlight

__all__ = [
    "ApplyFailed",
    "CommandError",
    "CommandLost",
    "GroupTerminated",
    "NoCommands",
    "NotInFlight",
    "Offline",
    "OutcomeUnknown",
    "QueryError",
    "SafetyViolated",
    "UnknownPeer",
]


class CommandError(Exception):
    """A command was not (or not certainly) executed. ``commands`` are those concerned, as they were handed in."""

    def __init__(self, text: str, commands: Sequence[Any] = ()) -> None:
        super().__init__(text)
        self.commands = tuple(commands)


class Offline(CommandError):
    """Never submitted to any leader: it is safe to try again."""


class CommandLost(CommandError):
    """Certainly overwritten, it will never be applied: it is safe to try again."""


class OutcomeUnknown(CommandError):
    """It may yet commit, or never: trying again may apply it twice, unless applying it twice does no harm."""


class NoCommands(CommandError, ValueError):
    """An empty batch was handed in."""


class ApplyFailed(CommandError):
    """A state machine raised in ``apply`` (or in ``snapshot`` or ``restore``: then ``commands`` is empty), and its peer
    has stopped. ``peer`` and ``index`` say where."""

    # a pickle makes it of its text alone, and brings the rest then
    def __init__(self, text: str, commands: Sequence[Any] = (), peer: str = "", index: int = 0) -> None:
        super().__init__(text, commands)
        self.peer = peer
        self.index = index


class QueryError(Exception):
    """A query could not be answered."""


class GroupTerminated(Exception):
    """The group was left or its cluster closed: nothing more will happen in it."""


class SafetyViolated(AssertionError):
    """Raised in the awaiting cell of a ``strict=True`` group; ``violation`` says which property fell, and where."""

    def __init__(self, violation: Any) -> None:
        super().__init__(str(violation))
        self.violation = violation
