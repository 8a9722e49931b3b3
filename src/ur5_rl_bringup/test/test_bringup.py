"""The package installs the top-level folders as they are, of which the checkout has one copy."""

import os
import runpy
from pathlib import Path

import pytest
import setuptools

PACKAGE = Path(__file__).resolve().parents[1]
ROOT = PACKAGE.parents[1]
SHARE = 'share/ur5_rl_bringup'


@pytest.fixture(params=['the package', 'a folder of colcon'])
def installed(request, tmp_path, monkeypatch):
    """What setup.py installs: files by the place that they get, from wherever colcon runs it."""
    script = PACKAGE / 'setup.py'
    if request.param != 'the package':  # --symlink-install
        (tmp_path / 'setup.py').symlink_to(script)
        script = tmp_path / 'setup.py'
    monkeypatch.chdir(script.parent)
    said = {}
    monkeypatch.setattr(setuptools, 'setup', lambda **words: said.update(words))
    runpy.run_path(str(script))
    return {f'{target}/{Path(file).name}': file for target, files in said['data_files'] for file in files}


def test_every_file_of_the_folders_is_installed_under_its_own_name(installed):
    there = {
        f'{SHARE}/{path.relative_to(ROOT)}': path
        for folder in ('launch', 'config', 'checkpoints', 'bags')
        for path in (ROOT / folder).rglob('*')
        if path.is_file() and path.suffix != '.pyc'
    }
    found = {place: Path(file).resolve() for place, file in installed.items() if place.count('/') > 2}
    assert found == there | {
        'share/ament_index/resource_index/packages/ur5_rl_bringup': found[
            'share/ament_index/resource_index/packages/ur5_rl_bringup'
        ]
    }
    assert not any(os.path.isabs(file) for file in installed.values())  # setuptools takes none


@pytest.mark.parametrize('path', sorted((ROOT / 'launch').rglob('*.py')), ids=lambda path: path.name)
def test_a_launch_file_looks_for_nothing_beside_itself(path):
    """It asks `shipped`, which knows where things are when it is installed, too."""
    assert '.resolve().parent' not in path.read_text(encoding='utf-8')


def test_the_package_has_no_copy_of_them():
    assert sorted(path.name for path in PACKAGE.iterdir() if path.name[0] not in '._') == [
        'README.md',
        'package.xml',
        'resource',
        'setup.cfg',
        'setup.py',
        'test',
    ]


@pytest.mark.parametrize('path', sorted((ROOT / 'launch').glob('*.launch.py')), ids=lambda path: path.name)
def test_ros2_launch_finds_each_launch_file_by_the_name_of_the_package(path):
    """`ros2 launch PACKAGE FILE` looks through the package's share for exactly one."""
    index = pytest.importorskip('ament_index_python')
    try:
        share = Path(index.get_package_share_directory('ur5_rl_bringup'))
    except index.PackageNotFoundError:
        pytest.skip('the workspace is not built: run ./ur5rl test')
    found = [file for file in share.rglob(path.name)]
    assert [file.resolve() for file in found] == [path] or found[0].read_bytes() == path.read_bytes()
