"""./ur5rl bench"""

import ast
import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tools.extras import THE_PEERS, with_extra
from tools.handover import become_python
from tools.layout import BENCHMARKS, SOURCES, VENV_PYTHON
from tools.preparation import ready
from tools.program_environment import Change, applied
from tools.stop import Stop

TORCH = ('torch', 'numpy', 'yaml', 'safetensors')
"""What a benchmark that needs only torch imports beside this project."""

SUMMARY = 'run a benchmark: ./ur5rl bench NAME [key:=value ...]'


def benchmarks() -> dict[str, Path]:
    """The benchmarks by name; a leading underscore marks a helper."""
    return {
        path.stem: path
        for path in sorted(BENCHMARKS.glob('*.py'))
        if not path.name.startswith(('_', 'conftest'))
    }


def summary(path: Path) -> str:
    """The first line of a file's docstring, without running the file."""
    try:
        text = ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or ''
    except SyntaxError as error:
        return f'(does not parse: line {error.lineno})'
    return text.partition('\n')[0]


def _says(path: Path, statement: str) -> bool:
    """Whether that is a line of a benchmark: `ONLY_TORCH = True`, or `NEEDS_PEERS = True`."""
    lines = ast.parse(path.read_text(encoding='utf-8')).body
    return any(ast.unparse(line) == statement for line in lines)


def _python(path: Path) -> tuple[str, Mapping[str, str]]:
    """The Python that runs a benchmark and its environment.

    A machine without a network cannot be set up. Where it has what a benchmark needs, that is enough.
    """
    if _says(path, 'NEEDS_PEERS = True'):
        return 'python', with_extra(THE_PEERS, ready())
    only_torch = _says(path, 'ONLY_TORCH = True')
    if VENV_PYTHON.exists() or not only_torch or not all(map(importlib.util.find_spec, TORCH)):
        return 'python', ready()
    packages = ':'.join(str(package.parent) for package in sorted(SOURCES.glob('*/setup.py')))
    return sys.executable, applied(os.environ, [Change('prepend', 'PYTHONPATH', packages)])


def help_text() -> str:
    """The text of ./ur5rl bench --help."""
    found = benchmarks()
    width = max(map(len, found), default=0)
    return '\n'.join(
        [
            'usage: ./ur5rl bench NAME [key:=value ...]',
            '',
            'Sets up on first use, then prints a table and, last, one line of JSON with the figures.',
            'What needs only torch also runs where nothing can be installed, with the Python that has it.',
            '',
            'benchmarks:',
            *(f'  {name:{width}}  {summary(path)}' for name, path in found.items()),
        ]
    )


def run(argv: list[str]) -> None:
    """Becomes the benchmark."""
    found = benchmarks()
    if not argv or argv[0] not in found:
        wrong = f'there is no benchmark "{argv[0]}"' if argv else 'bench needs the name of a benchmark'
        raise Stop(f'{wrong}; there are: {", ".join(found) or "none"}', 2)
    python, env = _python(found[argv[0]])
    become_python(str(found[argv[0]]), argv[1:], env, python)
