"""Sweeps on other processes: the same frame, scenarios of notebooks included, and no row lost with a worker."""

import functools
import multiprocessing
import sys
import textwrap
import threading
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import pytest

from groupkit import SweepWarning, sweep
from tests.trials.scenarios import deadly, deadly_once, downtime, drawn

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")]
quiet = functools.partial(sweep, progress=False)


def of_a_notebook(source: str, name: str):
    """A function as a cell makes it: of the module __main__, in no file that another process could import."""
    space = {"__name__": "__main__"}
    exec(textwrap.dedent(source), space)
    return space[name]


SQUARES = of_a_notebook(
    """
    base = 2
    def power(seed):
        return seed ** base
    async def squares(seed, plus):
        if seed == 5:
            raise ValueError("five")
        return {"square": power(seed) + plus}
    """,
    "squares",
)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_pool_of_processes_gives_the_same_frame(method):
    here, ours = quiet(downtime, {"peers": [3, 5]}, 5), quiet(SQUARES, {"plus": [0, 1]}, 70)
    with ProcessPoolExecutor(2, multiprocessing.get_context(method)) as pool:
        pd.testing.assert_frame_equal(quiet(downtime, {"peers": [3, 5]}, 5, pool), here)
        pd.testing.assert_frame_equal(quiet(SQUARES, {"plus": [0, 1]}, 70, pool), ours)
    assert ours["error"].notna().sum() == 2


def spawned() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))


def test_a_worker_killed_midway_loses_no_row(tmp_path):
    with spawned() as pool, pytest.warns(SweepWarning, match="the process pool lost a worker"):
        frame = quiet(deadly_once, {"marker": [str(tmp_path / "killed")]}, 20, pool)
    assert frame["square"].tolist() == [seed * seed for seed in range(20)]
    assert frame["error"].isna().all()


def test_a_run_that_kills_its_worker_every_time_is_one_row_of_error():
    with spawned() as pool, pytest.warns(SweepWarning, match="the process pool lost a worker"):
        frame = quiet(deadly, {}, 12, pool)
    assert frame["error"].notna().sum() == 1
    assert frame.loc[7, "error"] == "its worker process died in this run, and once more when it ran alone"
    assert frame["square"].drop(index=7).tolist() == [seed * seed for seed in range(12) if seed != 7]


def test_what_cannot_travel_is_refused_or_a_row():
    lock = threading.Lock()

    async def holds(seed):
        with lock:
            return {}

    with spawned() as pool:
        with pytest.raises(TypeError, match="holds cannot be sent to another process"):
            quiet(holds, {}, 2, pool)
        frame = quiet(of_a_notebook(RETURNS, "returns"), {}, 2, pool)
    assert frame["error"].tolist()[1].startswith("TypeError: its result cannot be sent back")


def test_what_cannot_be_opened_here_is_a_row():
    with spawned() as pool:
        frame = quiet(of_a_notebook(UNOPENED, "unopened"), {}, 130, pool)
        with pytest.raises(TypeError, match=r"the parameter plus=<unlocked _thread.lock .*> cannot be sent to another"):
            quiet(SQUARES, {"plus": [threading.Lock()]}, 1, pool)
    assert frame["error"].notna().sum() == 1
    assert frame.loc[1, "error"].startswith("its result cannot be opened here (ValueError: invalid literal")


UNOPENED = """
class Odd:
    def __reduce__(self):
        return int, ("odd",)
async def unopened(seed):
    return {"odd": Odd() if seed == 1 else seed}
"""


def stumbles():
    raise RuntimeError("no tools here")


def test_a_pool_that_cannot_begin_is_not_held_against_the_runs(capfd):
    pool = ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), initializer=stumbles)
    with pool, pytest.raises(RuntimeError, match=r"no worker process of this pool gets as far .* pool's initializer"):
        quiet(drawn, {}, 3, pool)
    assert "no tools here" in capfd.readouterr().err


RETURNS = """
async def returns(seed):
    import threading
    return {"lock": threading.Lock() if seed else 0}
"""


def test_dask_workers_and_one_of_them_killed(tmp_path):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", silence_logs=50
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        executor = client.get_executor()
        pd.testing.assert_frame_equal(
            quiet(SQUARES, {"plus": [0, 1]}, 70, executor), quiet(SQUARES, {"plus": [0, 1]}, 70)
        )
        frame = quiet(deadly_once, {"marker": [str(tmp_path / "killed")]}, 40, executor)
    assert (tmp_path / "killed").exists()
    assert frame["square"].tolist() == [seed * seed for seed in range(40)]
    assert frame["error"].isna().all()
