"""Figures of a run. Each takes a ``Timeline`` and gives matplotlib ``Axes``; ``ax=`` draws into axes one has already.

Colour means term everywhere, and nothing is told by colour alone. The figures follow a dark style
(``plt.style.use("dark_background")``) by themselves.
"""

from groupkit.record.plot_ballots import elections
from groupkit.record.plot_lanes import leadership, roles
from groupkit.record.plot_lines import committed
from groupkit.record.plot_logs import logs
from groupkit.record.plot_spacetime import spacetime
from groupkit.record.plot_sweeps import cdf, heatmap

__all__ = ["committed", "leadership", "roles", "elections", "logs", "spacetime", "cdf", "heatmap"]
