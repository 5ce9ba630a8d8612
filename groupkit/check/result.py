"""What came of a check: a truth value, and everything worth knowing about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .narrow import Failure
from .operation import Operation

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Undecided(RuntimeError):
    """The check ended before the verdict was certain, so the result is neither true nor false."""


@dataclass(frozen=True, eq=False, repr=False)
class LinearizabilityResult:
    """The result of `linearizable`: true, false, or, when a budget ran out, neither.

    `linearizable`: True, False or None (not known). `unknown`: whether it is None.
    `history`: the operations, as given. `model`: the name of its class. `parts`: how many parts were judged apart.
    `steps`: the work done, in questions to the model.
    `undecided`: the keys of the parts that were not decided, on a failure: not up to the end of the failing prefix.
    `order`: an order that explains the history; on a failure, one that explains `prefix` without its last event.
    Operations that never returned are in it only if they took effect.
    """

    linearizable: bool | None
    history: tuple[Operation, ...]
    model: str
    keyed: bool
    parts: int
    undecided: tuple[Any, ...]
    steps: int
    order: tuple[Operation, ...]
    failure: Failure | None = field(default=None)

    def __bool__(self) -> bool:
        if self.linearizable is None:
            raise Undecided(f"{self.explanation}")
        return self.linearizable

    @property
    def unknown(self) -> bool:
        """Whether the budget ran out before the verdict was certain."""
        return self.linearizable is None

    @property
    def exhaustive(self) -> bool:
        """Whether every part was searched to its end (on a failure: to the end of the failing prefix)."""
        return not self.undecided

    @property
    def prefix(self) -> tuple[Operation, ...]:
        """The shortest failing prefix, in the order of calls; empty if nothing failed.

        It holds what had been seen of the failing part when its first inexplicable return came: operations that
        returned later are in it as not returned. It fails alone, and without its last return it would not.
        """
        return self.failure.prefix if self.failure is not None else ()

    @property
    def failed(self) -> Operation | None:
        """The operation whose return ends the prefix."""
        return self.failure.failed if self.failure is not None else None

    @property
    def key(self) -> Any:
        """The key of the part that failed; None if nothing failed or the model has no keys."""
        return self.failure.key if self.failure is not None else None

    @property
    def states(self) -> tuple[Any, ...]:
        """Some of the states that orders of the other operations lead to when `failed` must have taken effect."""
        return self.failure.states if self.failure is not None else ()

    @property
    def shortest(self) -> bool:
        """Whether no shorter prefix of the failing part fails; False if that would have taken too long to find out.

        Another part may fail sooner only if its key is in `undecided`.
        """
        return self.failure is not None and self.failure.shortest

    @property
    def explanation(self) -> str:
        """The verdict and its reason, in words."""
        from .words import explain

        return explain(self)

    def plot(self, ax: Axes | None = None, *, limit: int = 60) -> Axes:
        """Draws calls as bars from call to return, one row per client; returns the matplotlib `Axes`.

        Drawn is the failing prefix with the failing call marked, or the history if nothing failed; of long ones the
        last `limit` calls of the prefix, the first of the history. A tick marks where in `order` a call took effect.
        """
        from .picture import plot

        return plot(self, ax, limit)

    def _repr_html_(self) -> str:
        from .html import page

        return page(self)

    def __str__(self) -> str:
        return self.explanation

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.explanation}>"
