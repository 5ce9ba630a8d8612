"""When two values are the same: for outputs, and for states the search has met before."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Hashable
from dataclasses import fields, is_dataclass
from typing import Any

_ATOMS = (str, int, bytes, type(None))


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are equal, as a reader of a history means it.

    As `==`, but a bool is never a number (`True` is not `1`), NaN is NaN, and both hold inside containers too.
    """
    if left is right:
        return True
    if isinstance(left, bool) or isinstance(right, bool):
        return isinstance(left, bool) and isinstance(right, bool) and left == right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    for kind in (list, tuple):
        if isinstance(left, kind) and isinstance(right, kind):
            return len(left) == len(right) and all(map(same, left, right))
    try:
        return bool(left == right) or (left != left and right != right)
    except Exception:  # arrays answer == with an array, which is no bool
        return frozen(left) == frozen(right)


Token = tuple[str, Hashable]


def token(value: Any) -> Token | None:
    """A key: equal for two values exactly if they are the same. None for values of classes with an == of their own."""
    kind = type(value)
    if value is None or kind is str or kind is bytes or kind is bool:
        return kind.__name__, value
    if kind is int or kind is float:
        return ("number", value) if value == value else ("nan", None)
    if kind is list or kind is tuple:
        tokens = tuple(map(token, value))
        return None if None in tokens else ("list" if kind is list else "tuple", tokens)
    if kind is dict:
        pairs = frozenset((name, token(content)) for name, content in value.items())
        return None if any(content is None for _, content in pairs) else ("dict", pairs)
    return None


def frozen(value: Any) -> Hashable:
    """A hashable stand-in: two values of any kind have equal stand-ins only if they are of one kind and equal.

    Kinds are kept apart (1, 1.0 and True are three things), because a model may tell them apart, and taking two
    states for one could call a good history bad. The opposite error only costs time.
    """
    kind = type(value)
    if kind in _ATOMS:
        return value  # type: ignore[no-any-return]
    if kind is float or kind is complex:
        return kind, repr(value)
    if isinstance(value, (list, tuple, deque)):
        return kind, tuple(map(frozen, value))
    if isinstance(value, dict):
        pairs = [(frozen(name), frozen(content)) for name, content in value.items()]
        return kind, frozenset(pairs) if kind is dict else tuple(pairs)
    if isinstance(value, (set, frozenset)):
        return kind, frozenset(map(frozen, value))
    return kind, _frozen_object(value)


def _frozen_object(value: Any) -> Hashable:
    if is_dataclass(value) and not isinstance(value, type):
        return tuple(frozen(getattr(value, field.name)) for field in fields(value))
    try:
        hash(value)
    except TypeError:
        pass
    else:
        return value  # type: ignore[no-any-return]
    try:
        return pickle.dumps(value)
    except Exception:
        return _Unlike(value)


class _Unlike:
    """Stands for a value that can be neither hashed nor written down: it equals nothing but itself."""

    def __init__(self, value: object) -> None:
        self._value = value  # held, so that its id is not given to another

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unlike) and self._value is other._value

    def __hash__(self) -> int:
        return id(self._value)
