"""Types: mypy finds nothing in any package (pyproject.toml), and every one installs its own for others."""

import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import setuptools
from packages import PACKAGES, ROOT

CHECKED = sorted(name for name, folder in PACKAGES.items() if (folder / name / '__init__.py').is_file())
SETTINGS = (ROOT / 'pyproject.toml').read_text(encoding='utf-8').partition('[tool.mypy]')[2]


def test_mypy_finds_nothing_in_any_package():
    found = subprocess.run([sys.executable, '-m', 'mypy'], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


def test_every_package_is_checked():
    told = re.findall(r"^  '(\w+)',$", SETTINGS.partition(']')[0], re.M)
    assert told == CHECKED
    for name in CHECKED:
        assert f"'$MYPY_CONFIG_FILE_DIR/src/{name}'" in SETTINGS


@pytest.mark.parametrize('name', CHECKED)
def test_a_package_installs_its_types(name, monkeypatch):
    monkeypatch.chdir(PACKAGES[name])
    said = {}
    monkeypatch.setattr(setuptools, 'setup', lambda **words: said.update(words))
    runpy.run_path('setup.py')
    assert name in said['packages'] and said['package_data'] == {name: ['py.typed']}
    assert Path(name, 'py.typed').is_file()  # setuptools says nothing where it is not there
