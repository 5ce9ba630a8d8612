"""What tests of the dashboard have in common."""

from tests.browser.notebook import PATIENCE

BUILD = """
from groupkit import Cluster, Counter
from groupkit_widgets import Dashboard
cluster = Cluster(5, machine=Counter, seed=7)
Dashboard(cluster)
"""
WAIT = """
changed = cluster.when().leader_changed()
print("waiting")
print("leader is now", await changed)
"""
LEADER = ".gk .gk-leader"
# These messages take minutes more at that pace, so that none has arrived when a slow page comes to it.
SLOW = """
def far(): return [m.number for m in cluster.in_flight() if m.arrival > cluster.clock.now + 0.008]
cluster.clock.pause()
while len(far()) < 3: await cluster.clock.advance(0.002)
cluster.clock.pace = 0.00002
print(far()[-1])
"""
# It prints before it blocks its kernel, and goes on as soon as `let_go` says so.
BUSY = """
import pathlib, time
print("busy", flush=True)
while not pathlib.Path("go").exists(): time.sleep(0.01)
pathlib.Path("go").unlink()
"""


def led_dashboard(notebook, *cells, build=BUILD):
    """A dashboard of five peers that have a leader."""
    nb = notebook([build, *cells])
    nb.run_cell(0)
    nb.wait_text(LEADER, "term 1")
    return nb


def value(nb, css, attribute):
    return nb.locator(css).first.get_attribute(attribute)


def wait_attribute(nb, css, attribute, wanted, timeout=PATIENCE):
    nb.locator(f"{css}[{attribute}='{wanted}']").first.wait_for(state="attached", timeout=timeout * 1000)


def keep_busy(nb, index):
    """Run the cell BUSY; the kernel is surely in it, and the page has seen that it hears nothing."""
    nb.run_cell(index, wait=False)
    nb.wait_output(index, "busy")
    wait_attribute(nb, ".gk", "data-state", "busy")


def let_go(nb):
    """The kernel of `keep_busy` goes on."""
    (nb.lab.root / "go").touch()
