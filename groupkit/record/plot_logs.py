"""The logs of all peers at one moment, lined up by index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from groupkit.raft.log import BLANK
from groupkit.record.intervals import spells
from groupkit.record.plot_base import Scene, caption, explain, height_of, lanes, scene
from groupkit.record.plot_door import check_drawing
from groupkit.record.steps import committed_steps, entries_at
from groupkit.record.style import term_colour
from groupkit.record.timeline import Timeline
from groupkit.record.values import show

Slot = tuple[Any, ...] | None  # an entry as it is recorded: its term, its command


class Cell(NamedTuple):
    """An index of one peer's log: what is there, and whether that peer knows it as committed."""

    column: int
    lane: int
    slot: Slot
    there: bool
    committed: bool


def logs(
    timeline: Timeline,
    *,
    at: float | None = None,
    ax: Axes | None = None,
    start: float | None = None,
    end: float | None = None,
    indexes: tuple[int, int] | None = None,
    commands: bool = False,
) -> Axes:
    """The logs at the moment ``at`` (virtual seconds; default ``end``, or now): a row a peer, a column an index.

    A cell's colour and text are its entry's term, in a bonded group with that term's leader (with ``commands`` the
    text is the command). Solid border: that peer knows it as committed; dashed: not yet; dotted and empty: others have
    it, this peer does not; grey with a dot: the recorder forgot it. ``indexes=(first, last)`` chooses the columns,
    both included; otherwise they are the newest that fit, or with ``start`` those from the first written since then.
    """
    check_drawing(timeline, ax, at=at, start=start, end=end)
    last = timeline.end if end is None else min(float(end), timeline.end)  # as in the other plots, it may lie behind it
    if start is not None and end is not None and not start <= end:
        raise ValueError(f"the window from {start:g} s to {end:g} s is empty: give start before end")
    moment = last if at is None else float(at)
    if not timeline.start <= moment <= timeline.end:
        raise ValueError(
            f"at={moment:g} is outside the run, which is told from {timeline.start:g} to {timeline.end:g} s"
        )
    window = scene(timeline, ax, None, None, height=height_of(len(timeline.peers)) * 0.9)
    held = entries_at(window.rows, window.peers, moment)
    longest = max((len(log) for log in held.values()), default=0)
    fit = max(4, int(window.width / (84 if commands else 24)))
    first, last = _columns(window, longest, fit, start, moment, indexes)
    view = window._replace(start=first - 0.6, end=max(last, first + 3) + 0.6)
    view.ax.set_xlim(view.start, view.end)
    view.ax.set_xlabel("log index")
    view.ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    place = lanes(view, view.peers)
    _tell_roles(view, moment)
    done = {peer: line.at(moment) for peer, line in committed_steps(view.rows, view.peers, timeline.start).items()}
    cells = [
        Cell(i, place[peer], log[i - 1] if i <= len(log) else None, i <= len(log), i <= done[peer])
        for peer, log in held.items()
        for i in range(first, min(last, longest) + 1)
    ]
    _draw(view, cells, commands)
    of = f", indexes {first} to {last} of {longest}" if last - first + 1 < longest else ""
    caption(view, f"Logs at {moment:.4g} s{of}")
    explain(view, _legend(view, cells))
    return view.ax


def _columns(
    at: Scene, longest: int, fit: int, start: float | None, moment: float, indexes: tuple[int, int] | None
) -> tuple[int, int]:
    if indexes is not None:
        if not isinstance(indexes, tuple | list) or [type(index) for index in indexes] != [int, int]:
            raise TypeError(f"indexes is (first, last), two whole numbers, not {indexes!r}")
        first, last = indexes
        if not 1 <= first <= last:
            raise ValueError(f"indexes=({first}, {last}) is no range of log indexes: they count from 1, first to last")
        return first, last
    if start is not None:
        written = [row[3] for row in at.rows if row[1] == "log" and start <= row[0] <= moment]
        first = max(1, min(written, default=longest - fit + 1))
        return first, max(first, min(longest, first + fit - 1))
    return max(1, longest - fit + 1), max(1, longest)


def _draw(at: Scene, cells: Sequence[Cell], commands: bool) -> None:
    for style in ("solid", (0, (3, 2)), (0, (1, 2))):
        some = [cell for cell in cells if _border(cell) == style]
        boxes = [_box(cell.column, cell.lane) for cell in some]
        faces = [_face(at, cell) for cell in some]
        edge, width = (at.theme.faint, 0.9) if style == (0, (1, 2)) else (at.theme.ink, 1.3)
        at.ax.add_collection(
            PolyCollection(boxes, facecolors=faces, edgecolors=edge, linewidths=width, linestyles=style, zorder=2)
        )
    room = at.pixels(1.0)
    letters = max((len(str(cell.slot[0])) for cell in cells if cell.slot), default=1)
    wide, high = room / (letters + 1) / 0.62, float(at.ax.get_window_extent().height) / max(1, len(at.peers)) * 0.5
    size = min(9.0, min(wide, high) * 72 / at.dpi)
    if size < 4:
        return
    for cell in cells:
        if cell.there:
            text = "·" if cell.slot is None else _command(cell.slot[1], room, size) if commands else str(cell.slot[0])
            grey = at.theme.ink if cell.slot is None else "#111111"
            at.ax.text(cell.column, cell.lane, text, ha="center", va="center", fontsize=size, color=grey, zorder=3)


def _border(cell: Cell) -> Any:
    return (0, (1, 2)) if not cell.there else "solid" if cell.committed else (0, (3, 2))


def _face(at: Scene, cell: Cell) -> str:
    if not cell.there:
        return "none"
    return at.theme.none if cell.slot is None else term_colour(cell.slot[0], at.theme.dark)


def _box(index: int, lane: int) -> list[tuple[float, float]]:
    left, right, low, high = index - 0.42, index + 0.42, lane + 0.34, lane - 0.34
    return [(left, low), (right, low), (right, high), (left, high)]


def _command(command: Any, room: float, size: float) -> str:
    text = "–" if command is BLANK or show(command) == "BLANK" else show(command)
    letters = max(2, int(room / (size * 0.85)))
    return text if len(text) <= letters else text[: letters - 1] + "…"


def _tell_roles(at: Scene, moment: float) -> None:
    """Behind each name what the peer was: leads, candidate, down."""
    roles = {s.peer: s.role for s in spells(at.rows, at.timeline.end) if s.start <= moment}
    words = {"leader": " leads", "candidate": " stands", "down": " down"}
    shown = [at.peers[int(place)] for place in at.ax.get_yticks()]
    size = at.ax.get_yticklabels()[0].get_fontsize() if shown else 10
    told = [f"{peer}{words.get(roles.get(peer, ''), '')}" for peer in shown]
    at.ax.set_yticks(at.ax.get_yticks(), told, fontsize=size)
    for tick, peer in zip(at.ax.get_yticklabels(), shown):
        tick.set_color(at.theme.red if roles.get(peer) == "down" else at.theme.ink)
        tick.set_fontweight("bold" if roles.get(peer) == "leader" else "normal")


def _legend(at: Scene, cells: Sequence[Cell]) -> list[Patch]:
    told: dict[Any, str] = {"solid": "committed there", (0, (3, 2)): "not committed there yet", (0, (1, 2)): "missing"}
    used = {_border(cell) for cell in cells}
    return [
        Patch(facecolor="none", edgecolor=at.theme.ink, linestyle=style, linewidth=1.2, label=label)
        for style, label in told.items()
        if style in used
    ]
