"""The story of a group, told in the terminal: ``python -m groupkit.demo [--seed N] [--png PATH]``.

Five peers elect a leader, commit, lose the leader, elect another one, are split, and come together again. The run is
simulated, as fast as the computer can, and the same seed tells the same story to the digit.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from groupkit import Cluster, CommandLost, Counter, Group, IndexRange, PeerId, Timeline, run

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 92  # columns; a narrower terminal is filled, a wider one is not
TERMS = ("#66c2a5", "#fc8d62", "#8da0cb", "#e78ac3", "#a6d854", "#ffd92f")  # colour means term, everywhere
PNG = Path("groupkit-demo.png")


class Story:
    """A cluster, the console that its story is told on, and the moments at which its chapters ended."""

    def __init__(self, cluster: Cluster, console: Console) -> None:
        self.cluster = cluster
        self.console = console
        self.moments: list[tuple[str, float, set[str]]] = []  # (chapter, virtual seconds, peers that were down)

    # -- what happens ----------------------------------------------------------------------------------------------

    async def elect(self) -> PeerId:
        """Nobody leads yet; somebody's patience ends first."""
        self.begin("Five peers elect a leader")
        leader = await self.cluster.when().leader_elected()
        await self.cluster.when().converged()
        self.say(
            f"Every peer waits a random while for a word from a leader. The wait of [b]{leader}[/b] ended first, so it "
            f"asked the others for their votes; a majority said yes, and since {self.now} it leads term 1. Had two "
            "asked at once, neither might have won: that is why the waits are random."
        )
        self.show("elect")
        return leader

    async def commit(self, leader: PeerId) -> None:
        """Commands through a follower."""
        self.begin("They commit commands")
        follower = self.other_than(leader)
        where = await self.submit(follower, 5)
        self.say(
            f"{follower.peer_id()} was given five commands and passed them on to the leader, which wrote them into its "
            f"log and sent them to everybody. Once three of five had them on their disks, they were committed, at "
            f"{_indexes(where)}: from here on no single crash, nor any two, can lose them."
        )
        self.show("commit")

    async def kill(self, leader: PeerId) -> PeerId:
        """The leader dies; the others notice the silence."""
        self.begin("The leader is killed")
        watcher = self.other_than(leader)
        changed = watcher.when().leader_changed()
        before = self.cluster.clock.now
        self.cluster.kill(leader)
        after = await changed
        await self.cluster.when().converged()
        silence = self.cluster.clock.now - before
        self.say(
            f"No heartbeat of {leader} arrives any more. After an election timeout without one, {after} stood for "
            f"election in the next term and won it with the votes of the living: {silence:.1f} s without a leader."
        )
        where = await self.submit(self.cluster[after].group, 5)
        self.say(f"Four of five are still a majority, so five more commands were committed, at {_indexes(where)}.")
        self.show("kill")
        return after

    async def restart(self, peer: PeerId) -> None:
        """The dead peer comes back with its disk."""
        self.begin(f"{peer} is restarted")
        self.cluster.restart(peer)
        await self.cluster.when().converged()
        self.say(
            f"{peer} finds its term, its vote and its log on its disk, hears a leader of a later term, and follows it. "
            "The leader sends what it missed; there is no election, for nobody is missing one."
        )
        self.show("restart")

    async def split(self, leader: PeerId) -> asyncio.Future[Any]:
        """The leader ends up with the minority. Returns the command it cannot commit."""
        old = self.cluster[leader].group
        friend = self.other_than(leader).peer_id()
        rest = [peer.id for peer in self.cluster if peer.id not in (leader, friend)]
        self.begin(f"The network is split: {leader} {friend} | {' '.join(rest)}")
        majority = self.cluster[rest[0]].group
        changed, stepped_down = majority.when().leader_changed(), old.when().is_follower()
        self.cluster.partition({leader, friend}, rest)
        stranded = old.execute(Counter.Increment(100))
        after = await changed
        where = await self.submit(self.cluster[after].group, 4)
        await stepped_down
        self.say(
            f"{leader} was given one command more, wrote it into its log and sent it on, but only {friend} can hear "
            f"it: two of five are no majority, so it was [b]not[/b] committed. On the other side {after} won term "
            f"{majority.term()} and committed four, at {_indexes(where)}. After an election timeout without a majority "
            f"{leader} stepped down: a leader that cannot commit had better say so."
        )
        self.show("split")
        return stranded

    async def heal(self, stranded: asyncio.Future[Any]) -> None:
        """One log again; the command of the minority gives way."""
        self.begin("The network is healed")
        self.cluster.heal()
        await self.cluster.when().converged()
        self.say(
            "Both sides hear of the highest term, and everybody follows its leader. The two from the minority drop the "
            "entry that nobody ever acknowledged and take the committed ones. Its caller is told:"
        )
        try:
            await stranded
        except CommandLost as lost:
            self.console.print(Padding(Text(f"CommandLost: {lost}", style="italic"), (0, 0, 1, 4)))
        values = [(await peer.group.query(Counter.Value(), "strong")).result for peer in self.cluster]
        same = f"{values[0]}, the same on every peer" if len(set(values)) == 1 else f"{values}"
        self.say(f"All commands added 1, but for the lost one. Asked for its value, the counter says {same}.")
        self.show("heal")

    # -- how it is told --------------------------------------------------------------------------------------------

    @property
    def now(self) -> str:
        """The virtual time."""
        return f"{self.cluster.clock.now:.2f} s"

    def other_than(self, peer: PeerId) -> Group:
        """The first living peer that is not this one."""
        return next(other.group for other in self.cluster if other.alive and other.id != peer)

    async def submit(self, group: Group, count: int) -> IndexRange:
        """Commit ``count`` commands one after another, a little apart; returns their indexes."""
        indexes = []
        for _ in range(count):
            indexes.append(await group.execute(Counter.Increment(1)))
            await self.cluster.clock.sleep(0.2)
        return IndexRange(indexes[0], indexes[-1])

    def begin(self, title: str) -> None:
        """A new chapter."""
        self.console.rule(f"[b]{len(self.moments) + 1}  {title}", align="left", style="grey50")

    def say(self, text: str) -> None:
        """A paragraph."""
        self.console.print(Padding(Text.from_markup(text), (0, 0, 1, 0)))

    def show(self, chapter: str) -> None:
        """How things stand at the end of a chapter."""
        table = Table(box=None, padding=(0, 1), pad_edge=False, collapse_padding=True)
        table.add_column(f"at {self.now}", style="grey50", width=12)
        for peer in self.cluster:
            table.add_column(peer.id, justify="center", min_width=9)
        groups = [peer.group for peer in self.cluster]
        table.add_row("role", *(Text(g.role(), style="b" if g.is_leader() else "") for g in groups))
        table.add_row("term", *(_term(int(g.term()), g.role() == "down") for g in groups))
        table.add_row("log ends at", *(str(int(g.log_position().index)) for g in groups))
        table.add_row("committed", *("–" if g.role() == "down" else str(int(g.committed())) for g in groups))
        self.console.print(Padding(table, (0, 0, 1, 2)))
        down = {str(peer.id) for peer in self.cluster if not peer.alive}
        self.moments.append((chapter, self.cluster.clock.now, down))


def _indexes(where: IndexRange) -> str:
    return f"indexes {int(where.start)} to {int(where.end)}"


def _term(term: int, down: bool) -> Text:
    if down or not term:
        return Text(str(term))
    return Text(f" {term} ", style=f"#222222 on {TERMS[(term - 1) % len(TERMS)]}")


# -- afterwards ----------------------------------------------------------------------------------------------------


def leadership_table(frame: pd.DataFrame) -> Table:
    """``timeline.leadership()`` as a table for the terminal."""
    table = Table(title="timeline.leadership()", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("leader", "term", "from (s)", "to (s)", "for (s)", "followed by"):
        table.add_column(name, justify="right" if name != "leader" else "left")
    for reign in frame.itertuples():
        until = "still" if reign.open else f"{reign.end:.3f}"
        span = (f"{reign.start:.3f}", until, f"{reign.duration:.3f}", f"{reign.followers_max} peers")
        table.add_row(str(reign.leader), _term(int(reign.term), False), *span)
    return table


def committed_table(frame: pd.DataFrame, moments: Sequence[tuple[str, float, set[str]]]) -> Table:
    """``timeline.committed()`` at the end of each chapter."""
    table = Table(
        title="timeline.committed() after each step", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
    )
    table.add_column("after")
    table.add_column("time (s)", justify="right")
    for peer in frame.columns:
        table.add_column(str(peer), justify="right", min_width=4)
    for chapter, time, down in moments:
        row = frame.loc[:time].iloc[-1]
        table.add_row(chapter, f"{time:.3f}", *("down" if p in down else str(row[p]) for p in frame.columns))
    return table


def draw(timeline: Timeline, png: Path) -> None:
    """Write the commit plot to ``png``."""
    import matplotlib

    matplotlib.use("Agg")  # a file, no window
    from groupkit import plot

    figure: Any = plot.committed(timeline).figure
    figure.savefig(png, dpi=150, format="png")


async def tell(console: Console, seed: int) -> tuple[Timeline, list[tuple[str, float, set[str]]]]:
    """Tell the whole story; returns the run and when each chapter ended."""
    async with Cluster(5, machine=Counter, seed=seed) as cluster:
        story = Story(cluster, console)
        first = await story.elect()
        await story.commit(first)
        second = await story.kill(first)
        await story.restart(first)
        await story.heal(await story.split(second))
        return cluster.timeline, story.moments


def main(words: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m groupkit.demo", description="The story of a group, in a terminal.")
    parser.add_argument("--seed", type=int, default=7, help="what all chance comes from (default 7)")
    parser.add_argument("--png", type=Path, default=PNG, help=f"where the picture goes (default {PNG})")
    given = parser.parse_args(words)
    if given.png.is_dir() or not given.png.absolute().parent.is_dir():
        parser.error(f"--png {given.png}: name a file in a folder that exists")
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without these letters gets "?" and no traceback
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    timeline, moments = run(lambda: tell(console, given.seed))
    console.print(leadership_table(timeline.leadership()), committed_table(timeline.committed(), moments))
    draw(timeline, given.png)
    console.print(f"The same as a picture: {given.png}", soft_wrap=True, markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
