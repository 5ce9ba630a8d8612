"""A peer's own copy of the state machine: committed commands are applied to it in order, each once (Raft 5.3)."""

from __future__ import annotations

import pickle
from typing import Any

from groupkit.raft.log import BLANK, Log
from groupkit.raft.machine import Context, Packed, StateMachine


class ApplyError(Exception):
    """The machine raised: when it applied ``command`` at ``index``, or in another ``call``, which has no command."""

    def __init__(self, index: int, command: Any, cause: BaseException, call: str = "apply()") -> None:
        super().__init__(index, command, cause, call)
        self.index = index
        self.command = command
        self.cause = cause
        self.call = call


class Replica:
    """One machine and how far it has come. ``pristine`` is its state before the first command."""

    __slots__ = ("_ctx", "applied", "machine", "pristine")

    def __init__(self, machine: StateMachine) -> None:
        self.machine = machine
        self.applied = 0
        self._ctx = Context()
        try:
            self.pristine = pickle.dumps(machine.snapshot(), protocol=5)
        except Exception as error:
            raise TypeError(
                f"{type(machine).__name__}.snapshot() cannot be kept ({error!r}): let it return plain data, and "
                "restore() take it back"
            ) from error

    def apply(self, log: Log, upto: int) -> None:
        """Apply everything behind ``applied`` up to index ``upto``; raises ``ApplyError`` where the machine does."""
        apply, ctx = self.machine.apply, self._ctx
        index = self.applied
        command: Any = None
        try:
            for term, command, _ in log.entries[index - log.base : upto - log.base]:
                index += 1
                if command is BLANK:
                    continue
                ctx._index = index
                ctx._term = term
                apply(command.open() if type(command) is Packed else command, ctx)
        except Exception as error:
            raise ApplyError(index, command, error) from error
        finally:
            self.applied = index

    def state(self) -> Any:
        """The machine as it stands, in its own words."""
        try:
            return self.machine.snapshot()
        except Exception as error:
            raise ApplyError(self.applied, None, error, "snapshot()") from error

    def snapshot(self) -> bytes:
        """The machine as it stands, as bytes."""
        return pickle.dumps(self.state(), protocol=5)

    def restore(self, data: bytes | None, index: int) -> None:
        """Go back to ``data``, the state after ``index``; None: to the state before the first command."""
        try:
            self.machine.restore(pickle.loads(self.pristine if data is None else data))
        except Exception as error:
            raise ApplyError(index, None, error, "restore()") from error
        self.applied = index
