"""A run that is over, or was loaded from a file, to be played again."""

from __future__ import annotations

from heapq import merge
from typing import Any, ClassVar

import anywidget
import traitlets

from groupkit import Timeline
from groupkit.record.recorder import Recorder
from groupkit_widgets import still
from groupkit_widgets.dashboard import Dashboard
from groupkit_widgets.reel import Reel, Told

ROWS = 60_000  # at most, the newest: what a browser can hold comfortably
MESSAGES = 20_000


class Run:
    """What a picture asks of a network, answered by a recorder alone."""

    def __init__(self, timeline: Timeline) -> None:
        self.recorder: Recorder = timeline.recorder
        self.peers, self.end = timeline.peers, timeline.end

    def view(self, *, wires: bool = True) -> Told:
        """The end of the run, as far as rows tell it."""
        peers: dict[str, Told] = {
            name: {"role": "follower", "term": 0, "leader": None, "committed": 0, "log": (0, 0)} for name in self.peers
        }
        for row in self.recorder.rows:
            if row[1] == "state":
                peers[row[2]].update(role=row[3], term=row[4], leader=row[5])
            elif row[1] == "committed":
                peers[row[2]]["committed"] = row[3]
            elif row[1] == "log":
                peers[row[2]]["log"] = (row[5], row[6])
        nothing: Told = {"timer": None, "ballot": None, "progress": {}}
        plain = {name: {**peer, **nothing} for name, peer in peers.items()}
        return {"now": self.end, "pace": 1.0, "paused": True, "ended": "", "peers": plain, "wires": {}}


class Replay(anywidget.AnyWidget):
    """A ``Timeline`` to look at again: play, pause, go to any moment. What is shown is fixed when it is made."""

    parts: ClassVar[tuple[str, ...]] = Dashboard.parts
    _esm = str(Dashboard._esm)
    _css = str(Dashboard._css)
    _parts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    _uid = traitlets.Unicode().tag(sync=True)

    def __init__(self, timeline: Timeline) -> None:
        if not isinstance(timeline, Timeline):
            raise TypeError(
                f"Replay takes a Timeline, such as cluster.timeline or Timeline.load(path), not {timeline!r}"
            )
        run = Run(timeline)
        frame = Reel(run, says=True, messages=True).full(run, rows=ROWS, messages=MESSAGES)
        frame["rows"] = list(merge(frame["rows"], _ballots(run.recorder, frame["since"]), key=lambda row: row[0]))
        frame["meta"].update(writes=False, replay=True)
        frame["n"] = 1
        self._frame = frame
        self._still = still.text(run), still.svg(run, self.parts)
        super().__init__(_parts=list(self.parts), _uid=f"{id(self):x}{run.end}")
        self.on_msg(_heard)

    def __repr__(self) -> str:
        return f"<Replay of {self._still[0].splitlines()[0]}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return bundle
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, "text/plain": self._still[0], "image/svg+xml": self._still[1]}, metadata


def _heard(widget: Replay, content: dict[str, Any], buffers: Any) -> None:
    if content.get("do") == "open":
        widget.send(widget._frame)


def _ballots(recorder: Recorder, since: float) -> list[list[Any]]:
    """The votes as they reached each candidate: of a live group they are seen, of a recorded one worked out."""
    happened = [(row[0], row[2], row[4], row[2], True) for row in recorder.rows if row[1] == "election"]
    for number, _, arrival, src, dst, message in recorder.messages:
        fate = recorder.fates.get(number, ("duplicate", 0.0))[0]
        if message.kind == "vote_reply" and arrival is not None and fate == "duplicate":
            happened.append((arrival, dst, message.pre, src, message.granted))
    found: list[list[Any]] = []
    ballots: dict[str, tuple[bool, list[str], list[str]]] = {}
    for time, candidate, pre, voter, granted in sorted(happened, key=lambda one: one[0]):
        if voter == candidate:
            ballots[candidate] = (pre, [candidate], [])
        elif candidate not in ballots or ballots[candidate][0] != pre:
            continue
        else:
            before = ballots[candidate]
            ballots[candidate] = (pre, before[1] + [voter] * granted, before[2] + [voter] * (not granted))
        if time >= since:
            found.append([round(time, 6), "ballot", candidate, list(ballots[candidate])])
    return found
