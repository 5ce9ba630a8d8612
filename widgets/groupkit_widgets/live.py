"""What all pictures have in common: they are told frames by the kernel, and tell it what was clicked.

Everything goes as messages, never as synced traits, and whatever touches the group runs on the group's own loop: the
front end may deliver a click on any thread.
"""

from __future__ import annotations

import asyncio
import math
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import anywidget
import traitlets

from groupkit import Network
from groupkit_widgets import answers, past, still
from groupkit_widgets.hands import Hands, writes
from groupkit_widgets.holds import holds_of
from groupkit_widgets.reel import Reel
from groupkit_widgets.told import Told

FRAME = 0.05  # seconds of wall time between two frames: 20 a second
IDLE = 0.1  # between two frames that tell the time only
SHARE = 12  # what a frame cost is followed by so many times that without one: large groups stay usable
BREATH = 0.01  # between two pieces of the past
UNREAD = 240  # frames a page may leave unread before it counts as gone

ASKED: dict[str, Callable[[Network, dict[str, Any]], Told]] = {  # what is answered at once, and changes nothing
    "tell": lambda network, asked: {"k": "told", **answers.message(network, int(asked["number"]))},
    "mail": lambda network, asked: past.mail(network, float(asked["time"])),
    "ballots": lambda network, asked: past.ballots(network, float(asked["time"]), list(map(str, asked["peers"]))),
    "recipe": lambda network, _: {"k": "cell", "text": answers.recipe(network)},
}


@cache
def source(*names: str) -> str:
    """The files of these names in this folder, one behind the other."""
    return "\n".join((Path(__file__).parent / name).read_text(encoding="utf-8") for name in names)


def script(*parts: str) -> str:
    """One ES module: what is common, these parts, and what puts them together."""
    common = ("base.js", "moment.js", "history.js", "flight.js", "store.js", "reach.js", "axis.js")
    return source(*common, *parts, "mount.js")


def kernel_note() -> str:
    """What will not work in this kernel, in one line; empty where all is well."""
    kernel = sys.modules.get("ipykernel")
    version = getattr(kernel, "version_info", (7, 4))[:2]
    if version >= (7, 4):
        return ""
    return f"ipykernel {version[0]}.{version[1]}: clicks may wait until the cell ends; from 7.4 on they do not"


class Page:
    """One page in a browser that shows a widget."""

    __slots__ = ("read", "shown")

    def __init__(self, read: int) -> None:
        self.read = read  # the last frame it said it had
        self.shown = False


class Live(anywidget.AnyWidget):
    """A live picture of a cluster. It follows by itself, and stands still when the cluster has ended."""

    parts: ClassVar[tuple[str, ...]] = ()

    _parts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _uid = traitlets.Unicode().tag(sync=True)

    # A picture that was refused at the door is closed like any other.
    _handle: asyncio.TimerHandle | None = None
    _network: Network | None = None
    _reel: Reel | None = None

    def __init__(self, cluster: Network) -> None:
        if not isinstance(cluster, Network):
            raise TypeError(f"{type(self).__name__} takes a Cluster (or a Network with one group), not {cluster!r}")
        self._network = cluster
        self._known = weakref.ref(cluster)
        self._reel = Reel(cluster, says="feed" in self.parts, messages="topology" in self.parts)
        self._hands = Hands()
        self._pages: dict[str, Page] = {}
        self._sequence = 0
        self._sent_at = -math.inf
        self._last: Told | None = None  # the full picture of a cluster that has ended
        super().__init__(_parts=list(self.parts), _uid=uuid4().hex)
        self.on_msg(_heard)

    # -- from the page -------------------------------------------------------------------------------------------

    def _answer(self, asked: dict[str, Any]) -> None:
        """A message of a page, on the group's loop."""
        if self.comm is None:
            return
        does = {"open": self._open, "show": self._show, "hide": self._hide, "close": self._leave, "ack": self._ack}
        name = asked.get("do", "")
        if name in does:
            does[name](asked)
            return
        network, back = self._known(), {"id": asked.get("id"), "page": asked.get("page", "")}
        try:
            if network is None:
                raise LookupError("this cluster is gone: run the cell that makes it again")
            if name in ASKED:
                self.send({**ASKED[name](network, asked), **back})
                return
            if name == "past":
                self._send_past(past.rows(network, float(asked["time"]), float(asked["until"])), back)
                return
            line = "" if self._holds(network, asked) else self._hands.do(network, asked)
        except Exception as error:
            self.send({"k": "error", "text": f"{type(error).__name__}: {error}", **back})
        else:
            self.send({"k": "done", "line": line, **back})
            if self._handle is not None:  # what somebody did is not kept waiting for the next frame
                self._handle.cancel()
                self._handle = None
            self._tick_soon()

    def _holds(self, network: Network, asked: dict[str, Any]) -> bool:
        """Whether this was about time that waits for a reader; none of it is a line of the script."""
        holds, reader = holds_of(network), (self._uid, str(asked.get("page", "")))
        name = asked.get("do")
        if name == "hold":
            holds.hold(reader)
        elif name == "holding":
            holds.renew(reader)
        elif name == "release":
            holds.release([reader])
        return name in ("hold", "holding", "release")

    def _open(self, asked: dict[str, Any]) -> None:
        self._page(asked)
        self._send_full()

    def _show(self, asked: dict[str, Any]) -> None:
        page = self._page(asked)
        page.shown = True
        if asked.get("n", -1) not in (-1, self._sequence):
            self._send_full()
        self._tick_soon()

    def _hide(self, asked: dict[str, Any]) -> None:
        self._page(asked).shown = False

    def _leave(self, asked: dict[str, Any]) -> None:
        page, network = str(asked.get("page", "")), self._known()
        self._pages.pop(page, None)
        if network is not None:
            holds_of(network).release([(self._uid, page)])
        if not self._pages:
            self._network = None  # nobody looks: this picture no longer keeps its cluster alive

    def _ack(self, asked: dict[str, Any]) -> None:
        gone = asked.get("page", "") not in self._pages
        page = self._page(asked)
        page.read = max(page.read, int(asked.get("n", 0)))
        if gone:  # it reads after all
            page.shown = True
            self._send_full()
            self._tick_soon()

    def _page(self, asked: dict[str, Any]) -> Page:
        page = self._pages.setdefault(str(asked.get("page", "")), Page(self._sequence))
        if self._reel is not None:
            self._network = self._known()
        return page

    # -- to the pages --------------------------------------------------------------------------------------------

    def _send_full(self) -> None:
        network = self._known()
        if network is not None and self._reel is not None:
            frame = self._reel.full(network)
            self._send_frame(frame)
        elif self._last is not None:
            self._send_frame(self._last)

    def _send_frame(self, frame: Told) -> None:
        self._sequence += 1
        frame["n"] = self._sequence
        if self._reel is not None and "meta" in frame:
            frame["meta"].update(writes=writes(frame["meta"]["machine"]), note=kernel_note())
        if "meta" in frame:
            frame["script"] = list(self._hands.lines)
        if self._reel is not None:
            self._reel.told(frame)
        self._sent_at = time.monotonic()
        self.send(frame)

    def _send_past(self, pieces: Iterator[dict[str, Any]], back: dict[str, Any]) -> None:
        """Piece by piece, with the group's own turns in between."""
        piece = next(pieces, None)
        if piece is not None and self.comm is not None:
            self.send({**piece, **back})
            asyncio.get_running_loop().call_later(BREATH, self._send_past, pieces, back)

    @property
    def _watched(self) -> bool:
        for name, page in list(self._pages.items()):
            if page.shown and self._sequence - page.read > UNREAD:
                del self._pages[name]
        return any(page.shown for page in self._pages.values())

    def _tick_soon(self, after: float = 0.0) -> None:
        if self._handle is None and self._reel is not None:  # who has ended has nothing more to tell
            self._handle = asyncio.get_running_loop().call_later(after, _tick, weakref.ref(self))

    def _tick(self) -> None:
        self._handle = None
        network = self._known()
        if network is None or self._reel is None or self.comm is None or not self._watched:
            return
        began = time.thread_time()
        frame = self._reel.delta(network)
        if frame is not None and (frame["news"] or time.monotonic() - self._sent_at >= IDLE * 0.9):
            self._send_frame(frame)
        if network.view(wires=False)["ended"]:
            self._end(network)
            return
        took = time.thread_time() - began
        self._tick_soon(max(FRAME - took, took * SHARE))

    def _end(self, network: Network) -> None:
        """The cluster was closed: keep its last picture, and let go of the cluster itself."""
        assert self._reel is not None
        self._last = self._reel.full(network)
        self._last["meta"].update(writes=False, note="")
        self._network = self._reel = None

    def close(self) -> None:
        """Take the picture away."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
        network = self._network
        if network is not None:
            holds_of(network).release(holds_of(network).of(self._uid))
        self._network = self._reel = None
        super().close()

    # -- without a kernel ----------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        network = self._known()
        about = repr(network) if network is not None else "a cluster that has ended"
        return f"<{type(self).__name__} of {about}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        network = self._known()
        if bundle is None or network is None:
            return bundle
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        text, svg = still.text(network), still.svg(network, self.parts)
        return {**data, "text/plain": text, "image/svg+xml": svg}, metadata


def _heard(widget: Live, content: dict[str, Any], buffers: Any) -> None:
    """A message has come, on whatever thread the front end chose."""
    network = widget._known()
    if network is None:
        widget._answer(content)
        return
    try:
        network.post(widget._answer, content)
    except RuntimeError as error:
        widget.send({"k": "error", "id": content.get("id"), "text": str(error)})


def _tick(ref: weakref.ref[Live]) -> None:
    widget = ref()
    if widget is not None:
        widget._tick()
