"""What all handles on a running network have in common: there is one of each, and it cannot be taken elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex


class Live:
    """Refuses to be copied or pickled, in words."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} cannot be copied or pickled: it lives on its event loop. The same seed and calls "
            "build an equal one; what it recorded, its timeline, can be pickled, or saved by timeline.save(path)"
        )


class Near(Live):
    """What one takes for a group at times; asked for what only a group has, it says where that is."""

    __slots__ = ()
    _group_is_at = ""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            from groupkit.group.group import Group  # which knows all of these

            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name == "group" or (not name.startswith("_") and hasattr(Group, name)):
                text += f": it is {self._group_is_at}{'' if name == 'group' else '.' + name}"
            raise AttributeError(text, name=name, obj=self)


class Asked(Live):
    """What one asks for something to await; awaited itself, it says so."""

    __slots__ = ()

    def _offers(self) -> str:
        return ", ".join(f"{name}(...)" for name in dir(type(self)) if not name.startswith("_"))

    if not TYPE_CHECKING:  # to a type checker it cannot be awaited at all

        def __await__(self) -> NoReturn:
            raise TypeError(f"{self!r} cannot be awaited itself: await one of {self._offers()}")
