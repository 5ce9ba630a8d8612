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
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from groupkit import Cluster, CommandLost, Counter, Group, IndexRange, PeerId, Timeline, run
from groupkit.record.elections import elections
from groupkit.record.style import term_colour

if TYPE_CHECKING:
    import pandas as pd

WIDEST = 92  # columns; a narrower terminal is filled, a wider one is not
PNG = Path("groupkit-demo.png")
Moment = tuple[str, float, set[str]]  # the end of a chapter: its name, when (virtual seconds), and who was down


class Story:
    """A cluster, the console that its story is told on, and the moments at which its chapters ended."""

    def __init__(self, cluster: Cluster, console: Console) -> None:
        self.cluster = cluster
        self.console = console
        self.moments: list[Moment] = []

    # -- what happens ----------------------------------------------------------------------------------------------

    async def elect(self) -> PeerId:
        """Nobody leads yet; somebody's patience ends first."""
        self.begin("Five peers elect a leader")
        leader: PeerId = await self.cluster.when().leader_elected()
        since, term = self.now, self.cluster[leader].group.term()
        await self.cluster.when().converged()
        self.say(
            "Every peer waits a random while for a word from a leader, and then stands for election itself. "
            f"[b]{leader}[/b] asked for votes, a majority gave it theirs, and since {since} it leads term {term}. "
            f"The waits are random so that two peers seldom ask at once and split the votes. {self.failures(0.0)}"
        )
        self.show("elect")
        return leader

    async def commit(self, leader: PeerId) -> None:
        """Commands through a follower."""
        self.begin("They commit commands")
        follower = self.other_than(leader)
        where = await self.submit(follower, 5)
        self.say(
            f"{follower.peer_id()} was given five commands and passed each on to the leader, which wrote it into its "
            "log and sent it to everybody. Once three of five have a command on their disks it is committed: any "
            "majority that elects a later leader has one of those three in it. So "
            f"{_indexes(where)} are there to stay, though any two peers may crash."
        )
        self.show("commit")

    async def kill(self, leader: PeerId) -> PeerId:
        """The leader dies; the others notice the silence."""
        self.begin("The leader is killed")
        watcher = self.other_than(leader)
        changed = watcher.when().leader_changed()
        before = self.cluster.clock.now
        self.cluster.kill(leader)
        after: PeerId = await changed
        await self.cluster.when().converged()
        silence = self.cluster.clock.now - before
        self.say(
            f"No heartbeat of {leader} arrives any more. After an election timeout without one, {after} stood for "
            f"election and won term {watcher.term()} with the votes of the living: {silence:.1f} s without a leader. "
            f"{self.failures(before)}"
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
        self.begin(f"The network is split: {min(leader, friend)} {max(leader, friend)} | {' '.join(rest)}")
        majority = self.cluster[rest[0]].group
        before = self.cluster.clock.now
        changed, stepped_down = majority.when().leader_changed(), old.when().is_follower()
        self.cluster.partition({leader, friend}, rest)
        stranded = old.execute(Counter.Increment(100))
        after = await changed
        where = await self.submit(self.cluster[after].group, 4)
        await stepped_down
        self.say(
            f"{leader} was given one more command, wrote it into its log and sent it on, but only {friend} can hear "
            f"it: two of five are no majority, so it was [b]not[/b] committed. On the other side {after} won term "
            f"{majority.term()} and committed four, at {_indexes(where)}. {self.failures(before)}"
        )
        self.say(
            f"After an election timeout without a majority, {leader} stepped down: a leader that cannot commit had "
            "better say so. Now it and its friend ask for votes, and cannot get enough; they do not raise their term "
            "by asking, so they will disturb nobody later."
        )
        self.show("split")
        return stranded

    async def heal(self, caller: PeerId, stranded: asyncio.Future[Any]) -> None:
        """One log again; the command of the minority gives way."""
        self.begin("The network is healed")
        self.cluster.heal()
        await self.cluster.when().converged()
        self.say(
            "Both sides hear of the highest term, and everybody follows its leader. The two from the minority drop the "
            "entry that was never committed and take the committed ones. The caller of the dropped command is told:"
        )
        try:
            await stranded
        except CommandLost as lost:
            self.say(f"[i]CommandLost: {escape(str(lost))}[/i]")
        index = await self.cluster[caller].group.execute(Counter.Increment(100))
        await self.cluster.when().converged()
        self.say(f"So it is handed in again, and committed at index {int(index)}. {await self.value()}")
        self.show("heal")

    async def value(self) -> str:
        """What the counter stands at, asked of every peer."""
        values = {(await peer.group.query(Counter.Value())).result for peer in self.cluster}
        return f"The counter stands at {' or '.join(map(str, values))}, whichever peer is asked."

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

    def failures(self, since: float) -> str:
        """A sentence on elections that nobody won; none: nothing."""
        timeline = self.cluster.timeline
        held = [e for e in elections(timeline.recorder.rows, timeline.end) if e.start >= since and not e.pre]
        terms = sorted({e.term for e in held} - {e.term for e in held if e.outcome == "won"})
        if not terms:
            return ""
        return f"(Term {' and '.join(map(str, terms))} had no winner: the votes were split, and they tried again.)"

    def begin(self, title: str) -> None:
        """A new chapter."""
        self.console.rule(f"[b]{len(self.moments) + 1}  {title}", align="left", style="grey50")

    def say(self, text: str) -> None:
        """A paragraph."""
        self.console.print(text.rstrip(), end="\n\n")

    def show(self, chapter: str) -> None:
        """How things stand at the end of a chapter."""
        table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False)
        table.add_column(f"at {self.now}", style="grey50", width=13)
        for peer in self.cluster:
            table.add_column(peer.id, justify="center", min_width=9)
        groups = [peer.group for peer in self.cluster]
        table.add_row("role", *map(self.role, groups))
        table.add_row("term", *(_term(int(g.term()), g.role() == "down") for g in groups))
        table.add_row("log ends at", *(str(int(g.log_position().index)) for g in groups))
        table.add_row("committed", *("-" if g.role() == "down" else str(int(g.committed())) for g in groups))
        self.console.print(Padding(table, (0, 0, 1, 2), expand=False))
        down = {str(peer.id) for peer in self.cluster if not peer.alive}
        self.moments.append((chapter, self.cluster.clock.now, down))

    def role(self, group: Group) -> Text:
        """A role, the leader's with a crown."""
        crown = "♛ " if self.console.encoding.startswith("utf") else ""
        styles = {"leader": "bold", "candidate": "italic", "down": "red"}
        return Text((crown if group.is_leader() else "") + group.role(), style=styles.get(group.role(), ""))


def _indexes(where: IndexRange) -> str:
    return f"indexes {int(where.start)} to {int(where.end)}"


def _term(term: int, down: bool) -> Text:
    if down or not term:
        return Text(str(term))
    return Text(f" {term} ", style=f"#222222 on {term_colour(term)}")


# -- afterwards ----------------------------------------------------------------------------------------------------


def leadership_table(frame: pd.DataFrame) -> Table:
    """``timeline.leadership()`` as a table for the terminal."""
    table = _table("timeline.leadership()", "leader", "term", "from (s)", "to (s)", "for (s)", "followed by")
    for leader, term, start, end, duration, still, most in frame.itertuples(index=False, name=None):
        until = "still" if still else f"{end:.3f}"
        table.add_row(leader, _term(term, False), f"{start:.3f}", until, f"{duration:.3f}", f"{most} peers")
    return table


def committed_table(frame: pd.DataFrame, moments: Sequence[Moment]) -> Table:
    """``timeline.committed()`` at the end of each chapter."""
    peers = [str(peer) for peer in frame.columns]
    table = _table("timeline.committed() at the end of each step", "step", "time (s)", *peers)
    for chapter, time, down in moments:
        row = frame.loc[:time].iloc[-1]
        table.add_row(chapter, f"{time:.3f}", *("down" if peer in down else str(row[peer]) for peer in peers))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", min_width=4)
    return table


def draw(timeline: Timeline, png: Path) -> None:
    """Write the commit plot to ``png``."""
    import matplotlib

    matplotlib.use("Agg")  # a file, no window
    from groupkit import plot

    figure: Any = plot.committed(timeline).figure
    figure.savefig(png, dpi=150, format="png")


async def tell(console: Console, seed: int) -> tuple[Timeline, list[Moment]]:
    """Tell the whole story; returns the run and when each chapter ended."""
    async with Cluster(5, machine=Counter, seed=seed) as cluster:
        story = Story(cluster, console)
        first = await story.elect()
        await story.commit(first)
        second = await story.kill(first)
        await story.restart(first)
        await story.heal(second, await story.split(second))
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
