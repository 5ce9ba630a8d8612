"""environment.yml, for conda, asks for the same packages as pyproject.toml; the changelog knows the version."""

import re
import tomllib

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tests.house import tree

PROJECT = tomllib.loads((tree.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ENVIRONMENT = yaml.safe_load((tree.ROOT / "environment.yml").read_text(encoding="utf-8"))

# What conda calls by another name: the parts without a desktop toolkit, and an extra that is a package of its own.
CONDA_NAMES = {"matplotlib": ["matplotlib-base"], "dask[distributed]": ["dask-core", "distributed"]}
MATCH_SPEC = re.compile(r"(?P<name>[a-z0-9][a-z0-9._-]*)(?: (?P<version>[<>=!~0-9.,*]+))?")


def wanted() -> dict[str, SpecifierSet]:
    """Name and versions of each package pyproject asks for at run time, in conda's names."""
    found = {"python": SpecifierSet(PROJECT["requires-python"])}
    for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["dask"]:
        requirement = Requirement(line)
        extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
        name = requirement.name.lower()
        for conda_name in CONDA_NAMES.get(name + extras, [name]):
            found[conda_name] = requirement.specifier
    return found


def given() -> dict[str, SpecifierSet]:
    """Name and versions of each match-spec in environment.yml; pip itself is a tool, not a dependency."""
    found = {}
    for line in ENVIRONMENT["dependencies"]:
        if isinstance(line, str) and line != "pip":
            match = MATCH_SPEC.fullmatch(line)
            assert match, f"not a plain match-spec: {line!r}"
            found[match["name"]] = SpecifierSet(match["version"] or "")
    return found


def test_conda_and_pip_install_the_same_packages():
    assert given() == wanted()


def test_conda_installs_the_package_itself():
    assert {"pip": ["-e ."]} in ENVIRONMENT["dependencies"]
    assert ENVIRONMENT["name"] == PROJECT["name"]
    assert ENVIRONMENT["channels"] == ["conda-forge"]


def test_every_runtime_dependency_says_the_oldest_release_that_will_do():
    for line in PROJECT["dependencies"]:
        operators = [specifier.operator for specifier in Requirement(line).specifier]
        assert operators == [">="], f"{line}: a lower bound and no more"


def test_the_python_versions_agree():
    """pyproject, its classifiers and dev.py name the same range."""
    namespace: dict[str, object] = {"__name__": "dev", "__file__": str(tree.ROOT / "dev.py")}
    exec((tree.ROOT / "dev.py").read_text(encoding="utf-8"), namespace)
    oldest, newest = namespace["OLDEST"], namespace["NEWEST"]
    assert isinstance(oldest, tuple) and isinstance(newest, tuple)
    versions = [f"3.{minor}" for minor in range(oldest[1], newest[1] + 1)]
    named = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if ":: Python :: 3." in line]
    assert named == versions
    assert PROJECT["requires-python"] == f">={versions[0]},<3.{newest[1] + 1}"


def test_the_changelog_names_the_version():
    changelog = (tree.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## \[?v?{re.escape(PROJECT['version'])}\b", changelog, flags=re.MULTILINE)
