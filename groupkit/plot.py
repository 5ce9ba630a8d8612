"""``groupkit.record.plot``, under the name that its users know."""

import sys
from typing import TYPE_CHECKING

from groupkit.record import plot

if TYPE_CHECKING:
    from groupkit.record.plot import *  # noqa: F403

sys.modules[__name__] = plot
