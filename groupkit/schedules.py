"""``groupkit.trials.schedules``, under the name that its users know."""

import sys
from typing import TYPE_CHECKING

from groupkit.trials import schedules

if TYPE_CHECKING:
    from groupkit.trials.schedules import *  # noqa: F403

sys.modules[__name__] = schedules
