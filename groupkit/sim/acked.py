"""What was acknowledged at one peer of a bonded group, and whether it still stands: another history may win."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from groupkit.raft.log import Log

Place = tuple[int, int, int]  # (term, index of the first, how many)
Tell = Callable[..., None]


@dataclass(slots=True)
class Told:
    """One submission: its number, the index of its last command, its place. ``lost``: that much was said since."""

    number: int
    last: int
    place: Place
    lost: bool = False


class Acked:
    """The submissions whose success was told; ``tell("command", ...)`` writes down what becomes of them."""

    __slots__ = ("_doubtful", "_standing", "_tell")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._standing: list[Told] = []
        self._doubtful: list[Told] = []  # looked at whenever this peer has committed that far

    def add(self, number: int, last: int, place: Place) -> None:
        """The caller was told that it is committed."""
        self._standing.append(Told(number, last, place))

    def doubt(self) -> None:
        """What is committed here begins anew: who knows what will be found there."""
        self._doubtful += self._standing
        self._standing = []

    def removed(self, first: int) -> None:
        """Another history took the place of the entries from ``first`` on."""
        gone = [told for told in self._standing if told.last >= first]
        if gone:
            self._standing = [told for told in self._standing if told.last < first]
            self._doubtful += gone
        for told in self._doubtful:
            if told.last >= first and not told.lost:
                self._lose(told)

    def reached(self, index: int, log: Log) -> None:
        """Committed up to ``index``: what is in doubt up to there is there, or it is not."""
        if not self._doubtful:
            return
        doubtful, self._doubtful = self._doubtful, []
        for told in doubtful:
            if told.last > index:
                self._doubtful.append(told)
            elif log.stamp_at(told.last) == told.place[0]:
                self._standing.append(told)
                if told.lost:  # its history has won after all
                    told.lost = False
                    self._tell("command", told.number, "committed", told.place)
            else:
                self._doubtful.append(told)
                if not told.lost:
                    self._lose(told)

    def _lose(self, told: Told) -> None:
        told.lost = True
        self._tell("command", told.number, "reverted", f"index {told.last} was acknowledged, then lost to another history")
