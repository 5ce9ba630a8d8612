"""``cluster.history()``: who called what, when, and what came back, as the linearizability checker wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from groupkit.group.machines import Counter, KeyValue, Register
from groupkit.raft.machine import Packed

if TYPE_CHECKING:
    from groupkit.check import Operation

STEP: Final = 1e-9  # seconds between two calls or returns of one instant, so that their order is kept
MISSING: Final = object()


class Span:
    """One call: ``call`` and ``ret`` in virtual seconds (``ret`` None: unknown), ``happened`` False: certainly not."""

    __slots__ = ("call", "client", "happened", "inputs", "output", "ret", "weak")

    def __init__(self, client: str, call: float, inputs: Iterable[Any], weak: bool) -> None:
        self.client = client
        self.call = call
        self.inputs = tuple(inputs)
        self.weak = weak
        self.ret: float | None = None
        self.output: Any = None
        self.happened = True


class Calls:
    """All calls of a network, in order; no two of its moments are equal. Past ``keep`` calls the older half goes."""

    def __init__(self, now: Callable[[], float], keep: int = 200_000) -> None:
        self._now = now
        self._last = 0.0
        self._keep = keep
        self.spans: list[Span] = []

    def begin(self, client: str, inputs: Iterable[Any], weak: bool = False) -> Span:
        """Somebody calls."""
        if len(self.spans) >= self._keep:
            del self.spans[: self._keep // 2]
        span = Span(client, self._moment(), inputs, weak)
        self.spans.append(span)
        return span

    def finish(self, span: Span, output: Any = None) -> None:
        """The call has returned."""
        span.ret = self._moment()
        span.output = output

    def _moment(self) -> float:
        self._last = max(self._now(), self._last + STEP)
        return self._last


def operations(spans: Iterable[Span], *, weak: bool = True) -> list[Operation]:
    """The calls as operations. Commands of groupkit's own machines become the inputs of the ready-made models:

    ``Register``: ``("write", v)``, ``("cas", old, new)``, ``("read",)``; ``KeyValue``: ``("put", k, v)`` (a delete puts
    ``""``), ``("append", k, v)``, ``("get", k)``; ``Counter``: ``("inc", n)``, ``("dec", n)``, ``("reset",)``,
    ``("value",)``. Others stay as they are. What certainly never happened is left out, and so is ``KeyValue.Items()``,
    which belongs to no key. A compare-and-set returns no answer, so it is taken as one whose outcome nobody knows.
    ``weak=False`` leaves out weak queries.
    """
    from groupkit.check import Operation

    found: list[Operation] = []
    for span in spans:
        if not span.happened or (span.weak and not weak):
            continue
        for given in span.inputs:
            input, output = _translated(given.open() if isinstance(given, Packed) else given, span.output)
            if input is not MISSING:
                ret = None if isinstance(given, Register.CompareAndSet) else span.ret
                found.append(Operation(span.client, span.call, ret, input, output))
    return found


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
