"""What all handles on a running network have in common: there is one of each, and it cannot be taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self, SupportsIndex


class Live:
    """Refuses to be copied or pickled, in words."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: it lives on its event loop. The same seed and calls "
            "build an equal one; what it recorded, its timeline, can be pickled, or saved by timeline.save(path)"
        )


class Near(Live):
    """What one takes for a group, or for something else next to it, at times; asked for what only that has, it says
    where it is."""

    __slots__ = ()

    def _where(self, name: str) -> str:
        """The place of what is called ``name``, or ""."""
        raise NotImplementedError

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(_absent(self, name), name=name, obj=self)


class Elsewhere:
    """An attribute that is neither here nor can be set here: what would be set without any effect is refused."""

    __slots__ = ("_name",)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, thing: Near | None, owner: type | None = None) -> Self:
        if thing is None:
            return self
        raise AttributeError(self._name)  # and so __getattr__ is asked

    def __set__(self, thing: Near, value: object) -> NoReturn:
        raise AttributeError(_absent(thing, self._name), name=self._name, obj=thing)


def _absent(thing: Near, name: str) -> str:
    place = "" if name.startswith("_") else thing._where(name)
    return f"{type(thing).__name__!r} object has no attribute {name!r}" + (f": it is {place}" if place else "")


class Asked(Live):
    """What one asks for something to await; awaited itself, it says so."""

    __slots__ = ()

    def _offers(self) -> str:
        return ", ".join(f"{name}(...)" for name in dir(type(self)) if not name.startswith("_"))

    if not TYPE_CHECKING:  # to a type checker it cannot be awaited at all

        def __await__(self) -> NoReturn:
            raise TypeError(f"{self!r} cannot be awaited itself: await one of {self._offers()}")
