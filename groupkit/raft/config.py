"""What all peers of a group agree on beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, Final

from groupkit.raft.ids import PeerId, Quorum, choice, is_number, is_whole

SHORTEST: Final = 1e-6  # s; time would crawl through intervals that are shorter, and never arrive


def seconds(value: object, what: str, *, zero: bool = False) -> float:
    """``value`` as a finite, positive number of virtual seconds (with ``zero``: or 0); anything else is refused.

    The numbers of numpy and pandas are numbers too."""
    lowest = "0 or more" if zero else "more than 0"
    if not is_number(value):
        raise TypeError(f"{what} is a number of seconds, not {value!r} ({type(value).__name__})")
    try:
        length = float(value)
    except OverflowError:  # a whole number that no float holds
        length = math.inf
    if not math.isfinite(length) or length < 0 or (length == 0 and not zero):
        raise ValueError(f"{what} is a finite number of seconds, {lowest}, not {value!r}")
    return length


@dataclass(frozen=True)
class ConsensusConfig:
    """The consensus configuration of a group: times in virtual seconds, names and defaults as in Mosaik.

    - ``heartbeat_interval``: the longest pause between two heartbeats of a leader, and between two of a bond;
      each comes up to ``heartbeat_jitter`` earlier, though never earlier than half the interval.
    - ``max_missed_heartbeats``: a bond that missed so many is torn down.
    - ``election_timeout`` plus up to ``election_timeout_jitter``: how long a follower waits for a leader (Raft 5.2).
    - ``bootstrap_delay``: how long a peer that just joined waits before it may stand for election.
    - ``forward_timeout``: after so long without an answer a forwarded command is sent again;
      ``query_timeout``: the same for a strong query.
    - ``quorum`` and ``voters``: whose majority counts. Named voters make it ``Quorum.MEMBERS``, otherwise it is
      ``Quorum.BONDED``. A peer that is not among the voters is an observer.
    - ``snapshot_every``: after so many applied commands a peer keeps a snapshot instead of them (Raft 7); None: never.

    The interval and the timeouts are at least a microsecond. A wrong value raises ``ValueError`` or ``TypeError`` that
    names it.
    """

    heartbeat_interval: float = 0.5
    heartbeat_jitter: float = 0.15
    max_missed_heartbeats: int = 10
    election_timeout: float = 2.0
    election_timeout_jitter: float = 0.5
    bootstrap_delay: float = 3.0
    forward_timeout: float = 2.0
    query_timeout: float = 2.0
    quorum: Quorum | str | None = None
    voters: tuple[str, ...] | None = None
    snapshot_every: int | None = None
    _quorum_named: bool = field(init=False, repr=False, compare=False, default=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("heartbeat_interval", "election_timeout", "forward_timeout", "query_timeout"):
            put(self, name, _interval(getattr(self, name), name))
        for name in ("heartbeat_jitter", "election_timeout_jitter", "bootstrap_delay"):
            put(self, name, seconds(getattr(self, name), name, zero=True))
        seconds(self.election_timeout + self.election_timeout_jitter, "election_timeout plus its jitter")
        put(self, "max_missed_heartbeats", _at_least_one(self.max_missed_heartbeats, "max_missed_heartbeats"))
        if self.snapshot_every is not None:
            put(self, "snapshot_every", _at_least_one(self.snapshot_every, "snapshot_every"))
        if self.election_timeout <= self.heartbeat_interval:
            raise ValueError(
                f"election_timeout ({self.election_timeout} s) must be above heartbeat_interval "
                f"({self.heartbeat_interval} s), or followers give up on a healthy leader: "
                "raise the one or lower the other"
            )
        put(self, "voters", _names(self.voters))
        put(self, "_quorum_named", self.quorum is not None)
        if self.quorum is None:
            put(self, "quorum", Quorum.BONDED if self.voters is None else Quorum.MEMBERS)
        else:
            put(self, "quorum", choice(Quorum, self.quorum))
        if self.voters is not None and self.quorum is Quorum.BONDED:
            raise ValueError("voters are named, yet quorum is 'bonded': leave out one of the two")

    @property
    def bonded(self) -> bool:
        """Whether the peers bonded at the moment are the ones that count."""
        return self.quorum is Quorum.BONDED

    @property
    def heartbeat_range(self) -> tuple[float, float]:
        """The shortest and the longest pause between two heartbeats, in seconds."""
        jitter = min(self.heartbeat_jitter, self.heartbeat_interval / 2)
        return self.heartbeat_interval - jitter, self.heartbeat_interval

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as it is written into files and hashed into the ``GroupId``."""
        plain = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        plain["quorum"] = self.quorum.value if isinstance(self.quorum, Quorum) else self.quorum
        plain["voters"] = None if self.voters is None else [str(v) for v in self.voters]
        return plain


def _interval(value: object, what: str) -> float:
    length = seconds(value, what)
    if length < SHORTEST:
        raise ValueError(f"{what} is at least {SHORTEST:g} s (a microsecond), not {value!r}: give it in seconds")
    return length


def _at_least_one(value: object, what: str) -> int:
    if not is_whole(value):
        raise TypeError(f"{what} is a whole number from 1, not {value!r} ({type(value).__name__})")
    if value < 1:
        raise ValueError(f"{what} is a whole number from 1, not {value!r}")
    return int(value)


def _names(voters: object) -> tuple[PeerId, ...] | None:
    if voters is None:
        return None
    if isinstance(voters, str):
        raise TypeError(f"voters is a list of names, not the text {voters!r}: write voters=({voters!r},)")
    try:
        names = [str(getattr(v, "id", v)) for v in voters]  # type: ignore[attr-defined]
    except TypeError:
        raise TypeError(f"voters is a list of names, not {voters!r}") from None
    if not names:
        raise ValueError("voters is empty: name at least one peer, or leave it out for quorum 'bonded'")
    for name in names:
        if not name or names.count(name) > 1:
            raise ValueError(f"voters names {name!r} twice" if name else "voters has an empty name")
    return tuple(PeerId(name) for name in sorted(names))
