"""Every text file is read and written as UTF-8, whatever the locale says."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(
    path
    for folder in ('src', 'tools', 'launch', 'benchmarks')
    for path in (ROOT / folder).rglob('*.py')
    if 'test' not in path.relative_to(ROOT).parts
)


def without_encoding(tree):
    """Lines that open a text file, or read a program's text, in the encoding of the locale."""
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and _of_the_locale(node)]


def _of_the_locale(call):
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if 'encoding' in named:
        return False
    if any(
        isinstance(named.get(word), ast.Constant) and named[word].value
        for word in ('text', 'universal_newlines')
    ):
        return True  # of subprocess
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ''
    if method == 'read_text':
        return not call.args
    if method == 'write_text':
        return len(call.args) < 2
    function = call.func.id if isinstance(call.func, ast.Name) else method
    if function in ('open', 'fdopen', 'NamedTemporaryFile', 'TemporaryFile'):
        if method == 'open' and ast.unparse(call.func.value) in ('os', 'av'):
            return False  # a descriptor, a film
        strings = [value for value in [*call.args, named.get('mode')] if isinstance(value, ast.Constant)]
        modes = [value.value for value in strings if _is_mode(value.value)]
        given = bool(call.args or named)
        return (
            given
            and 'b' not in ''.join(modes)
            and (bool(modes) or function in ('fdopen',) or _is_builtin(call))
        )
    return False


def _is_mode(text):
    return isinstance(text, str) and 0 < len(text) <= 3 and set(text) <= set('rwaxbt+')


def _is_builtin(call):
    return isinstance(call.func, ast.Name) and call.func.id == 'open'


@pytest.mark.parametrize(
    ('line', 'found'),
    [
        ('path.read_text()', True),
        ("path.read_text('utf-8')", False),
        ("path.read_text(encoding='utf-8')", False),
        ('path.write_text(text)', True),
        ("path.write_text(text, 'utf-8')", False),
        ('write_text(path, text)', False),  # whole_file's, which is always UTF-8
        ('open(path)', True),
        ("open(path, 'w')", True),
        ("open(path, mode='a')", True),
        ("open(path, 'rb')", False),
        ("path.open('a')", True),
        ("path.open(mode='r+b')", False),
        ('self.open()', False),
        ('os.open(path, 0)', False),
        ("av.open(path, 'w')", False),
        ('os.fdopen(3)', True),
        ("NamedTemporaryFile('w')", True),
        ('subprocess.run(words, text=True)', True),
        ("subprocess.run(words, text=True, encoding='utf-8')", False),
        ('subprocess.run(words)', False),
    ],
)
def test_what_counts_as_the_encoding_of_the_locale(line, found):
    assert bool(without_encoding(ast.parse(line))) == found


def test_no_text_is_in_the_encoding_of_the_locale():
    assert len(FILES) > 150
    wrong = [
        f'{path.relative_to(ROOT)}:{line}'
        for path in FILES
        for line in without_encoding(ast.parse(path.read_text(encoding='utf-8')))
    ]
    assert wrong == [], "give encoding='utf-8'"


LOCALE_OF_ASCII = {'LC_ALL': 'C', 'PYTHONUTF8': '0', 'PYTHONCOERCECLOCALE': '0'}


def test_what_is_configured_is_read_and_written_in_a_locale_of_ascii_only(tmp_path):
    for folder, name in (('settings', 'small'), ('costs', 'thesis'), ('experiments', 'smoke')):
        text = (ROOT / f'config/{folder}/{name}.yaml').read_text(encoding='utf-8')
        (tmp_path / f'{folder}.yaml').write_text(f'# 4 ± 1 für später\n{text}', encoding='utf-8')
    (tmp_path / 'parameters.yaml').write_text(
        "/**: {ros__parameters: {title: 'größer → besser'}}", encoding='utf-8'
    )
    code = """
import locale, os, sys
from pathlib import Path
assert 'UTF' not in locale.getpreferredencoding(False).upper()
os.chdir(sys.argv[1])
from experiments import experiment
from run_reading import costs
from run_reading.table import read
from run_recorder.table_file import Table
from ur5_rl_graph import parameter_file
experiment.load(Path('experiments.yaml'))
costs.load_costs('costs.yaml', 'baseline')
assert parameter_file.read(Path('settings.yaml'))
parameters = parameter_file.read(Path('parameters.yaml'))
parameter_file.write(Path('written.yaml'), parameters)
assert parameter_file.read(Path('written.yaml')) == parameters
Table(Path('table.csv'), ('text',)).append(text=parameters['/**']['title'])
assert read(Path('table.csv')) == {'text': [parameters['/**']['title']]}
"""
    done = subprocess.run(
        [sys.executable, '-c', code, str(tmp_path)],
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path), **LOCALE_OF_ASCII},
        capture_output=True,
        encoding='utf-8',
    )
    assert done.returncode == 0, done.stderr
