"""Which states can still become which while nobody overwrites: the lines along which needed states are reached."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Protocol

from .sameness import Token

Need = tuple[Token, int]  # the state an operation needs, and the operation's place in the order of calls


class Lines(Protocol):
    """Needs, sorted so that those on the line of one state stand side by side.

    `places`: the place in the order of calls of each need.
    """

    places: list[int]

    def span(self, state: Token) -> range:
        """Which of the needs this state meets or may grow to meet."""

    def leads(self, state: Token, need: Token) -> bool:
        """Whether this state is that needed one, or may grow to be."""

    def restarts(self, state: Token) -> list[Token]:
        """The given states from which a need of this one could be met again, and perhaps a few more."""


class SameLines:
    """For values that are only ever overwritten: a state meets its own needs, and grows to nothing else."""

    def __init__(self, needs: Iterable[Need], gifts: Iterable[Token]) -> None:
        self._gifts = set(gifts)
        self.places: list[int] = []
        self._spans: dict[Token, range] = {}
        groups: dict[Token, list[int]] = {}
        for need, place in needs:
            groups.setdefault(need, []).append(place)
        for need, places in groups.items():
            self._spans[need] = range(len(self.places), len(self.places) + len(places))
            self.places += places

    def span(self, state: Token) -> range:
        return self._spans.get(state, range(0))

    def leads(self, state: Token, need: Token) -> bool:
        return state == need

    def restarts(self, state: Token) -> list[Token]:
        return [state] if state in self._gifts else []


class PrefixLines:
    """For text that grows at its end: a state may grow into every text that begins with it. All tokens are of text."""

    def __init__(self, needs: Iterable[Need], gifts: Iterable[Token]) -> None:
        ordered = sorted((_text(need), place) for need, place in needs)
        self.places = [place for _, place in ordered]
        self._needs = [need for need, _ in ordered]
        following = [*self._needs[1:], None]
        self._longest = [need for need, after in zip(self._needs, following) if not (after and after.startswith(need))]
        self._gifts = sorted({_text(gift) for gift in gifts})
        self._lengths = sorted({len(gift) for gift in self._gifts})
        self._known = set(self._gifts)

    def span(self, state: Token) -> range:
        return _beginning_with(_text(state), self._needs)

    def leads(self, state: Token, need: Token) -> bool:
        return _text(need).startswith(_text(state))

    def restarts(self, state: Token) -> list[Token]:
        text = _text(state)
        longer = [self._gifts[place] for place in _beginning_with(text, self._gifts)]
        starts = {text[:length] for length in self._lengths if length < len(text)}
        return [("str", gift) for gift in (*longer, *(starts & self._known))]

    def is_part(self, text: str) -> bool:
        """Whether this text occurs in any needed one."""
        return any(text in need for need in self._longest)


def _text(state: Token) -> str:
    return str(state[1])


def _beginning_with(text: str, ordered: list[str]) -> range:
    start = bisect_left(ordered, text)
    return range(start, bisect_right(ordered, text, lo=start, key=lambda other: other[: len(text)]))
