"""The packages of this workspace, and what their code imports."""

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {path.parent.name: path.parent for path in sorted(ROOT.glob('src/*/package.xml'))}
BRINGUP = 'ur5_rl_bringup'
"""Its code are the launch files."""
STAND_IN = ROOT / 'src/ros2_standin'
"""No package: it has the names of those for which it stands."""


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
    own = {BRINGUP: ROOT / 'launch', STAND_IN.name: STAND_IN / 'python'}.get(
        folder.name, folder / folder.name
    )
    names = {path.name for path in own.iterdir()} if folder == STAND_IN else {folder.name}
    return set().union(*map(imported, own.rglob('*.py'))) - names


def within_the_workspace():
    """Each package and which others its code imports."""
    return {name: code(folder) & PACKAGES.keys() for name, folder in PACKAGES.items()}
