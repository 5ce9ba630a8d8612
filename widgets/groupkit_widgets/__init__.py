"""Live pictures of a cluster for notebooks: ``Dashboard(cluster)``, and each of its parts alone.

They follow the group by themselves, also while a cell awaits; what is clicked is done on the group's own event loop.
"""

from groupkit_widgets.commit_plot import CommitPlot
from groupkit_widgets.controls import Controls
from groupkit_widgets.dashboard import Dashboard
from groupkit_widgets.feed import Feed
from groupkit_widgets.leadership import Leadership
from groupkit_widgets.logs import Logs
from groupkit_widgets.replay import Replay
from groupkit_widgets.topology import Topology

__all__ = ["Dashboard", "Topology", "CommitPlot", "Leadership", "Logs", "Feed", "Controls", "Replay"]
