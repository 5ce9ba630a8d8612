"""Disks: whatever was written is there again, entry by entry."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from groupkit.raft.messages import Snapshot
from groupkit.sim.disks import MemoryLog

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 12), st.integers(0, 4)),
        st.tuples(st.just("snapshot"), st.integers(1, 12), st.just(0)),
        st.tuples(st.just("wipe"), st.just(0), st.just(0)),
    ),
    max_size=15,
)


@given(STEPS)
def test_a_disk_holds_what_a_list_would_hold(steps: list[tuple[str, int, int]]) -> None:
    disk, model, base, term, kept = MemoryLog(), [], 0, 0, None  # type: ignore[var-annotated]
    for what, place, count in steps:
        if what == "wipe":
            disk.wipe()
            model, base, term, kept = [], 0, 0, None
            continue
        term += 1
        if what == "write":
            first = min(max(place, base + 1), base + len(model) + 1)
            entries = [(term, f"{term}.{n}", None) for n in range(count)]
            disk.write(term, "me", [(first, entries)], None)
            model = [*model[: first - base - 1], *entries]
        elif place > base:
            fits = place - base <= len(model)
            at = model[place - base - 1][0] if fits else term
            kept = Snapshot(term, place, at, b"data", {}, 0)
            disk.write(term, None, [], kept)
            model, base = (model[place - base :] if fits else []), place
        else:
            disk.write(term, None, [], None)
        vote: Any = "me" if what == "write" else None
        assert disk.read() == (term, vote, base, model, kept)


def test_what_was_read_is_a_copy() -> None:
    disk = MemoryLog()
    disk.write(1, "a", [(1, [(1, "x", None)])], None)
    disk.read()[3].append("scribble")  # type: ignore[attr-defined]
    assert disk.read()[3] == [(1, "x", None)]
