"""``group.bonds()``: the live view of who this peer is bonded with."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import TYPE_CHECKING

from groupkit.group.live import Live
from groupkit.group.wait import Wait
from groupkit.raft.ids import PeerId

if TYPE_CHECKING:
    from groupkit.group.group import Group


class Bond(Live):
    """The connection of two peers of one group, seen from one of them."""

    __slots__ = ("_group", "_peer", "_serial")

    def __init__(self, group: Group, peer: str, serial: int) -> None:
        self._group = group
        self._peer = peer
        self._serial = serial

    def peer_id(self) -> PeerId:
        """The peer on the other side."""
        return PeerId(self._peer)

    def id(self) -> int:
        """A number that is equal on both sides, and another one after the bond was torn down and made again."""
        return self._serial

    def is_up(self) -> bool:
        """Whether this very bond is still there, on this side."""
        end = self._group._host.bonds.get(self._peer)
        return end is not None and end.serial == self._serial

    def cut(self) -> None:
        """Cut the wire under it, both ways; the bond itself falls once it has missed its heartbeats."""
        self._group.network.cut(self._group.peer_id(), self._peer)

    def heal(self) -> None:
        """Mend the wire under it; if the bond had fallen, the two peers make a new one by themselves."""
        self._group.network.heal(self._group.peer_id(), self._peer)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bond) and (self._serial, self._peer) == (other._serial, other._peer)

    def __hash__(self) -> int:
        return hash((self._serial, self._peer))

    def __repr__(self) -> str:
        state = "up" if self.is_up() else "down"
        return f"<bond {self._serial} of {self._group.peer_id()} with {self._peer}, {state}>"


class Bonds(Live):
    """Live: every look shows the bonds of that moment, ordered by peer id. Iteration walks over a snapshot."""

    __slots__ = ("_group",)

    def __init__(self, group: Group) -> None:
        self._group = group

    def __iter__(self) -> Iterator[Bond]:
        return self.iter()

    def iter(self) -> Iterator[Bond]:
        """The bonds of this moment."""
        ends = self._group._host.bonds
        return iter([Bond(self._group, peer, ends[peer].serial) for peer in sorted(ends)])

    def __len__(self) -> int:
        return len(self._group._host.bonds)

    def __contains__(self, peer: object) -> bool:
        name = peer.peer_id() if isinstance(peer, Bond) else getattr(peer, "id", peer)
        return name in self._group._host.bonds

    def get(self, peer: str) -> Bond | None:
        """The bond with ``peer``, or None: there is none now. Unknown peer: ``UnknownPeer``."""
        name = self._group._known_peer(peer)
        end = self._group._host.bonds.get(name)
        return None if end is None else Bond(self._group, name, end.serial)

    def changed(self, *, timeout: float | None = None) -> Wait[Bonds]:
        """EDGE. The next bond that comes up or goes down, subscribed at the call: resolves with this view."""
        wait: Wait[Bonds] = self._group.when()._wait("bonds().changed()", timeout)
        self._group._ear().bonded.add(wait, lambda: self)
        return wait

    def __repr__(self) -> str:
        names = ", ".join(sorted(self._group._host.bonds)) or "nobody"
        return f"<bonds of {self._group.peer_id()}: {names}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(bond.peer_id())}</td><td>{bond.id()}</td></tr>" for bond in self.iter())
        me = html.escape(self._group.peer_id())
        return f"<table><caption>bonds of {me}</caption><tr><th>peer</th><th>bond</th></tr>{rows}</table>"
