"""Time waits while somebody reads a message: who reads, and that the group goes on when nobody does any more.

A page may be gone without a word, so it says again and again that it still reads; one that was not heard for ``LEASE``
seconds of wall time counts as gone.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
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
        self._holds: dict[Reader, Any] = {}  # what the clock gave each of them
        self._until: dict[Reader, float] = {}
        self._handle: asyncio.TimerHandle | None = None

    def hold(self, reader: Reader) -> None:
        """Stop time until this reader has done. What a user has paused stays so after that."""
        network = self._network()
        if network is None:
            return
        former = self._holds.get(reader)
        if former is None or not former.holds:
            self._holds[reader] = network.clock.hold()
        self._until[reader] = asyncio.get_running_loop().time() + LEASE
        self._look_later()

    def renew(self, reader: Reader) -> None:
        """It still reads."""
        if reader in self._until:
            self._until[reader] = asyncio.get_running_loop().time() + LEASE

    def release(self, readers: Iterable[Reader]) -> None:
        """These do not read any more: after the last of them time goes on."""
        for reader in readers:
            if self._until.pop(reader, None) is not None:
                self._holds.pop(reader).release()
        if not self._until:
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
