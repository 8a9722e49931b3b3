"""pytest begins where ROS 2 Jazzy is installed, whose plugins it would load by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def jazzy(tmp_path):
    """Packages with the plugins of launch_testing and launch_testing_ros, and a test beside them."""
    site = tmp_path / 'site'
    for package, name in (('launch_testing', 'launch_testing'), ('launch_testing_ros', 'launch_ros')):
        about = site / f'{package}-3.4.2.dist-info'
        about.mkdir(parents=True)
        (about / 'METADATA').write_text(f'Metadata-Version: 2.1\nName: {package}\nVersion: 3.4.2\n')
        (about / 'entry_points.txt').write_text(f'[pytest11]\n{name} = plugin_of_{package}\n')
        hook = 'def pytest_pycollect_makemodule(path, parent):\n    pass\n'  # of pytest before 8.1
        (site / f'plugin_of_{package}.py').write_text(hook)
    (tmp_path / 'test_one.py').write_text('def test_one():\n    pass\n')
    return tmp_path


def run(folder, *words):
    return subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', *words, str(folder / 'test_one.py')],
        env=os.environ | {'PYTHONPATH': f'{folder}/site:{os.environ.get("PYTHONPATH", "")}'},
        capture_output=True,
        encoding='utf-8',
        cwd=folder,
    )


def test_with_our_configuration_it_begins(jazzy):
    done = run(jazzy, '-c', str(ROOT / 'pyproject.toml'))
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_it_it_does_not(jazzy):
    done = run(jazzy)
    assert done.returncode != 0 and 'PluginValidationError' in done.stderr
