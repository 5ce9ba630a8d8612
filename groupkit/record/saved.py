"""A message as it comes out of a file: it says what the one that was sent said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any


class SavedMessage:
    """Stands for a message of a run that was loaded: ``kind``, ``term``, ``payload`` (its fields by name), ``brief()``.

    Each field is an attribute too, as on the message that was sent.
    """

    __slots__ = ("_brief", "kind", "payload", "term")

    def __init__(self, kind: str, term: int, payload: dict[str, Any], brief: str) -> None:
        self.kind = kind
        self.term = term
        self.payload = payload
        self._brief = brief

    @property
    def entries(self) -> Sequence[Any]:
        """The log entries it carries, ``(term, command, identity)`` each; most kinds carry none."""
        entries: Sequence[Any] = self.payload.get("entries", ())
        return entries

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self.payload:
            raise AttributeError(f"a {self.kind} message has no {name!r}, only {', '.join(self.payload) or 'a term'}")
        return self.payload[name]

    def brief(self) -> str:
        """One line for people."""
        return self._brief

    def __repr__(self) -> str:
        said = "".join(f", {name}={value!r}" for name, value in self.payload.items())
        return f"{self.kind}(term={self.term}{said})"


_FIELDS: dict[type, tuple[tuple[str, ...], Callable[[Any], Any]]] = {}


def said(message: Any) -> dict[str, Any]:
    """What a message says besides kind and term, by name: its ``payload``, found faster for a million of them."""
    kind = type(message)
    if kind is SavedMessage:
        return message.payload  # type: ignore[no-any-return]
    known = _FIELDS.get(kind)
    if known is None:
        names = tuple(message.payload)
        known = _FIELDS[kind] = (names, attrgetter(*names) if len(names) > 1 else lambda m: tuple(m.payload.values()))
    return dict(zip(known[0], known[1](message)))
