"""Executors that lose, mix up and hold back what they were given."""

import functools
from concurrent.futures import Executor, Future

import cloudpickle
import pytest

from groupkit import SweepWarning, sweep
from groupkit.trials import afar
from tests.trials.scenarios import drawn

quiet = functools.partial(sweep, progress=False)


class KilledWorker(Exception):
    """Called as Dask's."""


class Asked(Future):
    """Tells its executor when somebody waits for it: by then all of a round were submitted."""

    def __init__(self, executor):
        super().__init__()
        self.executor = executor

    def add_done_callback(self, function):
        super().add_done_callback(function)
        self.executor.work()


class Blaming(Executor):
    """As Dask does: one run kills the worker, and all that was submitted with it is blamed."""

    def __init__(self, victim):
        self.victim = victim
        self.round = []
        self.tickets = []

    def submit(self, function, /, packed, jobs, ticket):
        future = Asked(self)
        self.round.append((future, function, packed, jobs, ticket))
        self.tickets.append(ticket)
        return future

    def work(self):
        numbers = [job[0] for _, _, _, jobs, _ in self.round for job in cloudpickle.loads(jobs)]
        while self.round:
            future, function, *arguments = self.round.pop(0)
            if self.victim in numbers:
                future.set_exception(KilledWorker("died"))
            else:
                future.set_result(function(*arguments))


def test_who_was_only_in_company_of_a_killer_is_not_blamed():
    executor = Blaming(3)
    frame = quiet(drawn, {}, 8, executor)
    assert frame["error"].notna().tolist() == [number == 3 for number in range(8)]
    assert frame.loc[3, "error"] == "its worker failed: KilledWorker: died"
    assert frame["sum"].drop(index=3).equals(quiet(drawn, {}, 8)["sum"].drop(index=3))


def test_no_two_tasks_are_alike():
    """Dask would take them for one, and answer a sweep with what became of an earlier one."""
    executor = Blaming(None)
    quiet(drawn, {}, 8, executor)
    quiet(drawn, {}, 8, executor)
    assert len(set(executor.tickets)) == 16


class Waiting(Executor):
    """Has nobody to work until somebody asked how many there are."""

    def __init__(self):
        self.tasks = []
        self._client = self  # as Dask's keeps it

    def submit(self, function, /, *arguments):
        self.tasks.append((Future(), function, arguments))
        return self.tasks[-1][0]

    def nthreads(self):
        for future, function, arguments in self.tasks:
            future.set_result(function(*arguments))
        return {}


def test_that_nobody_works_is_said(monkeypatch):
    monkeypatch.setattr(afar, "QUIET", 0.01)
    with pytest.warns(SweepWarning, match="Dask has no workers at the moment, and the sweep waits for some") as told:
        assert len(quiet(drawn, {}, 4, Waiting())) == 4
    assert told[0].filename.endswith("functools.py") or told[0].filename == __file__
