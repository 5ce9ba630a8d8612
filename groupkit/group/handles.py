"""What a verb hands over to be turned further: a wire, and a rule that drops messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from groupkit.group.live import Live
from groupkit.raft.ids import PeerId
from groupkit.sim import checks, faults
from groupkit.sim.links import DropRule
from groupkit.sim.links import Link as Wire

if TYPE_CHECKING:
    from groupkit.group.faults import Faults


class Link(Live):
    """The wire from one peer to another, in that direction only. Setting an attribute takes effect at once.

    ``latency``: seconds, or (low, high); ``loss``, ``duplicate``, ``reorder``: fractions from 0 to 1.
    """

    __slots__ = ("_network", "_wire")

    def __init__(self, network: Faults, wire: Wire) -> None:
        self._network = network
        self._wire = wire

    @property
    def src(self) -> PeerId:
        """Where it begins."""
        return PeerId(self._wire.src)

    @property
    def dst(self) -> PeerId:
        """Where it ends."""
        return PeerId(self._wire.dst)

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._wire.cut is not None

    @property
    def latency(self) -> tuple[float, float]:
        """(low, high) in seconds: each message takes a time drawn evenly from between them."""
        return self._wire.low, self._wire.low + self._wire.span

    @latency.setter
    def latency(self, value: float | tuple[float, float]) -> None:
        self._tune("latency", value)

    @property
    def loss(self) -> float:
        """The fraction of messages that is lost."""
        return self._wire.loss

    @loss.setter
    def loss(self, value: float) -> None:
        self._tune("loss", value)

    @property
    def duplicate(self) -> float:
        """The fraction of messages that arrives twice."""
        return self._wire.duplicate

    @duplicate.setter
    def duplicate(self, value: float) -> None:
        self._tune("duplicate", value)

    @property
    def reorder(self) -> float:
        """The fraction of messages that is held up and may be overtaken."""
        return self._wire.reorder

    @reorder.setter
    def reorder(self, value: float) -> None:
        self._tune("reorder", value)

    def _tune(self, name: str, value: Any) -> None:
        self._network._enter(f"link({self.src!r}, {self.dst!r})")
        value = checks.latency_range(value) if name == "latency" else checks.fraction(value, name)
        self._network._journal("link", self._wire.src, self._wire.dst, name, value)
        faults.tune(self._network._world, self._wire, name, value)
        self._network._touched()

    def __repr__(self) -> str:
        low, high = self.latency
        cut = ", cut" if self.is_cut else ""
        return (
            f"<link {self.src}→{self.dst}: {low * 1000:g}–{high * 1000:g} ms, loss {self.loss:g}, "
            f"duplicate {self.duplicate:g}, reorder {self.reorder:g}{cut}>"
        )


class Dropping(Live):
    """A rule that drops messages; ``remove()`` ends it."""

    __slots__ = ("_network", "_rule")

    def __init__(self, network: Faults, rule: DropRule) -> None:
        self._network = network
        self._rule = rule

    @property
    def active(self) -> bool:
        """Whether it still drops; a predicate that raised was switched off."""
        return self._rule.active

    def remove(self) -> None:
        """Drop nothing more. Twice is harmless."""
        self._network._enter("remove()")
        self._network._journal("undrop", getattr(self._rule.predicate, "__name__", "rule"))
        faults.undrop(self._network._world, self._rule)

    def __repr__(self) -> str:
        return f"<drop rule {self._rule.name!r}, {'active' if self.active else 'over'}>"
