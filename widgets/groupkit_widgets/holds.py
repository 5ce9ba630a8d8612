"""Time waits while somebody reads a message: who reads, and that the group goes on when nobody does any more.

A page may be gone without a word, so it says again and again that it still reads; one that was not heard for ``LEASE``
seconds of wall time counts as gone.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from groupkit import Network

LEASE = 6.0  # seconds of wall time
LATE = 1.0  # so late, and the loop itself was held up: then no page could be heard

Reader = tuple[str, str]  # picture, page


class Holds:
    """Who holds one network's time. All of its pictures share one; everything runs on the group's own loop."""

    def __init__(self, network: Network) -> None:
        self._network = weakref.ref(network)
        self._until: dict[Reader, float] = {}
        self._mark = 0  # rows of the recorder when time was stopped
        self._handle: asyncio.TimerHandle | None = None

    def hold(self, reader: Reader) -> None:
        """Stop time until this reader has done. What a user had paused is left as it is."""
        network = self._network()
        if network is None or (network.clock.paused and not self._until):
            return
        if not network.clock.paused:
            network.clock.pause()
            self._mark = network.recorder.count
        self._until[reader] = asyncio.get_running_loop().time() + LEASE
        self._look_later()

    def renew(self, reader: Reader) -> None:
        """It still reads."""
        if reader in self._until:
            self._until[reader] = asyncio.get_running_loop().time() + LEASE

    def release(self, readers: Iterable[Reader]) -> None:
        """These do not read any more: after the last of them time goes on."""
        had = bool(self._until)
        for reader in readers:
            self._until.pop(reader, None)
        if self._until or not had:
            return
        self._forget()
        network = self._network()
        if network is None or network.view(wires=False)["ended"]:
            return
        _, since = network.recorder.since(self._mark)
        if not any(row[1] == "pace" and not row[3] for row in since):  # nobody else has stopped it meanwhile
            network.clock.resume()

    def hand_over(self) -> None:
        """A user has paused: time stands still on nobody else's behalf."""
        self._until.clear()
        self._forget()

    def of(self, picture: str) -> list[Reader]:
        """The readers of one picture."""
        return [reader for reader in self._until if reader[0] == picture]

    def _forget(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look_later(self) -> None:
        loop = asyncio.get_running_loop()
        if self._handle is None and self._until:
            due = min(self._until.values())
            self._handle = loop.call_at(due, _look, weakref.ref(self), due)

    def _look(self, due: float) -> None:
        self._handle = None
        now = asyncio.get_running_loop().time()
        if now > due + LATE:
            self._until = dict.fromkeys(self._until, now + LEASE)
        self.release([reader for reader, until in self._until.items() if until <= now])
        self._look_later()


def _look(ref: weakref.ref[Holds], due: float) -> None:
    holds = ref()
    if holds is not None:
        holds._look(due)


_all: WeakKeyDictionary[Network, Holds] = WeakKeyDictionary()


def holds_of(network: Network) -> Holds:
    """Those of this network."""
    if network not in _all:
        _all[network] = Holds(network)
    return _all[network]
