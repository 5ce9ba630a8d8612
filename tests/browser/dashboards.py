"""What tests of the dashboard have in common."""

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


def led_dashboard(notebook, *cells, build=BUILD):
    """A dashboard of five peers that have a leader."""
    nb = notebook([build, *cells])
    nb.run_cell(0)
    nb.wait_text(LEADER, "term 1")
    return nb


def value(nb, css, attribute):
    return nb.locator(css).first.get_attribute(attribute)


def wait_attribute(nb, css, attribute, wanted, timeout=15):
    nb.locator(f"{css}[{attribute}='{wanted}']").first.wait_for(state="attached", timeout=timeout * 1000)
