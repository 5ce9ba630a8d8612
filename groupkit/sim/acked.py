"""What was acknowledged at one peer of a bonded group, and whether it still stands: another history may win."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from groupkit.raft.log import Ident, Log

Place = tuple[int, int, int]  # (term, index of the first, how many)
Tell = Callable[..., None]


@dataclass(slots=True)
class Told:
    """One submission: its number, its place, identity and index of its last command; ``lost``: that was said since."""

    number: int
    last: int
    place: Place
    ident: Ident
    lost: bool = False


class Acked:
    """The submissions whose success was told; ``tell("command", ...)`` writes down what becomes of them."""

    __slots__ = ("_standing", "_tell", "doubtful")

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._standing: list[Told] = []
        self.doubtful: list[Told] = []  # looked at whenever this peer has committed that far

    def add(self, number: int, place: Place, ident: Ident) -> None:
        """The caller was told that it is committed; ``ident`` is that of the last command."""
        self._standing.append(Told(number, place[1] + place[2] - 1, place, ident))

    def doubt(self) -> None:
        """What is committed here begins anew: who knows what will be found there."""
        self.doubtful += self._standing
        self._standing = []

    def removed(self, first: int) -> None:
        """Another history took the place of the entries from ``first`` on."""
        gone = [told for told in self._standing if told.last >= first]
        if gone:
            self._standing = [told for told in self._standing if told.last < first]
            self.doubtful += gone
        for told in self.doubtful:
            if told.last >= first and not told.lost:
                self._lose(told)

    def reached(self, old: int, index: int, log: Log) -> None:
        """Committed from ``old`` up to ``index``: what is in doubt up to there is there, or it is not."""
        doubtful, self.doubtful = self.doubtful, []
        newly = log.entries[max(old - log.base, 0) : max(index - log.base, 0)]
        known = {entry[2]: place for place, entry in enumerate(newly, max(old, log.base) + 1)}
        for told in doubtful:
            if told.lost and told.ident in known:  # it was sent to more than one leader, and another history has it too
                told.last = known[told.ident]
                told.place = (log.term_at(told.last), told.last - told.place[2] + 1, told.place[2])
            if told.last <= index and log.stamp_at(told.last) == told.place[0]:
                self._standing.append(told)
                if told.lost:
                    told.lost = False
                    self._tell("command", told.number, "committed", told.place)
                continue
            self.doubtful.append(told)
            if told.last <= index and not told.lost:
                self._lose(told)

    def _lose(self, told: Told) -> None:
        told.lost = True
        why = f"index {told.last} was acknowledged, then lost to another history"
        self._tell("command", told.number, "reverted", why)
