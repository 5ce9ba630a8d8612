"""Commands out of a file, made into commands again: only of types that are here already, so a file never runs code."""

from __future__ import annotations

import enum
import sys
from dataclasses import fields, is_dataclass
from typing import Any

from groupkit.record.values import Shown, decode


def revived(value: Any, machine: Any) -> Any:
    """``value`` with every ``Shown`` in it turned back into what it shows.

    Looked for beside ``machine`` (a class, or a function that makes one) and among groupkit's own machines; a type that
    is not there, or is no frozen dataclass or enum, is a ``ValueError`` that names it.
    """
    if isinstance(value, tuple | list | set | frozenset):
        return type(value)([revived(part, machine) for part in value])
    if isinstance(value, dict):
        return {revived(key, machine): revived(part, machine) for key, part in value.items()}
    if not isinstance(value, Shown):
        return value
    form = value.form or {}
    kind = _find(str(form.get("type", "")), machine)
    if isinstance(kind, type) and is_dataclass(kind) and kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        said = form.get("fields", {})
        made = {f.name: revived(decode(said[f.name]), machine) for f in fields(kind) if f.name in said}
        return kind(**made)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        for member in kind:
            if repr(member) == value.text:
                return member
    raise ValueError(
        f"the recording has a command {value.text} of type {form.get('type')!r}, which is not here: define or import "
        "it beside its state machine, and give that, replay(timeline, machine=...)"
    )


def _find(name: str, machine: Any) -> Any:
    module, _, path = name.partition(":")
    if module not in (getattr(machine, "__module__", None), "groupkit.group.machines", "__main__"):
        return None
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    return found
