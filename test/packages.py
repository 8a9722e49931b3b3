"""The packages of this workspace, and what their code imports."""

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob('src/*/package.xml'))}
BRINGUP = 'ur5_rl_bringup'
"""Its code are the launch files."""


@functools.cache
def imported(file):
    """The top names that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding='utf-8'))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.partition('.')[0] for name in names}


def code(folder):
    """The imports of a package's own code; setup.py's come with its build type."""
    own = ROOT / 'launch' if folder.name == BRINGUP else folder / folder.name
    files = own.rglob('*.py')
    return set().union(*map(imported, files)) - {folder.name}


def within_the_workspace():
    """Each package and which others its code imports."""
    return {name: code(folder) & PACKAGES.keys() for name, folder in PACKAGES.items()}
