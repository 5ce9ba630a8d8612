"""All of it in one picture."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Dashboard(Live):
    """A cluster to watch and to touch: controls, ring, commit plot, leadership, logs and feed over one shared time.

    It follows by itself, also while a cell awaits; a click does at once what the verb of that name does.
    """

    parts: ClassVar[tuple[str, ...]] = ("controls", "topology", "commits", "leadership", "logs", "feed")
    _esm = script(
        "menu.js", "hold.js", "gestures.js", "buttons.js", "ring.js", "peer.js", "messages.js", "topology.js",
        "story.js", "commit_words.js", "commit_plot.js", "leadership.js", "logs.js", "feed.js", "timings.js",
        "controls.js",
    )  # fmt: skip
    _css = source(
        "base.css", "topology.css", "commit_plot.css", "leadership.css", "logs.css", "feed.css", "controls.css",
        "dashboard.css",
    )  # fmt: skip
