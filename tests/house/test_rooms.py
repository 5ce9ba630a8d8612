"""The rooms keep their promises: what never enters them, and what the package loads when it is imported."""

import json
import subprocess
import sys

from tests.house import tree

# Also kept by ruff's ban list and import-linter; here they hold for a run of the tests alone.
NEVER_IN_RAFT = {"asyncio", "time", "random", "logging", "datetime", "threading", "pandas", "numpy"}
NEVER_IN_SIM = NEVER_IN_RAFT
ONLY_SEEDS_DRAW = "groupkit/sim/seeds.py"
ALONE = "groupkit.check"

# `import groupkit` stays light: a frame, a plot or a widget loads what it needs when it is asked for.
HEAVY = ["pandas", "numpy", "matplotlib", "anywidget", "ipywidgets", "IPython", "dask", "nest_asyncio", "rich", "tqdm"]

ASK = f"""
import json, sys
import groupkit
heavy = [name for name in {HEAVY!r} if name in sys.modules]
missing = [name for name in groupkit.__all__ if not hasattr(groupkit, name)]
print(json.dumps({{"heavy": heavy, "missing": missing, "twice": len(groupkit.__all__) - len(set(groupkit.__all__))}}))
"""


def banned(folder: str, never: set[str], but: str = "") -> list[str]:
    return [
        f"{tree.name_of(path)}:{line}: {name}"
        for path in tree.sources(folder)
        for line, name in tree.imports(tree.parse(path))
        if name.split(".")[0] in never and tree.name_of(path) != but
    ]


def test_raft_is_pure():
    assert tree.sources("groupkit/raft")
    assert not banned("groupkit/raft", NEVER_IN_RAFT)


def test_raft_imports_no_other_room():
    inside = [
        f"{tree.name_of(path)}:{line}: {name}"
        for path in tree.sources("groupkit/raft")
        for line, name in tree.imports(tree.parse(path))
        if name.split(".")[0] == "groupkit" and not name.startswith("groupkit.raft.")
    ]
    assert not inside


def test_sim_draws_only_in_its_seeds_file():
    assert not banned("groupkit/sim", NEVER_IN_SIM, but=ONLY_SEEDS_DRAW)


def test_check_stands_alone_on_the_standard_library():
    strangers = [
        f"{tree.name_of(path)}:{line}: {name}"
        for path in tree.sources(ALONE.replace(".", "/"))
        for line, name in tree.imports(tree.parse(path))
        if name.split(".")[0] not in sys.stdlib_module_names | {"matplotlib"} and not name.startswith(ALONE)
    ]
    assert not strangers
    ask = f"import sys, {ALONE}; print('matplotlib' in sys.modules)"  # only when somebody asks for a picture
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, cwd=tree.ROOT, timeout=600)
    assert answer.stdout.strip() == "False", answer.stderr


def test_importing_groupkit_is_light_and_every_public_name_is_there():
    answer = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, cwd=tree.ROOT, timeout=600)
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {"heavy": [], "missing": [], "twice": 0}
