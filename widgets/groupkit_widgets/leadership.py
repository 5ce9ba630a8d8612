"""The leadership strip."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Leadership(Live):
    """Who led when, one band a reign; a click looks back."""

    parts: ClassVar[tuple[str, ...]] = ("leadership",)
    _esm = script("peer.js", "leadership.js")
    _css = source("base.css", "leadership.css")
