"""The log against a plain list, the way hypothesis finds differences."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from groupkit.raft.log import Log

CLIENTS = st.sampled_from(["a#1", "b#1", None])


class LogAgainstList(RuleBasedStateMachine):
    """``model`` holds every entry from index 1 on, pruned or not."""

    @initialize()
    def begin(self) -> None:
        self.log = Log()
        self.model: list[tuple[int, Any, Any]] = []
        self.base = 0
        self.serials = {"a#1": 0, "b#1": 0}

    @rule(step=st.integers(0, 2), clients=st.lists(CLIENTS, max_size=4))
    def extend(self, step: int, clients: list[str | None]) -> None:
        term = (self.model[-1][0] if self.model else 0) + step
        entries = []
        for client in clients:
            ident = None
            if client is not None:
                self.serials[client] += 1
                ident = (client, self.serials[client])
            entries.append((term, object(), ident))
        self.log.extend(entries)
        self.model += entries

    @rule(data=st.data())
    def cut(self, data: st.DataObject) -> None:
        if len(self.model) > self.base:
            first = data.draw(st.integers(self.base + 1, len(self.model)))
            self.log.cut(first)
            del self.model[first - 1 :]

    @rule(data=st.data())
    def prune(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(self.base, len(self.model)))
        self.log.prune(index)
        self.base = index

    @rule(data=st.data())
    def look_at_identities(self, data: st.DataObject) -> None:
        wanted: dict[str, Any] = {}
        for index, (term, _, ident) in enumerate(self.model, 1):
            if ident is not None:
                wanted[ident[0]] = (ident[1], index, term)
        assert self.log.latest == wanted
        for index, (term, _, ident) in enumerate(self.model, 1):
            if ident is not None and (index > self.base or wanted[ident[0]][0] == ident[1]):
                assert self.log.find(ident) == (term, index)
        assert self.log.find(("nobody", 1)) is None
        assert self.log.find(("a#1", 10**6)) is None

    @invariant()
    def ends_and_terms_agree(self) -> None:
        log, model = self.log, self.model
        assert (log.last, log.base) == (len(model), self.base)
        assert log.last_term == (model[-1][0] if model else 0)
        assert log.entries == model[self.base :]
        assert log.term_at(len(model) + 1) == -1
        for index in range(self.base, len(model) + 1):
            assert log.term_at(index) == (model[index - 1][0] if index else 0)
        if self.base:
            assert log.term_at(self.base - 1) == -1

    @invariant()
    def runs_of_terms_agree(self) -> None:
        log, model = self.log, self.model
        terms = [entry[0] for entry in model]
        for index in range(self.base + 1, len(model) + 1):
            first = index
            while first > self.base + 1 and terms[first - 2] == terms[index - 1]:
                first -= 1
            assert log.first_of_term(index) == first
        for term in set(terms):
            kept = [i for i in range(self.base + 1, len(model) + 1) if terms[i - 1] == term]
            assert log.last_of_term(term, len(model)) == (kept[-1] if kept else 0)


LogAgainstList.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestLogAgainstList = LogAgainstList.TestCase


@given(st.lists(st.integers(1, 5)).map(sorted), st.integers(0, 6), st.integers(0, 12))
def test_5_4_1_up_to_date_compares_terms_then_lengths(terms: list[int], term: int, index: int) -> None:
    log = Log()
    log.extend([(t, None, None) for t in terms])
    mine = (terms[-1] if terms else 0, len(terms))
    assert log.up_to_date(term, index) == ((term, index) >= mine)


@given(st.integers(0, 30), st.integers(1, 35), st.integers(1, 10))
def test_slices_are_what_a_list_gives(length: int, first: int, most: int) -> None:
    log = Log()
    entries = [(1, n, None) for n in range(length)]
    log.extend(entries)
    assert list(log.slice(first, most)) == entries[first - 1 : first - 1 + most]
    assert [log.entry(i) for i in range(1, length + 1)] == entries


def test_after_a_snapshot_was_installed_the_log_goes_on_behind_it() -> None:
    log = Log()
    log.extend([(1, "x", ("c", 1))])
    log.restart_at(7, 3, {"d": (4, 6, 2)})
    assert (log.base, log.last, log.last_term, log.term_at(7), log.entries) == (7, 7, 3, 3, [])
    assert log.latest == {"d": (4, 6, 2)}
    log.extend([(4, "y", ("d", 5))])
    assert log.find(("d", 5)) == (4, 8)
    log.cut(8)
    assert log.latest == {"d": (4, 6, 2)}
