"""What holds for every test: the order they run in, where pictures are drawn, how examples are generated."""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

os.environ["MPLBACKEND"] = "Agg"  # no window, whatever the computer offers
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"  # otherwise Jupyter warns, and a warning is an error here

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's "pytest &": interrupts are part of what is tested
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples on every run and every computer: a failure here is a failure anywhere. So wall time is no matter.
settings.register_profile(
    "house", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first, then slow ones, then those in a browser: the first failure comes early.

    The order matters for one more reason: the browser's driver keeps an event loop running on this thread from
    its first use on, and after that no test could call `asyncio.run`.
    """

    def turn(item: pytest.Item) -> int:
        if item.get_closest_marker("browser"):
            return 2
        return 1 if item.get_closest_marker("slow") else 0

    items.sort(key=turn)
