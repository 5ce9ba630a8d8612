"""The values people see: peers, groups, keys, indexes, terms, cursors and ranges of indexes."""

from __future__ import annotations

import enum
import hashlib
import hmac
import operator
import secrets
from collections.abc import Iterator
from functools import total_ordering
from numbers import Integral, Real
from typing import Any, Self, TypeGuard, TypeVar

LARGEST = 2**64 - 1
ChoiceT = TypeVar("ChoiceT", bound=enum.Enum)


class PeerId(str):
    """The name of a peer. It is a ``str``: it compares, sorts and hashes as its text."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"PeerId({str.__repr__(self)})"

    def short(self) -> str:
        """The name itself: peers of a simulated world have short names."""
        return str(self)


class GroupId(str):
    """The identity of a group, 64 hex digits, derived from key, configuration and machine signature."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"GroupId({self.short()}…)"

    def short(self) -> str:
        """The first ten hex digits."""
        return str(self)[:10]


class GroupKey:
    """The shared secret of a group. Who knows it may join; its repr never shows it."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if not isinstance(secret, bytes) or not secret:
            given = "nothing" if secret == b"" else type(secret).__name__
            raise TypeError(f"a GroupKey is made by GroupKey.random() or GroupKey.from_secret(text), not from {given}")
        self._secret = secret

    @classmethod
    def random(cls) -> GroupKey:
        """A fresh key of 32 bytes from the system's source of randomness: two calls never agree."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def from_secret(cls, text: str) -> GroupKey:
        """The key that everybody derives who knows the same ``text``."""
        if not isinstance(text, str):
            raise TypeError(f"GroupKey.from_secret takes a str, not {type(text).__name__}")
        if not text:
            raise ValueError(
                "GroupKey.from_secret('') would be known to everybody: give a text, or use GroupKey.random()"
            )
        return cls(hashlib.sha256(b"groupkit key\0" + text.encode()).digest())

    def prove(self, *parts: bytes) -> bytes:
        """HMAC-SHA256 of ``parts`` under this key: shows that one knows it without saying it."""
        return hmac.new(self._secret, b"\0".join(parts), hashlib.sha256).digest()

    def group_id(self, configuration: str, signature: str) -> GroupId:
        """The group that this key, a consensus configuration and a machine signature make together."""
        return GroupId(self.prove(b"group", configuration.encode(), signature.encode()).hex())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GroupKey) and hmac.compare_digest(self._secret, other._secret)

    def __hash__(self) -> int:
        return hash(self._secret)

    def __repr__(self) -> str:
        return "GroupKey(…)"


def is_number(value: object) -> TypeGuard[float]:
    """Whether ``value`` is a number, numpy's and pandas' included; a bool is none."""
    return isinstance(value, int | float | Real) and not isinstance(value, bool)


def is_whole(value: object) -> TypeGuard[int]:
    """The same for whole numbers."""
    return isinstance(value, int | Integral) and not isinstance(value, bool)


def whole(value: object, what: str) -> int:
    """``value`` as a plain int in 0..2**64-1; a bool, a float or anything else is refused by name."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{what} is a whole number from 0, not {value!r} ({type(value).__name__})")
    number = operator.index(value)  # the integers of numpy and pandas are whole numbers too
    if not 0 <= number <= LARGEST:
        raise ValueError(f"{what} is a whole number from 0 to 2**64-1, not {value!r}")
    return int(number)


class _Count(int):
    """What Index and Term have in common."""

    __slots__ = ()

    def __new__(cls, value: int = 0) -> Self:
        return super().__new__(cls, whole(value, cls.__name__))

    @classmethod
    def zero(cls) -> Self:
        """0: nothing yet."""
        return cls(0)

    @classmethod
    def one(cls) -> Self:
        """1: the first."""
        return cls(1)

    def is_zero(self) -> bool:
        """Whether this is 0, "nothing yet"."""
        return self == 0

    def prev(self) -> Self:
        """One less; 0 stays 0."""
        return type(self)(max(0, int(self) - 1))

    def next(self) -> Self:
        """One more; 2**64-1 stays."""
        return type(self)(min(LARGEST, int(self) + 1))

    def distance(self, other: int) -> int:
        """How far ``other`` is away, in either direction."""
        return abs(int(self) - whole(other, type(self).__name__))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({int(self)})"

    def __str__(self) -> str:
        return str(int(self))

    def __format__(self, spec: str) -> str:
        return format(int(self), spec)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (int(self),)


class Index(_Count):
    """A place in the log, from 1; 0 means nothing yet. Compares and hashes as a plain int."""

    __slots__ = ()


class Term(_Count):
    """A term of the protocol, from 1; 0 means no election yet. Compares and hashes as a plain int."""

    __slots__ = ()


@total_ordering
class Cursor:
    """A position in a log: frozen, ordered by (term, index); against an int it compares by its index alone."""

    __slots__ = ("_index", "_term")

    def __init__(self, term: int = 0, index: int = 0) -> None:
        object.__setattr__(self, "_term", Term(term))
        object.__setattr__(self, "_index", Index(index))

    @property
    def term(self) -> Term:
        """The term of the entry there."""
        return self._term  # type: ignore[attr-defined,no-any-return]

    @property
    def index(self) -> Index:
        """Its place in the log."""
        return self._index  # type: ignore[attr-defined,no-any-return]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a Cursor is frozen: make a new one instead of setting {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a Cursor is frozen: {name!r} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Cursor):
            return self.term == other.term and self.index == other.index
        if isinstance(other, int):
            return int(self.index) == other
        return NotImplemented

    def __lt__(self, other: Cursor | int) -> bool:
        if isinstance(other, Cursor):
            return (self.term, self.index) < (other.term, other.index)
        if isinstance(other, int):
            return int(self.index) < other
        return NotImplemented

    def __hash__(self) -> int:
        return hash(int(self.index))  # equal to the int it compares equal to

    def __int__(self) -> int:
        return int(self.index)

    def __repr__(self) -> str:
        return f"Cursor(term={int(self.term)}, index={int(self.index)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Cursor, (int(self.term), int(self.index))


class IndexRange:
    """The indexes from ``start`` to ``end``, both included."""

    __slots__ = ("_end", "_start")

    def __init__(self, start: int, end: int) -> None:
        first, last = Index(start), Index(end)
        if last < first:
            raise ValueError(f"IndexRange({int(first)}, {int(last)}) is empty: its end must not be before its start")
        object.__setattr__(self, "_start", first)
        object.__setattr__(self, "_end", last)

    @property
    def start(self) -> Index:
        """The first index."""
        return self._start  # type: ignore[attr-defined,no-any-return]

    @property
    def end(self) -> Index:
        """The last index, itself included."""
        return self._end  # type: ignore[attr-defined,no-any-return]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an IndexRange is frozen: make a new one instead of setting {name!r}")

    def __len__(self) -> int:
        return int(self.end) - int(self.start) + 1

    def __contains__(self, index: object) -> bool:
        return is_whole(index) and bool(self.start <= index <= self.end)

    def __iter__(self) -> Iterator[Index]:
        return (Index(i) for i in range(int(self.start), int(self.end) + 1))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IndexRange):
            return NotImplemented
        return self.start == other.start and self.end == other.end

    def __hash__(self) -> int:
        return hash((self.start, self.end))

    def __repr__(self) -> str:
        return f"IndexRange({int(self.start)}, {int(self.end)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return IndexRange, (int(self.start), int(self.end))


class Consistency(enum.Enum):
    """How fresh a query must be: WEAK asks this peer's machine as it stands, STRONG is linearizable."""

    WEAK = "weak"
    STRONG = "strong"


class Quorum(enum.Enum):
    """Whose majority counts: MEMBERS, the voters named beforehand; BONDED, the peers bonded at the moment."""

    MEMBERS = "members"
    BONDED = "bonded"


def choice(kind: type[ChoiceT], value: object) -> ChoiceT:
    """``value`` as a member of the enum ``kind``; its text is taken too."""
    if isinstance(value, kind):
        return value
    for member in kind:
        if isinstance(value, str) and member.value == value.lower():
            return member
    known = ", ".join(repr(member.value) for member in kind)
    raise ValueError(f"{kind.__name__} is one of {known}, not {value!r}")
