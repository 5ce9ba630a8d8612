"""The commit plot."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class CommitPlot(Live):
    """Committed index of each peer over virtual time, and behind it why it looks so."""

    parts: ClassVar[tuple[str, ...]] = ("commits",)
    _esm = script("peer.js", "ring.js", "story.js", "commit_words.js", "commit_plot.js")
    _css = source("base.css", "commit_plot.css")
