"""One row a run: the grid, errors as rows, the same frame wherever it runs, interrupts that keep what is done."""

import asyncio
import functools
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from groupkit import Cluster, SweepWarning, sweep
from groupkit.group import aside
from groupkit.group.aside import Aside
from tests.trials.scenarios import downtime, drawn, sometimes

quiet = functools.partial(sweep, progress=False)


class Backwards(Executor):
    """Does what it was given only when the first result is asked for, the last task first."""

    def __init__(self):
        self.tasks = []

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.tasks.append((future, fn, args))
        if len(self.tasks) == 1:
            threading.Timer(0.05, self.work).start()
        return future

    def work(self):
        for future, fn, args in reversed(self.tasks):
            future.set_result(fn(*args))


def test_one_row_a_run_in_the_order_of_the_grid():
    frame = quiet(downtime, {"peers": [3, 5], "timeout": [1.0, 2.0]}, 2)
    assert list(frame.columns) == ["peers", "timeout", "seed", "downtime", "new", "error"]
    assert frame[["peers", "timeout", "seed"]].to_numpy().tolist() == [
        [3, 1.0, 0], [3, 1.0, 1], [3, 2.0, 0], [3, 2.0, 1], [5, 1.0, 0], [5, 1.0, 1], [5, 2.0, 0], [5, 2.0, 1],
    ]  # fmt: skip
    assert frame["error"].isna().all()
    assert frame["peers"].dtype == "int64" and frame["downtime"].dtype == "float64"
    assert (frame["downtime"] > 0.3).all()
    assert frame.attrs["planned"] == 8 and frame.attrs["interrupted"] is False


def test_points_may_be_listed_and_may_differ_in_their_names():
    frame = quiet(drawn, [{"n": 2}, {}], range(10, 12))
    assert list(frame.columns) == ["n", "seed", "sum", "error"]
    assert frame["seed"].tolist() == [10, 11, 10, 11]
    assert frame["n"].isna().tolist() == [False, False, True, True]


def test_no_parameters_at_all():
    assert len(quiet(drawn, {}, 3)) == 3


def test_numbers_of_numpy_are_handed_on_as_pythons_own():
    async def kinds(seed, n):
        return {"kind": type(n).__name__, "seeds": type(seed).__name__}

    frame = quiet(kinds, {"n": np.arange(2)}, np.array([4, 5]))
    assert set(frame["kind"]) == set(frame["seeds"]) == {"int"}


def test_errors_are_rows():
    frame = quiet(sometimes, {}, 5)
    assert frame["error"].tolist()[3].startswith("ValueError: 3 is bad (line ")
    assert frame["error"].notna().sum() == 1
    assert frame["square"].dropna().tolist() == [0, 1, 4, 16]


def test_a_sweep_of_errors_says_so_at_once():
    async def broken(seed):
        raise RuntimeError("no")

    with pytest.warns(SweepWarning, match="every run ended in an error; the first: RuntimeError: no"):
        frame = quiet(broken, {}, 3)
    assert len(frame) == 3


def test_networks_take_the_seed_and_run_as_fast_as_they_can():
    async def seen(seed):
        async with Cluster(3) as cluster:
            await cluster.clock.sleep(1000)
            return {"of": cluster.seed, "pace": cluster.clock.pace}

    frame = quiet(seen, {}, [3, 8])
    assert frame["of"].tolist() == [3, 8] and set(frame["pace"]) == {float("inf")}


def test_the_same_frame_beside_a_running_loop_and_on_any_executor():
    over = {"peers": [3, 4]}
    here = quiet(downtime, over, 4)

    async def cell():
        return quiet(downtime, over, 4)

    pd.testing.assert_frame_equal(asyncio.run(cell()), here)
    with ThreadPoolExecutor(2) as threads:
        pd.testing.assert_frame_equal(quiet(downtime, over, 4, threads), here)
    pd.testing.assert_frame_equal(quiet(downtime, over, 4, Backwards()), here)


NESTED = """
import asyncio, groupkit
from tests.trials.scenarios import drawn
async def cell():
    groupkit.run_sync(asyncio.sleep(0))
    return groupkit.sweep(drawn, {}, 2, progress=False)
print(len(asyncio.run(cell())))
"""


def test_beside_a_loop_that_nest_asyncio_has_patched():
    """In a process of its own: what nest-asyncio patches stays patched."""
    command = [sys.executable, "-c", NESTED]
    assert subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stdout.strip() == "2"


def test_an_interrupt_keeps_what_is_done():
    async def interrupted(seed):
        if seed == 3:
            raise KeyboardInterrupt
        return {"n": seed}

    with pytest.warns(SweepWarning, match="the frame has the 3 of 10 runs that were done"):
        frame = quiet(interrupted, {}, 10)
    assert frame["n"].tolist() == [0, 1, 2]
    assert frame.attrs["interrupted"] is True


def interrupt_once(monkeypatch, begun):
    """As the stop button of a notebook does, at the first look after ``begun``."""
    real, raised = Aside.over, []

    def over(self, within=None):
        if not raised and begun.wait(60):
            raised.append(True)
            raise KeyboardInterrupt
        return real(self, within)

    monkeypatch.setattr(Aside, "over", over)


def test_an_interrupt_beside_a_running_loop_ends_the_run_at_hand(monkeypatch):
    begun = threading.Event()

    async def endless(seed):
        if seed == 2:
            begun.set()
            await asyncio.Event().wait()
        return {"n": seed}

    interrupt_once(monkeypatch, begun)

    async def cell():
        with pytest.warns(SweepWarning, match="2 of 5"):
            return quiet(endless, {}, 5)

    assert asyncio.run(cell())["n"].tolist() == [0, 1]


def test_an_interrupt_ends_a_run_that_never_awaits(monkeypatch):
    begun, ended = threading.Event(), threading.Event()

    async def busy(seed):
        try:
            begun.set()  # from here on it may be broken off in any line
            while True:
                pass
        finally:
            ended.set()

    interrupt_once(monkeypatch, begun)
    monkeypatch.setattr(aside, "PATIENCE", 0.05)

    async def cell():
        with pytest.warns(SweepWarning, match="0 of 3"):
            return quiet(busy, {}, 3)

    assert asyncio.run(cell()).empty
    assert ended.wait(60), "its thread does not go on behind the notebook's back"


def test_progress_is_shown_with_the_errors(capsys):
    sweep(sometimes, {}, 5)
    assert "5/5" in capsys.readouterr().err


def test_an_error_is_one_line_whatever_it_is():
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError("no")

    class Bare(BaseException):
        pass

    async def fails(seed):
        if seed == 1:
            raise ValueError("two\n  lines")
        if seed == 2:
            raise Mute
        if seed == 3:
            raise Bare("not even an Exception")
        if seed == 4:
            async with asyncio.TaskGroup() as group:
                group.create_task(fails(1))
        return {"n": seed}

    errors = quiet(fails, {}, 5)["error"].tolist()
    assert errors[1].startswith("ValueError: two lines (line ")
    assert errors[2].startswith("Mute: (its text cannot be told)")
    assert errors[3].startswith("Bare: not even an Exception (line ")
    assert errors[4].startswith("ExceptionGroup: ValueError: two lines (line ")


def test_no_run_sees_what_another_did_to_its_list_or_its_result():
    kept = {}

    async def appends(seed, begun):
        begun.append(seed)
        kept["n"] = len(begun)
        kept["seen"] = seed
        return kept

    here = quiet(appends, {"begun": [[], [7]]}, 3)
    assert here["n"].tolist() == [1, 1, 1, 2, 2, 2] and here["seen"].tolist() == [0, 1, 2, 0, 1, 2]
    assert here["begun"].tolist() == [[], [], [], [7], [7], [7]]
    with ThreadPoolExecutor(1) as threads:
        pd.testing.assert_frame_equal(quiet(appends, {"begun": [[], [7]]}, 3, threads), here)


@pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")
@pytest.mark.parametrize("workers", [0, 1])
def test_a_signal_is_heard_though_a_loop_runs(workers):
    """As in a cell with an await in it, or under groupkit.run: the loop has the signal, and the sweep the loop."""

    async def interrupted(seed):
        if seed == 2:
            os.kill(os.getpid(), signal.SIGINT)
            if not workers:
                await asyncio.Event().wait()
        return {"n": seed}

    async def cell():
        before = signal.getsignal(signal.SIGINT)
        if workers:
            with ThreadPoolExecutor(workers) as threads:
                frame = quiet(interrupted, {}, 100_000, threads)
        else:
            frame = quiet(interrupted, {}, 10)
        assert signal.getsignal(signal.SIGINT) is before
        return frame

    with pytest.warns(SweepWarning, match="interrupted: the frame has the"):
        frame = asyncio.run(cell())
    assert frame.attrs["interrupted"] is True
    assert frame["n"].tolist() == [0, 1] if not workers else len(frame) < 100_000
