"""A signal reaches who blocks a running loop: a cell with an await in it, and asyncio.run, leave it to the loop."""

import asyncio
import os
import signal
import sys
import threading

import pytest

from groupkit import run
from groupkit.group.interrupts import audible

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


def test_run_is_ended_though_the_cell_awaits_too():
    async def interrupted():
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()

    async def cell():
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            run(interrupted)
        assert signal.getsignal(signal.SIGINT) is before
        return "went on"

    assert asyncio.run(cell()) == "went on"


def test_who_ignores_the_signal_goes_on_ignoring_it():
    async def cell():
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            with audible():
                os.kill(os.getpid(), signal.SIGINT)
                assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        finally:
            signal.signal(signal.SIGINT, before)

    asyncio.run(cell())


def test_on_another_thread_nothing_is_touched():
    before = signal.getsignal(signal.SIGINT)
    seen = []

    def elsewhere():
        with audible():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [before]


def test_the_first_press_waits_for_who_looks_and_the_second_is_raised_at_once():
    def press():
        os.kill(os.getpid(), signal.SIGINT)

    with audible() as heard:
        heard.check()
        press()
        with pytest.raises(KeyboardInterrupt):
            heard.check()
        with pytest.raises(KeyboardInterrupt):
            press()
    with audible(0), pytest.raises(KeyboardInterrupt):
        press()
