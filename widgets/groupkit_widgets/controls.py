"""The controls."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Controls(Live):
    """Pause, step, pace; write, heal, split off; and the state of the group in words."""

    parts: ClassVar[tuple[str, ...]] = ("controls",)
    _esm = script("timings.js", "controls.js")
    _css = source("base.css", "controls.css")
