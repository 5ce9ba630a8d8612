"""SqliteLog against MemoryLog: the file holds what memory would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groupkit import KeyValue, MemoryLog, SqliteLog
from groupkit.raft.log import Stamp
from groupkit.raft.messages import Snapshot
from tests.bonded.disks import content, snapshot

Steps = list[tuple[str, int, int, bool]]
steps: st.SearchStrategy[Steps] = st.lists(
    st.tuples(
        st.sampled_from(["extend", "extend", "cut", "vote", "snapshot", "install", "wipe", "reopen"]),
        st.integers(0, 5),
        st.integers(1, 4),
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=40)
@given(steps)
def test_given_any_writes_then_the_file_holds_what_memory_would(
    tmp_path_factory: pytest.TempPathFactory, given: Steps
) -> None:
    path = tmp_path_factory.mktemp("disk") / "peer.db"
    model, disk = MemoryLog(), SqliteLog(path)
    for what, place, many, bonded in given:
        _, _, base, entries, _ = model.read()
        last = base + len(entries)
        term = 1 + max([int(entry[0]) for entry in entries], default=0) * (place > 2)
        stamp = Stamp(term, "ab"[many % 2]) if bonded else term
        new = [(stamp, KeyValue.Put(n, place), ("c#1", n) if n % 2 else None) for n in range(many)]
        change: tuple[int, str | None, list[tuple[int, list[object]]], Snapshot | None] = (term, None, [], None)
        if what == "extend":
            change = (term, "b", [(last + 1, [*new])], None)
        elif what == "cut":
            first = base + 1 + place % (len(entries) + 1)
            change = (term, None, [(first, [*new[: many - 1]]), (first + many - 1, [*new])], None)
        elif what == "vote":
            change = (term, "xyz"[place % 3], [], None)
        elif what == "snapshot" and entries:
            at = place % len(entries)
            change = (term, None, [], snapshot(base + 1 + at, entries[at][0]))
        elif what == "install":
            change = (term, "b", [], snapshot(last + place, term + 7))
        if what == "wipe":
            model.wipe(), disk.wipe()
        elif what == "reopen":
            disk.close()
            disk = SqliteLog(path)
        else:
            model.write(*change)  # type: ignore[arg-type]
            disk.write(*change)  # type: ignore[arg-type]
        assert content(disk) == content(model)
    disk.close()
    again = SqliteLog(path)
    assert content(again) == content(model)
    again.close()
