"""What happened, said in words: one sentence for each row of the recorder. Plain Python: frames and feed use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from groupkit.record.recorder import Row
from groupkit.record.values import show

Details = tuple[Any, ...]


def sentence(row: Row) -> str:
    """``row`` as a readable sentence, without its time. Every row has one: an unknown kind is shown plainly."""
    _, kind, peer, *details = row
    say = SAY.get(kind)
    if say is None:
        return f"{peer or 'the world'}: {kind} {', '.join(map(show, details))}".rstrip()
    return say(peer, tuple(details))


def _s(count: int, noun: str) -> str:
    if count == 1:
        return f"{count} {noun}"
    return f"{count} {noun[:-1] + 'ies' if noun.endswith('y') else noun + 's'}"


def some(commands: Any, most: int = 3) -> str:
    """The first few of ``commands`` as text, and how many more there are."""
    shown = ", ".join(show(command) for command in commands[:most])
    return f"{shown}, … {len(commands) - most} more" if len(commands) > most else shown


def _state(peer: Any, details: Details) -> str:
    role, term, leader = details
    if role == "leader":
        return f"{peer} leads term {term}"
    if role == "candidate":
        return f"{peer} is a candidate, its term is {term}"
    if role == "down":
        return f"{peer} is down"
    what = f"{peer}, an observer," if role == "observer" else str(peer)
    return f"{what} follows {leader} in term {term}" if leader else f"{what} knows no leader in term {term}"


def _log(peer: Any, details: Details) -> str:
    start, entries, term, index = details
    if not entries:
        return f"{peer}'s log ends at index {index} (term {term}) now" if index else f"{peer}'s log is empty now"
    where = f"index {start}" if len(entries) == 1 else f"indexes {start}–{start + len(entries) - 1}"
    return f"{peer} logged {_s(len(entries), 'entry')} at {where}, the last of term {term}"


def _vote(peer: Any, details: Details) -> str:
    candidate, term, pre, granted, reason = details
    whom = "itself" if candidate == peer else candidate
    if not granted:
        what = f"{peer} would not vote for {whom}" if pre else f"{peer} refused {whom}"
    else:
        what = f"{peer} would vote for {whom} in term {term}" if pre else f"{peer} voted for {whom} in term {term}"
    return f"{what}: {reason}" if reason else what


def _election(peer: Any, details: Details) -> str:
    term, pre, why = details
    what = f"{peer} asks who would vote for it in term {term}" if pre else f"{peer} stands for election in term {term}"
    return f"{what}: {why}" if why else what


def _defeated(peer: Any, details: Details) -> str:
    term, pre, refused = details
    what = "would not win an election" if pre else f"cannot win term {term} any more"
    return f"{peer} {what}: {', '.join(refused)} refused"


def _bond(peer: Any, details: Details) -> str:
    other, up, reason = details
    never = "is in another group" in str(reason) or "does not authorize" in str(reason)
    lost = f"{peer} does not bond with {other}" if never else f"{peer} lost its bond with {other}"
    what = f"{peer} is bonded with {other}" if up else lost
    return f"{what}: {reason}" if reason else what


def _command(peer: Any, details: Details) -> str:
    _, what, info = details
    if what == "submitted":
        count, commands = info
        return f"{peer} was given {_s(count, 'command')}: {some(commands)}"
    if what == "indexed" or what == "committed":
        term, first, count = info
        where = f"index {first}" if count == 1 else f"indexes {first}–{first + count - 1}"
        done = "has" if what == "indexed" else "knows as committed"
        return f"{peer} {done} its {_s(count, 'command')} at {where} of term {term}"
    says = {
        "lost": f"{peer}'s commands are lost: {info}",
        "unknown": f"{peer} does not know what became of its commands: {info}",
        "offline": f"{peer} refused commands, it is offline: {info}",
        "reverted": f"{peer}'s commands were acknowledged, and are lost now: {info}",
    }
    return says.get(what, f"{peer}'s commands: {what} {show(info)}")


def _fault(peer: Any, details: Details) -> str:
    verb, args = details[0], tuple(details[1])
    plain = {
        "freeze": "was frozen",
        "thaw": "goes on",
        "isolate": "was cut from everybody",
        "timeout_now": "was told to stand for election at once",
    }
    if verb in plain:
        return f"{peer} {plain[verb]}"
    if verb == "kill":
        return f"{peer} was killed{f': {args[0]}' if args else ''}"
    if verb == "restart":
        return f"{peer} was restarted{' with an empty disk' if args else ''}"
    if verb == "cut":
        return (
            f"the link from {peer} to {args[0]} was cut" if args[1:] else f"the links of {peer} and {args[0]} were cut"
        )
    if verb == "heal":
        return f"the links of {peer} and {args[0]} were healed" if args else "all links were healed"
    if verb == "partition":
        return f"the network was split: {split(args)}"
    if verb == "drift":
        return f"{peer}'s clock runs at rate {args[0]:g} now"
    if verb == "link":
        return f"the {args[1]} from {peer} to {args[0]} is {show(args[2])} now"
    if verb in MAIL:
        return MAIL[verb](peer, args)
    if verb == "set_latency":
        return f"the latency of all links is {show(args)} now"
    if verb in ("align_timers", "spread_timers"):
        return _timers(verb, args)
    if verb == "random_faults":
        return f"random faults begin, drawn from seed {args[0]}"
    if verb == "end_random_faults":
        return f"random faults end; {mended(args)}"
    if verb in ("drop", "undrop"):
        return f"messages are {'no longer ' if verb == 'undrop' else ''}dropped by the rule {args[0]}"
    return f"{verb} {', '.join(map(show, (peer, *args) if peer is not None else args))}".rstrip()


def _timers(verb: str, args: Details) -> str:
    if verb == "align_timers":
        names = ", ".join(name for name, _ in args)
        return f"the election timers of {names} were aligned: they run out at {args[0][1]:.4g} s"
    told = ", ".join(f"{name} at {due:.4g} s" for name, due in args)
    return f"the election timers were spread: {told}"


MAIL: dict[str, Callable[[Any, Details], str]] = {
    "drop_message": lambda src, a: f"the {a[1]} from {src} to {a[0]} was dropped on its way (message {a[2]})",
    "delay_message": lambda src, a: f"the {a[1]} from {src} to {a[0]} comes {a[3]:g} s later (message {a[2]})",
    "duplicate_message": lambda src, a: f"the {a[1]} from {src} to {a[0]} comes twice (message {a[2]}, copy {a[3]})",
}


def mended(done: Details) -> str:
    """What was mended when random faults ended, as text."""
    says = {"restart": "{} was restarted", "thaw": "{} thawed", "heal": "the links of {} were healed"}
    texts = [says[verb].format(" and ".join(peers)) for verb, peers in done]
    return ", ".join(texts) or "nothing was left to mend"


def split(sides: tuple[tuple[str, ...], ...]) -> str:
    """The sides of a partition as text: ``a b | c``."""
    return " | ".join(" ".join(side) for side in sides)


SAY: dict[str, Callable[[Any, Details], str]] = {
    "state": _state,
    "log": _log,
    "committed": lambda peer, d: f"{peer} knows indexes up to {d[0]} as committed" if d[0] else f"{peer} begins at 0",
    "online": lambda peer, d: f"{peer} is {'online' if d[0] else 'offline'}",
    "vote": _vote,
    "election": _election,
    "defeated": _defeated,
    "unseated": lambda peer, d: f"{peer} no longer leads term {d[0]}: {d[-1]}",
    "rivals": lambda peer, d: f"{peer} met a rival leader: {d[-1]}; both go on to term {d[1]}",
    "bond": _bond,
    "fault": _fault,
    "command": _command,
    "query": lambda peer, d: f"{peer} was asked a {d[1]} query: {show(d[2])}",
    "answer": lambda peer, d: f"{peer} answered {show(d[1])}",
    "applied": lambda peer, d: f"{peer}'s machine was rebuilt up to index {d[0]}",
    "stall": lambda _, d: f"the notebook was busy for {d[0]:.3g} s and the group's clock stood still",
    "pace": lambda _, d: f"the pace is {show(d[0])} now",
    "violation": lambda _, d: f"violation of {d[0]}: {d[1]}",
    "join": lambda peer, _: f"{peer} joined",
    "leave": lambda peer, _: f"{peer} left",
}
