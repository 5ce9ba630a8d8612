"""A run that is over, or was loaded from a file, to be played again."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from groupkit import Timeline
from groupkit.record import glance, page

TOLD = 12  # reigns, in words


class Replay(anywidget.AnyWidget):
    """Plays a ``Timeline`` again: ring, commit plot, logs and feed, over the term tape that one scrubs.

    What is shown is the run up to the moment this was made; a live cluster goes on without it. The page has all of it,
    and asks the kernel for nothing more. ``timeline.to_html(path)`` writes the same as a page of its own. What is no
    ``Timeline`` is refused with a ``TypeError``.
    """

    _esm = page.source(*page.SCRIPTS, "replay_mount.js")
    _css = page.source(*page.STYLES)

    _run = traitlets.Unicode().tag(sync=True)

    def __init__(self, timeline: Timeline) -> None:
        if not isinstance(timeline, Timeline):
            raise TypeError(
                f"Replay takes a Timeline, such as cluster.timeline or Timeline.load(path), not {timeline!r}"
            )
        self._line = repr(timeline)
        self._still = _words(timeline), page.still(timeline)
        super().__init__(_run=page.data(timeline))

    def __repr__(self) -> str:
        return f"<Replay of {self._line}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return bundle
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._still[0], "image/svg+xml": self._still[1]}, metadata


def _words(timeline: Timeline) -> str:
    """A few lines for where not even a picture can be shown: what the run was, and who led."""
    facts = glance.glance(timeline.recorder, timeline.peers, timeline.start, timeline.end, timeline.note)
    lines = [
        f"  {reign.leader} led term {reign.term} from {reign.start:.4g} to {reign.end:.4g} s"
        for reign in facts.reigns[:TOLD]
    ]
    more = len(facts.reigns) - TOLD
    lines += [f"  … and {more} more"] if more > 0 else []
    lines += [timeline.note] if timeline.note else []
    return "\n".join([facts.line(), *lines, "(a replay: run the notebook to see it move)"])
