"""The files of this repository, as the house rules see them."""

import ast
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OUT = {".git", ".venv", ".screens", ".hypothesis", "__pycache__", ".ipynb_checkpoints", "build", "dist"}


def files() -> list[Path]:
    """Every file of the repository, tracked or new; outside a git checkout every file that tools did not make."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        found = [ROOT / name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [path for path in ROOT.rglob("*") if not LEFT_OUT.intersection(path.relative_to(ROOT).parts)]
    return sorted(path for path in found if path.is_file())


def sources(*folders: str, suffixes: tuple[str, ...] = (".py",)) -> list[Path]:
    """The files below these folders (or these files themselves) that end in one of the suffixes."""
    roots = [ROOT / folder for folder in folders]
    return [
        path
        for path in files()
        if path.suffix in suffixes and any(path == root or path.is_relative_to(root) for root in roots)
    ]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name_of(path))


def imports(tree: ast.AST) -> list[tuple[int, str]]:
    """(line, dotted name) of every absolute import anywhere in a tree, also those inside functions."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found
