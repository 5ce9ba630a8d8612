"""Who waits for what at one peer: every transition is shown to everybody who wants to hear of it."""

from __future__ import annotations

import heapq
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from groupkit.group.pump import Pump
from groupkit.group.wait import Wait

NOT_YET: Final = object()
Check = Callable[..., Any]  # given what changed, the result to resolve with, or NOT_YET


class Topic:
    """The waits for one kind of transition. A wait that was dropped un-awaited is forgotten with its last reference."""

    __slots__ = ("_sweep", "waits")

    def __init__(self) -> None:
        self.waits: list[tuple[weakref.ref[Wait[Any]], Check]] = []
        self._sweep = 64

    def add(self, wait: Wait[Any], check: Check) -> None:
        """``wait`` will be resolved by the first transition that ``check`` accepts."""
        self.waits.append((weakref.ref(wait), check))
        if len(self.waits) > self._sweep:
            self.waits = [entry for entry in self.waits if _alive(entry[0])]
            self._sweep = 2 * len(self.waits) + 64

    def tell(self, *news: Any) -> None:
        """A transition: resolve those it satisfies, keep the others."""
        if not self.waits:
            return
        kept = []
        for entry in self.waits:
            wait = entry[0]()
            if wait is None or wait.done():
                continue
            result = entry[1](*news)
            if result is NOT_YET:
                kept.append(entry)
            else:
                wait.resolve(result)
        self.waits = kept

    def fail(self, error: BaseException) -> None:
        """It is over: let all of them raise ``error``."""
        waits, self.waits = self.waits, []
        for ref, _ in waits:
            wait = ref()
            if wait is not None:
                wait.fail(error)


class Reaching:
    """Waits for an index to be reached, the lowest first: an advance looks only at those it satisfies."""

    __slots__ = ("_serial", "_sweep", "heap")

    def __init__(self) -> None:
        self.heap: list[tuple[int, int, weakref.ref[Wait[Any]]]] = []
        self._serial = 0
        self._sweep = 64

    def add(self, index: int, wait: Wait[Any]) -> None:
        """``wait`` will be resolved once ``index`` is reached."""
        self._serial += 1
        heapq.heappush(self.heap, (index, self._serial, weakref.ref(wait)))
        if len(self.heap) > self._sweep:
            self.heap = [entry for entry in self.heap if _alive(entry[2])]
            heapq.heapify(self.heap)
            self._sweep = 2 * len(self.heap) + 64

    def tell(self, index: int, value: Callable[[], Any]) -> None:
        """``index`` is reached; ``value()`` is what those who waited get."""
        while self.heap and self.heap[0][0] <= index:
            wait = heapq.heappop(self.heap)[2]()
            if wait is not None:
                wait.resolve(value())

    def fail(self, error: BaseException) -> None:
        """It is over."""
        heap, self.heap = self.heap, []
        for _, _, ref in heap:
            wait = ref()
            if wait is not None:
                wait.fail(error)


class Streams:
    """The iterators over one kind of transition; one that was dropped is forgotten."""

    __slots__ = ("refs",)

    def __init__(self) -> None:
        self.refs: list[weakref.ref[Stream]] = []

    def add(self, stream: Stream) -> None:
        """``stream`` gets every value from now on."""
        self.refs.append(weakref.ref(stream))

    def push(self, value: Any) -> None:
        """One more transition for all of them."""
        for ref in list(self.refs):
            stream = ref()
            if stream is None:
                self.refs.remove(ref)
            else:
                stream.push(value)

    def fail(self, error: BaseException) -> None:
        """It is over."""
        for ref in self.refs:
            stream = ref()
            if stream is not None:
                stream.fail(error)


class Stream:
    """Every transition from the subscription on, in order: the iterator behind ``async for value in watcher``."""

    def __init__(self, pump: Pump, what: str) -> None:
        self._pump = pump
        self._what = what
        self._values: deque[Any] = deque()
        self._wait: Wait[None] | None = None
        self._error: BaseException | None = None

    def push(self, value: Any) -> None:
        """One more transition."""
        self._values.append(value)
        if self._wait is not None:
            self._wait.resolve(None)

    def fail(self, error: BaseException) -> None:
        """The last one was the last one."""
        self._error = error
        if self._wait is not None:
            self._wait.resolve(None)

    def __aiter__(self) -> Stream:
        return self

    def __repr__(self) -> str:
        return f"<async for over {self._what}: {len(self._values)} not taken yet>"

    async def __anext__(self) -> Any:
        while not self._values:
            if self._error is not None:
                raise self._error
            self._wait = Wait(self._pump, self._what)
            await self._wait
        return self._values.popleft()


def _alive(ref: weakref.ref[Wait[Any]]) -> bool:
    wait = ref()
    return wait is not None and not wait.done()


def expire(pump: Pump, wait: Wait[Any], timeout: float, error: Callable[[], BaseException]) -> None:
    """Let ``wait`` fail with ``error()`` unless it is done within ``timeout`` virtual seconds."""
    ref = weakref.ref(wait)

    def expired() -> None:
        late = ref()
        if late is not None and not late.done():
            late.fail(error())

    pump.world.alarm(pump.world.now + timeout, expired)
    pump.touched()
