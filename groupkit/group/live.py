"""What all handles on a running network have in common: there is one of each, and it cannot be taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, SupportsIndex


class Live:
    """Refuses to be copied or pickled, in words."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: it lives on its event loop. The same seed and calls "
            "build an equal one; what it recorded, its timeline, can be pickled, or saved by timeline.save(path)"
        )


class Asked(Live):
    """What one asks for something to await; awaited itself, it says so."""

    __slots__ = ()

    def _offers(self) -> str:
        return ", ".join(f"{name}(...)" for name in dir(type(self)) if not name.startswith("_"))

    if not TYPE_CHECKING:  # to a type checker it cannot be awaited at all

        def __await__(self) -> NoReturn:
            raise TypeError(f"{self!r} cannot be awaited itself: await one of {self._offers()}")
