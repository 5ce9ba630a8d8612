"""``cluster.history()``: who called what, when, and what came back, as the linearizability checker wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from groupkit.group.machines import Counter, KeyValue, Register
from groupkit.raft.machine import Packed
from groupkit.record.recorder import Row

if TYPE_CHECKING:
    from groupkit.check import Operation

STEP: Final = 1e-9  # seconds between two calls or returns of one instant, so that their order is kept
MISSING: Final = object()


def operations(rows: Iterable[Row], *, weak: bool = True) -> list[Operation]:
    """The calls among recorded ``rows``, as operations; no two of their moments are equal.

    Commands of groupkit's own machines become the inputs of the ready-made models: ``Register``: ``("write", v)``,
    ``("cas", old, new)``, ``("read",)``; ``KeyValue``: ``("put", k, v)`` (a delete puts ``""``), ``("append", k, v)``,
    ``("get", k)``; ``Counter``: ``("inc", n)``, ``("dec", n)``, ``("reset",)``, ``("value",)``. Others stay as
    they are. What certainly never happened is left out, and so is ``KeyValue.Items()``, which belongs to
    no key. A compare-and-set returns no answer, so it is taken as one whose outcome nobody knows. ``weak=False``
    leaves out weak queries.
    """
    calls: dict[int, _Call] = {}
    now = 0.0
    for row in rows:
        if row[1] not in ("command", "query", "answer"):
            continue
        now = max(row[0], now + STEP)
        number, what = row[3], row[4]
        if row[1] == "query":
            calls[number] = _Call(row[2], now, (row[5],), happened=False, weak=what == "weak")
        elif what == "submitted":
            calls[number] = _Call(row[2], now, row[5][1], happened=True, weak=False)
        elif number in calls:  # not one that was let go of
            calls[number].learn(row, now)
    return [operation for call in calls.values() if weak or not call.weak for operation in call.operations()]


class _Call:
    __slots__ = ("call", "client", "given", "happened", "output", "ret", "weak")

    def __init__(self, client: str, call: float, given: Iterable[Any], *, happened: bool, weak: bool) -> None:
        self.client = client
        self.call = call
        self.given = given
        self.happened = happened  # as far as anybody knows
        self.weak = weak
        self.ret: float | None = None
        self.output: Any = None

    def learn(self, row: Row, now: float) -> None:
        """What became of it."""
        if row[1] == "answer":
            self.happened, self.ret, self.output = True, now, row[4]
        elif row[4] == "committed":
            self.ret = now
        elif row[4] in ("lost", "offline"):
            self.happened = False

    def operations(self) -> Iterator[Operation]:
        """One for each command."""
        from groupkit.check import Operation

        for given in self.given if self.happened else ():
            command = given.open() if isinstance(given, Packed) else given
            input, output = _translated(command, self.output)
            if input is not MISSING:
                ret = None if isinstance(command, Register.CompareAndSet) else self.ret
                yield Operation(self.client, self.call, ret, input, output)


def _translated(given: Any, output: Any) -> tuple[Any, Any]:
    match given:
        case Register.Write(value=value):
            return ("write", value), None
        case Register.CompareAndSet(old=old, new=new):
            return ("cas", old, new), None
        case Register.Read():
            return ("read",), output
        case KeyValue.Put(key=key, value=value):
            return ("put", key, value), None
        case KeyValue.Append(key=key, value=value):
            return ("append", key, value), None
        case KeyValue.Delete(key=key):
            return ("put", key, ""), None
        case KeyValue.Get(key=key):
            return ("get", key), "" if output is None else output
        case KeyValue.Items():
            return MISSING, None
        case Counter.Increment(n=n):
            return ("inc", n), None
        case Counter.Decrement(n=n):
            return ("dec", n), None
        case Counter.Reset():
            return ("reset",), None
        case Counter.Value():
            return ("value",), output
    return given, output
