"""A sweep on an executor: in chunks, told as they come, and none lost with the worker it was on."""

from __future__ import annotations

import itertools
import os
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from queue import Empty, SimpleQueue
from typing import TypeVar

import cloudpickle

from groupkit.group.interrupts import LOOK, Heard, audible
from groupkit.trials import work
from groupkit.trials.plan import Plan
from groupkit.trials.work import Outcome

Tell = Callable[[Outcome], None]
T = TypeVar("T")
CHUNKS = 64  # about so many, so that any number of workers has something to do to the end
LONGEST = 32  # runs in a chunk at most: a lost worker loses little, the progress bar moves
FAILED, NOTHING = "its worker failed: ", "its worker was interrupted in this run"
DEATH = FAILED + "KilledWorker"  # what Dask says of a task whose workers died, whether by its fault or by a neighbour's
QUIET = 30.0  # seconds of wall time in which nothing comes back, until it is asked whether there is anybody to do it
PATIENCE = 1.0  # seconds of wall time that an interrupt waits for the chunks under way

_tickets = itertools.count()


class Afar:
    """The runs of a plan on the workers of somebody's executor."""

    def __init__(self, plan: Plan, executor: Executor, tell: Tell, warn: Callable[[str], object]) -> None:
        self._plan = plan
        self._executor = executor
        self._tell = tell
        self._warn = warn
        self._packed = work.pack(plan.scenario, plan.names)
        work.pack_points(plan.points)
        self._left = dict.fromkeys(range(plan.runs))
        self._heard = Heard(0)
        self.broke = False  # the pool lost a worker, and takes nothing more
        self._told_of_nobody = False
        self.replaced = False  # another pool took over

    def run(self) -> bool:
        """Do every run. Returns False if it was interrupted before the last."""
        try:
            with audible() as self._heard:
                self._in_chunks(_chunks(self._plan.runs))
                if self._left:
                    self._recover()
        except KeyboardInterrupt:
            return False
        return True

    def _in_chunks(self, chunks: Iterable[Sequence[int]]) -> None:
        """A chunk that fails as a whole is tried once more, run by run, to find out which run is the cause."""
        failed = self._all_at_once(chunks)
        again = [number for number in self._left if not failed.get(number, "").startswith(DEATH)]
        if not self.broke:
            failed |= self._all_at_once([[number] for number in again])
            for number in [number for number in self._left if failed.get(number, "").startswith(DEATH)]:
                failed.pop(number)  # Dask blames all that was on a worker that died: so each by itself, without company
                failed |= self._all_at_once([[number]])
        for number in list(self._left) if not self.broke else ():
            self._give_up([number], failed.get(number, NOTHING))

    def _all_at_once(self, chunks: Iterable[Sequence[int]]) -> dict[int, str]:
        """Submit them all, and tell what comes back. Returns the runs that nothing came back of, and why."""
        futures: dict[Future[bytes], Sequence[int]] = {}
        failed: dict[int, str] = {}
        done: SimpleQueue[Future[bytes]] = SimpleQueue()
        try:
            for numbers in chunks:
                self._submit(self._executor, numbers, futures)
            for future in futures:
                future.add_done_callback(done.put)
            for _ in futures:
                future = self._next(done)
                why = self._taken(future)
                if why:
                    failed |= dict.fromkeys(futures[future], why)
        except BaseException:
            self._abandon(futures)
            raise
        return failed

    def _next(self, done: SimpleQueue[Future[bytes]]) -> Future[bytes]:
        """Nobody is told by Dask when all workers are gone; whether others will come is not for a sweep to know."""
        quiet = 0.0
        while True:
            self._heard.check()
            try:
                return done.get(timeout=LOOK)
            except Empty:
                quiet += LOOK
                if quiet >= QUIET and not self._told_of_nobody:
                    quiet = 0.0
                    if _has_nobody(self._executor):
                        self._told_of_nobody = True
                        self._tell_of_nobody()

    def _some(self, futures: Collection[Future[T]]) -> Iterable[Future[T]]:
        """Those of them that are done, as soon as there are any."""
        done: Iterable[Future[T]] = ()
        while futures and not done:
            self._heard.check()
            done = wait(futures, timeout=LOOK, return_when=FIRST_COMPLETED).done
        return done

    def _tell_of_nobody(self) -> None:
        self._warn(
            "Dask has no workers at the moment, and the sweep waits for some; an interrupt keeps what is done. (A "
            "LocalCluster may have lost its own to an interrupt, or to runs that kill them: then make a new one.)"
        )

    def _submit(self, executor: Executor, numbers: Sequence[int], futures: dict[Future[bytes], Sequence[int]]) -> None:
        jobs = cloudpickle.dumps([(number, *self._plan.job(number)) for number in numbers])
        try:
            futures[executor.submit(work.chunk, self._packed, jobs, (os.getpid(), next(_tickets)))] = numbers
        except BrokenExecutor:
            self.broke = True

    def _taken(self, future: Future[bytes]) -> str:
        """Tell what ``future`` brought; or why it brought nothing ("" also where a whole pool broke)."""
        if future.cancelled():
            return "its executor cancelled it"
        error = future.exception()
        if isinstance(error, BrokenExecutor):
            self.broke = True
        elif error is not None:
            return f"{FAILED}{work.said(error)}"
        else:
            return self._take(future.result())
        return ""

    def _abandon(self, futures: dict[Future[bytes], Sequence[int]]) -> None:
        """Interrupted: nothing more begins; what is done counts, and what workers hand in on their own interrupt."""
        running = [future for future in futures if not future.cancel()]
        for future in wait(running, timeout=PATIENCE).done:
            if not future.cancelled() and future.exception() is None:
                self._take(future.result())

    def _take(self, answer: bytes) -> str:
        try:
            outcomes = cloudpickle.loads(answer)
        except Exception as error:
            return f"its result cannot be opened here ({work.said(error)}): return numbers and text"
        for outcome in outcomes:
            if outcome.number in self._left:
                del self._left[outcome.number]
                self._tell(outcome)
        return ""

    def _give_up(self, numbers: Iterable[int], why: str) -> None:
        for number in numbers:
            if number in self._left:
                del self._left[number]
                self._tell(Outcome(number, {}, why))

    # -- when a process pool breaks --------------------------------------------------------------------------------

    def _recover(self) -> None:
        """A process pool that lost a worker takes nothing more: go on in new ones, and find the run that kills them."""
        if not isinstance(self._executor, ProcessPoolExecutor):
            self._give_up(list(self._left), "its executor broke: make a new one, and sweep again over what is missing")
            return
        self.replaced = True
        workers = int(getattr(self._executor, "_max_workers", 1))
        while self._left:
            for number in self._until_it_breaks(workers) or list(self._left)[:1]:
                self._alone(number)

    def _pool_like(self, workers: int) -> ProcessPoolExecutor:
        # The pool keeps how it was made in private; where a later Python calls it otherwise, defaults will do.
        old = self._executor
        initializer, arguments = getattr(old, "_initializer", None), getattr(old, "_initargs", ())
        return ProcessPoolExecutor(workers, getattr(old, "_mp_context", None), initializer, arguments)

    def _until_it_breaks(self, workers: int) -> list[int]:
        """One run a task, as many at once as there are workers. Returns those that were under way when it broke."""
        flying: dict[Future[bytes], Sequence[int]] = {}
        waiting = deque(self._left)
        self.broke = False
        with self._pool_like(workers) as pool:
            if len(self._left) == self._plan.runs:
                self._make_ready(pool)
            try:
                while (waiting or flying) and not self.broke:
                    while waiting and len(flying) < workers and not self.broke:
                        self._submit(pool, [waiting.popleft()], flying)
                    for future in self._some(flying):
                        why = self._taken(future)
                        if not self.broke:
                            numbers = flying.pop(future)
                            self._give_up(numbers, why or NOTHING)
            except BaseException:
                self._abandon(flying)
                raise
        return [number for numbers in flying.values() for number in numbers if number in self._left]

    def _make_ready(self, pool: ProcessPoolExecutor) -> None:
        """Not one run was done so far: is it the pool that cannot do any?"""
        try:
            for future in self._some([pool.submit(work.ready)]):
                future.result()
        except BrokenExecutor as error:
            initializer = " and look at the pool's initializer" if getattr(pool, "_initializer", None) else ""
            raise RuntimeError(
                "no worker process of this pool gets as far as its first run; each says why on stderr. In a script, "
                f"guard what makes the pool and sweeps with if __name__ == '__main__':{initializer}"
            ) from error

    def _alone(self, number: int) -> None:
        if number not in self._left:
            return
        futures: dict[Future[bytes], Sequence[int]] = {}
        with self._pool_like(1) as pool:
            self._submit(pool, [number], futures)
            for future in self._some(futures):
                self._taken(future)
        self._give_up([number], "its worker process died in this run, and once more when it ran alone")


def _has_nobody(executor: Executor) -> bool:
    """Whether this is an executor of Dask's whose cluster has no workers."""
    threads = getattr(getattr(executor, "_client", None), "nthreads", None)
    try:
        return callable(threads) and not threads()
    except Exception:  # it cannot be asked: then what it was given fails by itself
        return False


def _chunks(runs: int) -> Iterable[Sequence[int]]:
    size = max(1, min(LONGEST, runs // CHUNKS))
    return (range(first, min(first + size, runs)) for first in range(0, runs, size))
