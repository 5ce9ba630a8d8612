"""What a group replicates: the state machine, as its author writes it and as a peer runs it."""

from __future__ import annotations

import pickle
import sys
from dataclasses import dataclass
from typing import Any, ClassVar

from groupkit.raft.ids import Index, Term


@dataclass(frozen=True, slots=True)
class Leadership:
    """How much a peer wants to lead: ``factor`` stretches its timeouts; an observer never stands, never counts."""

    factor: float = 1.0
    observer: bool = False

    def __repr__(self) -> str:
        return "OBSERVER" if self.observer else "NORMAL" if self.factor == 1.0 else f"reluctant({self.factor:g})"


NORMAL = Leadership()
OBSERVER = Leadership(observer=True)


def reluctant(factor: float) -> Leadership:
    """A peer that waits ``factor`` times as long (1 or more) before it stands for election."""
    if isinstance(factor, bool) or not isinstance(factor, int | float):
        raise TypeError(f"reluctant(factor) takes a number of 1 or more, not {factor!r}")
    if not 1 <= factor <= sys.float_info.max:
        raise ValueError(f"reluctant(factor) takes a finite number of 1 or more, not {factor!r}")
    return Leadership(factor=float(factor))


class Context:
    """What ``apply`` may know besides the command: facts that are the same on every peer. Valid during the call."""

    __slots__ = ("_index", "_term")

    def __init__(self) -> None:
        self._index = 0
        self._term = 0

    @property
    def index(self) -> Index:
        """The index of the command being applied."""
        return Index(self._index)

    @property
    def term(self) -> Term:
        """The term of the command being applied."""
        return Term(self._term)

    def __repr__(self) -> str:
        return f"Context(index={self._index}, term={self._term})"


class StateMachine:
    """Subclass this. ``apply`` must be deterministic: same commands in the same order, same state, on every peer.

    ``signature`` (default: the class's name) is part of the group's identity: peers with other signatures never bond.
    ``leadership`` is NORMAL, ``reluctant(factor)`` or OBSERVER.
    The default ``snapshot``/``restore`` take everything in ``__dict__``, which suits most machines.
    """

    signature: str = ""
    leadership: Leadership = NORMAL
    NORMAL: ClassVar[Leadership] = NORMAL
    OBSERVER: ClassVar[Leadership] = OBSERVER

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "signature" not in cls.__dict__:
            cls.signature = cls.__name__

    def apply(self, command: Any, ctx: Context) -> None:
        """Change the state by ``command``. An error here stops this peer with ``ApplyFailed``."""
        raise NotImplementedError(f"{type(self).__name__} needs a method apply(self, command, ctx)")

    def query(self, query: Any) -> Any:
        """Answer ``query`` without changing anything. An error here fails that query with ``QueryError``."""
        raise NotImplementedError(f"{type(self).__name__} needs a method query(self, query)")

    def snapshot(self) -> Any:
        """Everything ``restore`` needs, as plain data."""
        return dict(self.__dict__)

    def restore(self, data: Any) -> None:
        """Become what ``snapshot`` described."""
        self.__dict__.clear()
        self.__dict__.update(data)

    def __repr__(self) -> str:
        return f"<machine {type(self).__name__}>"


class NoOp(StateMachine):
    """Takes any command and does nothing: a group that is only there to agree. Any query gives None."""

    def apply(self, command: Any, ctx: Context) -> None:
        """Nothing."""

    def query(self, query: Any) -> Any:
        """None."""
        return None


class Packed:
    """A command that holds something mutable, frozen as bytes: every peer that applies it gets its own copy."""

    __slots__ = ("data", "text")

    def __init__(self, command: Any) -> None:
        self.data = pickle.dumps(command, protocol=5)
        self.text = repr(command)

    def open(self) -> Any:
        """A fresh copy of the command."""
        return pickle.loads(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packed) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return self.text
