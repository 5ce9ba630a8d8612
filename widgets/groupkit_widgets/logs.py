"""The logs."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Logs(Live):
    """The logs of all peers, index below index."""

    parts: ClassVar[tuple[str, ...]] = ("logs",)
    _esm = script("peer.js", "ring.js", "logs.js")
    _css = source("base.css", "logs.css")
