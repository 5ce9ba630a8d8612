"""The ring of peers."""

from __future__ import annotations

from typing import ClassVar

from groupkit_widgets.live import Live, script, source


class Topology(Live):
    """Peers, bonds and messages on their way.

    A click kills or restarts a peer, cuts or heals a bond; a lasso round some peers splits them from the rest.
    """

    parts: ClassVar[tuple[str, ...]] = ("topology",)
    _esm = script("menu.js", "hold.js", "gestures.js", "buttons.js", "ring.js", "peer.js", "messages.js", "topology.js")
    _css = source("base.css", "topology.css")
