"""Are the machines of all peers equal at equal indexes? Compared by fingerprint, seldom enough to stay cheap."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, Final

# So long a fingerprint (in characters) may be made for each index; larger machines are looked at less often.
CHEAP: Final = 128
PLAIN: Final = frozenset({int, float, str, bool, type(None), bytes})
EACH: Final = 256  # up to this index every one is looked at, after that one in STRIDE
STRIDE: Final = 16
KEPT: Final = 4096  # indexes whose fingerprint is remembered


def fingerprint(value: Any) -> str:
    """A text that is equal for equal plain values, whatever the order in which their sets were filled."""
    kind = type(value)
    if kind is dict:
        for part in value.values():
            if type(part) not in PLAIN:
                break
        else:
            return repr(value)
        return "{" + ",".join([f"{fingerprint(k)}:{fingerprint(v)}" for k, v in value.items()]) + "}"
    if kind is list or kind is tuple:
        return "[" + ",".join([fingerprint(v) for v in value]) + "]"
    if kind is set or kind is frozenset:
        return "{" + ",".join(sorted([fingerprint(v) for v in value])) + "}"
    if kind in PLAIN or getattr(kind, "__repr__", None) is not object.__repr__:
        return repr(value)
    return pickle.dumps(value, protocol=5).hex()


class Likeness:
    """Remembers the fingerprint that the first peer had at an index, and compares the others with it."""

    __slots__ = ("_known", "_stride", "every")

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, int]] = {}  # index -> (peer, hash of the fingerprint)
        self._stride = 1
        self.every = 1  # only at its multiples is an index worth a look

    def differs(self, peer: str, index: int, state: Callable[[], Any]) -> str | None:
        """The peer whose state was another one at this ``index``; None: nobody's."""
        text = fingerprint(state())
        while len(text) > CHEAP * self._stride:
            self._stride *= 2
        self.every = self._stride if index < EACH else STRIDE * self._stride
        known = self._known.setdefault(index, (peer, hash(text)))
        if len(self._known) > KEPT:
            for old in list(self._known)[: KEPT // 2]:
                del self._known[old]
        return known[0] if known[1] != hash(text) else None
