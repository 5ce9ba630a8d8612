"""What is built holds both packages whole, the widgets' .js and .css included."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.house import tree

PACKAGES = {"groupkit": "groupkit", "groupkit_widgets": "widgets/groupkit_widgets"}


def expected() -> set[str]:
    """Every file of the two packages, by the name it has once installed."""
    found = set()
    for package, folder in PACKAGES.items():
        for path in tree.files():
            if path.is_relative_to(tree.ROOT / folder):
                found.add(f"{package}/{path.relative_to(tree.ROOT / folder).as_posix()}")
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an sdist, and a wheel that was built from that sdist."""
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(tree.ROOT)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stdout + made.stderr
    return out


@pytest.mark.slow
def test_the_wheel_holds_both_packages_whole(built):
    (wheel,) = built.glob("*.whl")
    assert wheel.name == "groupkit-0.1.0-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    code = {name for name in names if ".dist-info/" not in name}
    assert code == expected()
    assert {name for name in code if name.endswith(".js")}, "the widgets have come without their scripts"
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.mark.slow
def test_the_sdist_holds_what_is_needed_to_work_on_it(built):
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "dev.py", "environment.yml"} <= names
    assert any(name.startswith("notebooks/") for name in names)
    assert not any(name.startswith((".venv", ".screens")) for name in names)


def test_the_packages_say_that_they_are_typed():
    for folder in PACKAGES.values():
        assert (tree.ROOT / folder / "py.typed").is_file()
