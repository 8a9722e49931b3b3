"""What launch files, tools and benchmarks take from our packages is there: no test imports them all."""

import ast
import functools
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {path.parent.name: path.parent for path in ROOT.glob('src/*/setup.py')}
FILES = sorted(path for folder in ('launch', 'tools', 'benchmarks') for path in (ROOT / folder).rglob('*.py'))


def source(module):
    """The file of a module of ours, None where there is none; the messages are made when they are built."""
    package, *rest = module.split('.')
    base = PACKAGES[package].joinpath(package, *rest)
    return next((path for path in (base.with_suffix('.py'), base / '__init__.py') if path.is_file()), None)


@functools.cache
def bound(path):
    """The names that a file binds at its top, also in an `if` or a `try`."""
    names, bodies = set(), [ast.parse(path.read_text(encoding='utf-8')).body]
    while bodies:
        for node in bodies.pop():
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    names.add(node.name)
                case ast.Import() | ast.ImportFrom():
                    names |= {alias.asname or alias.name.partition('.')[0] for alias in node.names}
                case ast.If() | ast.Try():
                    bodies += [node.body, node.orelse, *(part.body for part in getattr(node, 'handlers', []))]
            names |= {
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
    return names


def missing(path):
    """What a file takes from modules of ours, by import or as `module.name`, and is not there."""
    tree, found, modules = ast.parse(path.read_text(encoding='utf-8')), [], {}

    def look(line, module, name):
        file = source(module)
        if file is None or not (name is None or name in bound(file) or source(f'{module}.{name}')):
            found.append(f'{path.name}:{line}: {module} {name or ""}'.strip())

    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted = [(alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            wanted = [(node.module, alias.name) for alias in node.names]
            modules |= {alias.asname or alias.name: f'{node.module}.{alias.name}' for alias in node.names}
        else:
            continue
        for module, name in wanted:
            if module.partition('.')[0] in PACKAGES:
                look(node.lineno, module, name)
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in own:
            module = modules.get(node.value.id, '')
            if module.partition('.')[0] in PACKAGES and source(module) and not node.attr.startswith('__'):
                look(node.lineno, module, node.attr)
    return found


@pytest.mark.parametrize('folder', ['launch', 'tools', 'benchmarks'])  # mypy and tests have the others
def test_every_name_that_is_imported_is_there(folder):
    files = [path for path in FILES if path.is_relative_to(ROOT / folder)]
    assert files
    assert [line for path in files for line in missing(path)] == []


def test_a_name_that_has_moved_is_seen(tmp_path):
    path = tmp_path / 'some.py'
    lines = (
        'import ur5_rl_graph.nowhere',
        'from ur5_rl_graph import topics, nothing',
        'from ur5_rl_graph.topics import EPISODE, GONE',
        'topics.SPANS, topics.LEFT',
    )
    path.write_text('\n'.join(lines), encoding='utf-8')
    assert missing(path) == [
        'some.py:1: ur5_rl_graph.nowhere',
        'some.py:2: ur5_rl_graph nothing',
        'some.py:3: ur5_rl_graph.topics GONE',
        'some.py:4: ur5_rl_graph.topics LEFT',
    ]
