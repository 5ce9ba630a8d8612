"""All randomness of a world comes from here: named streams from one seed, so that none disturbs another."""

from __future__ import annotations

from random import Random

from groupkit.raft.ids import is_whole


class Seeds:
    """``stream(name)`` is the same sequence for the same seed and name, in any process and any Python."""

    def __init__(self, seed: int) -> None:
        if not is_whole(seed):
            raise TypeError(f"seed is a whole number, not {seed!r} ({type(seed).__name__})")
        self.seed = int(seed)  # of an integer of numpy's, Python's own
        self._streams: dict[str, Random] = {}

    def stream(self, name: str) -> Random:
        """The stream of this name, made at its first mention."""
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = Random(f"groupkit/{self.seed}/{name}")
        return stream
