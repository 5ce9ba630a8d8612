"""What a page asks about and nothing changes by: one message, the cell that builds such a group."""

from __future__ import annotations

from bisect import bisect_left
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

from groupkit import ConsensusConfig
from groupkit.record.recorder import CARRYING, Recorder, kind_of
from groupkit.record.telling import entry_of
from groupkit_widgets.hands import READY

if TYPE_CHECKING:
    from groupkit import Network

OTHERS = ("max_missed_heartbeats", "forward_timeout", "query_timeout", "snapshot_every")  # told where not as usual
TIMES = ("heartbeat_interval", "heartbeat_jitter", "election_timeout", "election_timeout_jitter")
ENTRIES_READ = 5


def message(network: Network, number: int) -> dict[str, Any]:
    """What a message says, all it carries, and what became of it: lines of text."""
    recorder = network.recorder
    sent = recorder.messages
    place = bisect_left(sent, number, key=lambda one: one[0])
    if place >= len(sent) or sent[place][0] != number:
        return {"number": number, "lines": ["the recorder no longer has this message"], "here": False}
    _, time, arrival, src, _, what = sent[place]
    fate = recorder.fates.get(number)
    here = arrival is not None and arrival > network.clock.now and (fate is None or fate[0] == "duplicate")
    inside = _carried(recorder, what, str(src), time)
    lines = [what.brief(), *inside[:ENTRIES_READ]]
    if len(inside) > ENTRIES_READ:
        lines.append(f"… {len(inside) - ENTRIES_READ} more")
    if fate is not None and fate[0] != "duplicate":
        lines.append(f"did not arrive: {fate[0]}, at {fate[1]:.4f} s")
    elif arrival is not None and not here:
        lines.append(f"has arrived, at {arrival:.4f} s")
    return {"number": number, "lines": lines, "here": here, "kind": kind_of(what)}


def _carried(recorder: Recorder, what: Any, src: str, time: float) -> list[str]:
    """The commands or entries that a message carries, in words. Of entries it has the indexes: the log of who sent it
    has the rest."""
    if what.kind not in CARRYING:
        return []
    inside = getattr(what, CARRYING[what.kind])
    if what.kind == "forward":
        return [f"carries {entry_of(one)[1]}" for one in inside]
    wanted = dict.fromkeys(list(inside)[: ENTRIES_READ + 1], "")
    for row in reversed(recorder.rows):
        if all(wanted.values()):
            break
        if row[1] == "log" and row[2] == src and row[0] <= time:
            for index, entry in enumerate(row[4], start=row[3]):
                if wanted.get(index) == "":
                    term, text = entry_of(entry)
                    wanted[index] = f"index {index}: {text}, of term {term}"
    return [wanted.get(index) or f"index {index}" for index in inside]


def recipe(network: Network) -> str:
    """A cell that builds a group like this one, with its times written out to be changed."""
    meta = network.recorder.meta
    config, plain = meta["config"], ConsensusConfig()
    names = [*TIMES, *(name for name in OTHERS if config[name] != getattr(plain, name))]
    machine, rules = meta["machine"], meta["rules"]
    imports = ["Cluster", "ConsensusConfig", *(["Rules"] if rules else []), *([machine] if machine in READY else [])]
    given = [_peers(meta["peers"]), f"machine={machine}", "config=config", f"seed={meta['seed']!r}"]
    given.append(f"latency={_latency(network)!r}")
    if meta["quorum"] != "members":
        given.append(f"quorum={meta['quorum']!r}")
    if rules:
        given.append(f"rules=Rules({', '.join(f'{name}={on!r}' for name, on in rules.items())})")
    lines = [
        f"from groupkit import {', '.join(sorted(imports))}",
        "from groupkit_widgets import Dashboard",
        "",
        "# All peers agree on these times, in seconds: a group's id is made of them, so others make another group.",
        "config = ConsensusConfig(",
        *(f"    {name}={config[name]!r}," for name in names),
        ")",
        f"cluster = Cluster({', '.join(given)})",
        "Dashboard(cluster)",
    ]
    return "\n".join(lines)


def _peers(names: list[str]) -> str:
    names, count = [str(name) for name in names], len(names)
    usual = list(ascii_lowercase[:count]) if count <= 26 else [f"n{place + 1:03d}" for place in range(count)]
    return str(count) if names == usual else repr(names)


def _latency(network: Network) -> tuple[float, float]:
    """Of the most links, as they are now."""
    peers = [str(name) for name in network.recorder.meta["peers"]]
    built = tuple(network.recorder.meta["latency"])
    tuned = [wire["latency"] for wire in network.view()["wires"].values()]
    count = {latency: tuned.count(latency) for latency in tuned if latency != built}
    plain = len(peers) * (len(peers) - 1) - sum(count.values())
    most = max(count, key=lambda latency: count[latency], default=built)
    low, high = most if count.get(most, 0) > plain else built
    return round(low, 9), round(high, 9)
