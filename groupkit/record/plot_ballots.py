"""Elections as ballots: a column for each, a row for each peer, and in it what that peer answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from groupkit.record.elections import Election
from groupkit.record.elections import elections as held
from groupkit.record.intervals import downs
from groupkit.record.plot_base import HATCH_FAILED, Look, Scene, caption, explain, height_of, lanes, scene
from groupkit.record.plot_door import check_drawing
from groupkit.record.style import term_colour
from groupkit.record.timeline import Timeline

MOST_COLUMNS = 36
MOST_UPRIGHT = 12  # columns whose labels need no turning


class Ballot(NamedTuple):
    """A column: an election, how many equal rounds it stands for, and the answers by voter (True: yes)."""

    election: Election
    rounds: int
    answers: dict[str, bool]


def elections(
    timeline: Timeline, *, ax: Axes | None = None, start: float | None = None, end: float | None = None
) -> Axes:
    """Elections that began between ``start`` and ``end`` (virtual seconds), a column each, not to scale in time.

    The candidate's cell is the star, in the colour of the term; a filled mark is a yes, a hollow one a no, a red cross
    a peer that was down; an empty cell did not answer. Below: term, when, how it ended (amber: not won).
    "pre" is a round of asking beforehand: one that was won is not drawn, as the election itself follows it, and equal
    rounds of one peer in a row share a column ("×3"). Of very many elections the newest are drawn, and the title says
    so.
    """
    check_drawing(timeline, ax, start=start, end=end)
    window = scene(timeline, ax, start, end, height=height_of(len(timeline.peers)) + 0.5)
    ballots = _ballots(window)
    shown = ballots[-MOST_COLUMNS:]
    at = window._replace(start=-0.6, end=max(4, len(shown)) - 0.4)
    at.ax.set_xlim(at.start, at.end)
    at.ax.set_xlabel("")
    place = lanes(at, at.peers)
    for column, ballot in enumerate(shown):
        _column(at, column, ballot, place)
    _labels(at, shown)
    _crosses(at, shown, place)
    real = [ballot.election for ballot in ballots if not ballot.election.pre]
    omitted = f"; the newest {len(shown)} columns of {len(ballots)}" if len(shown) < len(ballots) else ""
    caption(at, f"Elections: {len(real)} held, {sum(e.outcome == 'won' for e in real)} won{omitted}")
    explain(at, _legend(at), 104 if len(shown) > MOST_UPRIGHT else 42)
    return at.ax


def _ballots(at: Scene) -> list[Ballot]:
    answers: dict[int, dict[str, bool]] = {}
    found = held(at.rows, at.timeline.end, answers)
    ballots: list[Ballot] = []
    for number, election in enumerate(found):
        if not at.start <= election.start <= at.end or (election.pre and election.outcome == "won"):
            continue
        ballot = Ballot(election, 1, answers[number])
        if ballots and _same(ballots[-1], ballot):
            ballots[-1] = ballots[-1]._replace(rounds=ballots[-1].rounds + 1)
        else:
            ballots.append(ballot)
    return ballots


def _same(one: Ballot, two: Ballot) -> bool:
    """Whether two rounds in a row tell the same: the same peer asks for the same term in vain."""
    a, b = one.election, two.election
    return a.pre and b.pre and (a.peer, a.term, a.outcome) == (b.peer, b.term, b.outcome) and one.answers == two.answers


def _column(at: Scene, column: int, ballot: Ballot, place: dict[str, int]) -> None:
    election, ink = ballot.election, at.theme.ink
    colour = term_colour(election.term, at.theme.dark)
    failed = election.outcome in ("lost", "timed out")
    top, high = -0.5, len(place)
    at.ax.bar(column, high, 0.8, top, color=colour, alpha=0.1 if election.pre else 0.3, linewidth=0, zorder=0)
    if failed:
        look: Look = {"facecolor": "none", "edgecolor": at.theme.amber, "hatch": HATCH_FAILED, "alpha": 0.5}
        at.ax.bar(column, high, 0.8, top, linewidth=0, zorder=0.5, **look)
    yes = [place[p] for p, granted in ballot.answers.items() if granted and p in place]
    no = [place[p] for p, granted in ballot.answers.items() if not granted and p in place]
    size = max(12.0, min(60.0, 900.0 / len(place)))
    look = {"s": size, "linewidths": 0.9, "zorder": 3, "edgecolors": ink}
    at.ax.scatter([column] * len(yes), yes, c=[colour], **look)
    at.ax.scatter([column] * len(no), no, c=[at.theme.paper], **look)
    if election.peer in place:
        look = {**look, "s": size * 2.6, "edgecolors": at.theme.gold if election.outcome == "won" else ink}
        at.ax.scatter([column], [place[election.peer]], marker="*", c=[colour], **{**look, "linewidths": 1.3})


def _crosses(at: Scene, shown: Sequence[Ballot], place: dict[str, int]) -> None:
    away = downs(at.rows, at.timeline.end)
    cells = [
        (column, place[band.label])
        for column, ballot in enumerate(shown)
        for band in away
        if band.label in place and band.start <= ballot.election.start < band.end
    ]
    if cells:
        look: Look = {"marker": "x", "c": at.theme.red, "s": 24, "linewidths": 1.4, "zorder": 3}
        at.ax.scatter([x for x, _ in cells], [y for _, y in cells], **look)


def _labels(at: Scene, shown: Sequence[Ballot]) -> None:
    """Under each column its term, moment and outcome; upright where there is little room."""
    told = []
    for election, rounds, _ in shown:
        name = f"{'pre ' if election.pre else 'term '}{election.term}{f' ×{rounds}' if rounds > 1 else ''}"
        told.append([name, f"{election.start:.4g} s", election.outcome])
    narrow = len(shown) > MOST_UPRIGHT
    texts = [(", " if narrow else "\n").join(parts) for parts in told]
    at.ax.set_xticks(range(len(shown)), texts, fontsize=7 if narrow else 8, rotation=90 if narrow else 0)
    at.ax.tick_params(axis="x", length=0)
    for tick, ballot in zip(at.ax.get_xticklabels(), shown):
        if ballot.election.outcome == "won":
            tick.set_fontweight("bold")


def _legend(at: Scene) -> list[Line2D | Patch]:
    none, ink = at.theme.none, at.theme.ink

    def mark(label: str, marker: str, face: str, edge: str) -> Line2D:
        return Line2D([], [], label=label, marker=marker, linestyle="none", markerfacecolor=face, markeredgecolor=edge)

    return [
        mark("candidate, won", "*", none, at.theme.gold),
        mark("yes", "o", none, ink),
        mark("no", "o", at.theme.paper, ink),
        mark("down", "x", at.theme.red, at.theme.red),
        Patch(facecolor="none", edgecolor=at.theme.amber, hatch=HATCH_FAILED, linewidth=0, label="not won"),
    ]
