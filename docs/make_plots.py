"""Draw docs/plots/: each plot of groupkit once on a light page and once on a dark one.

    python docs/make_plots.py [folder]

The runs come from seeds: the same figures each time. What they show: five peers, of which the leader dies; then all who
are left stand for election at once; later the leader is cut off with one other, and the network heals.
"""

import math
import sys
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from PIL import Image

from groupkit import Cluster, ConsensusConfig, Counter, Timeline, plot, run, sweep

SEED = 7
BRISK = ConsensusConfig(heartbeat_interval=0.2, election_timeout=0.8, election_timeout_jitter=0.4)
SPLIT, HEALED = 11.0, 15.0  # virtual seconds
COLOURS = 256  # of a picture: enough for these, and the files stay small
THEMES = {"light": "default", "dark": "dark_background"}


async def story() -> Timeline:
    """A run with a bit of everything."""
    async with Cluster(5, machine=Counter, config=BRISK, seed=SEED) as cluster:
        leader = await cluster.when().leader_elected()
        await busy(cluster, 4.0)
        cluster.kill(leader)
        await busy(cluster, 4.5)
        for peer in cluster:
            if peer.alive:
                cluster.timeout_now(peer)  # all at once: nobody wins
        await busy(cluster, 8.0)
        cluster.restart(leader)
        await busy(cluster, SPLIT)
        cluster.partition({cluster.leader(), leader})
        await busy(cluster, HEALED)
        cluster.heal()
        await busy(cluster, 18.0)
        return cluster.timeline


async def busy(cluster: Cluster, until: float) -> None:
    """Up to ``until`` (virtual seconds) the peers take turns in handing in a command; nobody waits for the outcome."""
    for peer in cycle(cluster):
        if cluster.clock.now >= until:
            return
        peer.group.execute(Counter.Increment(1))
        await cluster.clock.sleep(0.2)


async def downtime(seed: int, peers: int, timeout: float, jitter: float = 0.5) -> dict[str, float]:
    """How long nobody leads after the leader has died, in virtual seconds."""
    config = ConsensusConfig(election_timeout=timeout, election_timeout_jitter=jitter)
    async with Cluster(peers, config=config, latency=(0.01, 0.05), record=False) as cluster:
        leader = await cluster.when().leader_elected()
        changed, crashed = cluster.when().leader_changed(), cluster.clock.now
        cluster.kill(leader)
        await changed
        return {"downtime": cluster.clock.now - crashed}


def figures() -> dict[str, Callable[[], Axes]]:
    """What to draw, by name."""
    timeline = run(story, seed=SEED)
    won = timeline.elections().query("outcome == 'won' and not pre")["end"]
    jitters: dict[str, list[float]] = {"jitter": [0.02, 0.1, 0.5], "peers": [5], "timeout": [1.0]}
    sizes: dict[str, list[float]] = {"timeout": [1.0, 2.0, 3.0, 4.0], "peers": [3, 5, 7]}
    spread = sweep(downtime, jitters, 150, progress=False)
    grid = sweep(downtime, sizes, 20, progress=False)
    return {
        "committed": partial(plot.committed, timeline),
        "leadership": partial(plot.leadership, timeline),
        "roles": partial(plot.roles, timeline),
        "logs": partial(plot.logs, timeline, at=HEALED - 0.05),
        "spacetime": partial(plot.spacetime, timeline, start=won.iloc[-1] - 0.08, end=won.iloc[-1] + 0.06),
        "elections": partial(plot.elections, timeline),
        "cdf": partial(
            plot.cdf, spread.assign(downtime_ms=spread.downtime * 1000), "downtime_ms", by="jitter", log=True
        ),
        "heatmap": partial(plot.heatmap, grid, "downtime", "timeout", "peers"),
    }


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    drawings = figures()
    for theme, style in THEMES.items():
        for name, draw in drawings.items():
            with plt.style.context(style):
                draw()
                path = folder / f"{name}-{theme}.png"
                plt.savefig(path, dpi=144)
                plt.close("all")
            Image.open(path).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
            print(f"{path.name}: {math.ceil(path.stat().st_size / 1000)} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "plots")
