"""Values of a run as text and as JSON: the same in every process, under every hash seed, in every Python version.

A run holds plain data: names, numbers, tuples, and the commands of its users. ``show`` is a ``repr`` that never depends
on the order of a set or the address of an object. ``encode`` and ``decode`` take a value to JSON and back:

| value | JSON |
|---|---|
| ``None``, bool, int, str, finite float | itself |
| tuple | array |
| list, set, frozenset | ``{"list": […]}``, ``{"set": […]}``, ``{"frozenset": […]}`` |
| dict | ``{"dict": [[key, value], …]}`` |
| bytes | ``{"bytes": "hex digits"}`` |
| range | ``{"range": [start, stop]}``, where its step is not 1 ``{"range": [start, stop, step]}`` |
| a term that knows its leader (bonded quorum) | ``{"term": [3, "a"]}`` |
| inf, -inf, nan | ``{"float": "inf"}`` |
| anything else | ``{"shown": its text, "type": "module:name", "fields": {…}}``, the last for dataclasses |

What was written as "anything else" (a user's command, say) comes back as ``Shown``: a file never runs code to be read.
"""

from __future__ import annotations

import enum
import math
from dataclasses import fields, is_dataclass
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

from groupkit.raft.log import Stamp
from groupkit.raft.machine import Packed

PLAIN = frozenset({type(None), bool, int, str, float, bytes, range})  # what a plain repr shows well


class Shown:
    """A value out of a file, known by its text only. ``form`` is its JSON form, for programs that know its type."""

    __slots__ = ("form", "text")

    def __init__(self, text: str, form: dict[str, Any] | None = None) -> None:
        self.text = text
        self.form = form

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return self.text


def show(value: Any) -> str:
    """``repr(value)``, made the same everywhere: sets are sorted by the text of their elements."""
    kind = type(value)
    if kind in PLAIN:
        return repr(value)
    if kind is tuple:
        inside = ", ".join([show(v) for v in value])
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return _show_other(value)


def _show_other(value: Any) -> str:
    if isinstance(value, Packed):
        return show(value.open())
    kind = type(value)
    if kind is list:
        return f"[{', '.join([show(v) for v in value])}]"
    if kind is dict:
        return f"{{{', '.join([f'{show(k)}: {show(v)}' for k, v in value.items()])}}}"
    if kind is set or kind is frozenset:
        inside = ", ".join(sorted(show(v) for v in value))
        text = f"{{{inside}}}" if inside else ""
        return text if kind is set and inside else f"{kind.__name__}({text})"
    if is_dataclass(kind) and kind.__dataclass_params__.repr and "__repr__" in kind.__dict__:  # type: ignore[attr-defined]
        inside = ", ".join(f"{f.name}={show(getattr(value, f.name))}" for f in fields(value) if f.repr)
        return f"{kind.__qualname__}({inside})"
    base = _base(value)
    return repr(value) if base is None else repr(base(value))


def _base(value: Any) -> type | None:
    """The plain type behind a name or a number of the library's own (PeerId, Index, Term) or of numpy's, which shows
    as that."""
    if not isinstance(value, enum.Enum | Stamp):
        for kind, base in ((str, str), (int, int), (float, float), (Integral, int), (Real, float)):
            if isinstance(value, kind) and not isinstance(value, Fraction):
                return base
    return None


def encode(value: Any) -> Any:
    """``value`` as JSON data, in the form of the table above."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is tuple:
        return [encode(v) for v in value]
    if kind is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if kind is bytes:
        return {"bytes": value.hex()}
    if kind is range:
        return {"range": [value.start, value.stop, value.step][: 2 + (value.step != 1)]}
    if kind is list:
        return {"list": [encode(v) for v in value]}
    if kind is set or kind is frozenset:
        return {kind.__name__: [encode(v) for v in sorted(value, key=show)]}
    if kind is dict:
        return {"dict": [[encode(k), encode(v)] for k, v in value.items()]}
    if kind is Shown:
        return {"shown": value.text, **(value.form or {})}
    if kind is Stamp:
        return {"term": [int(value), value.leader]}
    if isinstance(value, Packed):
        return encode(value.open())
    base = _base(value)
    return _encode_object(value) if base is None else encode(base(value))


def _encode_object(value: Any) -> dict[str, Any]:
    kind = type(value)
    form: dict[str, Any] = {"shown": show(value), "type": f"{kind.__module__}:{kind.__qualname__}"}
    if is_dataclass(kind):
        form["fields"] = {f.name: encode(getattr(value, f.name)) for f in fields(kind)}
    return form


def decode(data: Any) -> Any:
    """The value that ``encode`` turned into ``data``; ``ValueError`` if it is nothing of the kind."""
    if isinstance(data, list):
        return tuple([decode(v) for v in data])
    if not isinstance(data, dict):
        return data
    if "shown" in data:
        return Shown(str(data["shown"]), {name: part for name, part in data.items() if name != "shown"} or None)
    if len(data) == 1:
        (name, inside), *_ = data.items()
        if name == "dict":
            return {decode(k): decode(v) for k, v in inside}
        if name == "bytes":
            return bytes.fromhex(inside)
        if name == "float":
            return float(inside)
        if name == "range":
            return range(*map(int, inside))
        if name == "term":
            return Stamp(int(inside[0]), str(inside[1]))
        if name in ("list", "set", "frozenset"):
            return {"list": list, "set": set, "frozenset": frozenset}[name](decode(v) for v in inside)
    raise ValueError(f"no value is written as {{{', '.join(map(repr, data))}}}")


def packed(command: Any) -> Any:
    """A command that was decoded, as it was recorded: packed if anything in it could change."""
    return Packed(command) if _could_change(command) else command


def _could_change(value: Any) -> bool:
    kind = type(value)
    if kind is tuple or kind is frozenset:
        return any(map(_could_change, value))
    if kind is Shown:
        form = value.form or {}
        parts = form.get("fields", {}).values()
        return form.get("type") == "builtins:bytearray" or any(_could_change(decode(part)) for part in parts)
    return kind is list or kind is dict or kind is set
