"""The feed."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Feed(Live):
    """What happened and why, in sentences."""

    parts: ClassVar[tuple[str, ...]] = ("feed",)
    _esm = script("feed.js")
    _css = source("base.css", "feed.css")
