"""``groupkit.trials.papers``, under the name that its users know."""

import sys
from typing import TYPE_CHECKING

from groupkit.trials import papers

if TYPE_CHECKING:
    from groupkit.trials.papers import *  # noqa: F403

sys.modules[__name__] = papers
