"""Launch files, settings and runs are found in one way, in a checkout and where packages are installed."""

from pathlib import Path

import pytest

from ur5_rl_graph import shipped

ROOT = Path(__file__).resolve().parents[3]


def test_this_checkout_is_found_and_takes_the_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shipped.folder() == ROOT and shipped.results() == ROOT / 'results'


def test_a_file_that_a_build_has_linked_is_still_of_the_checkout(tmp_path):
    """As colcon build --symlink-install does it."""
    package = tmp_path / 'build/ur5_rl_graph/ur5_rl_graph'
    package.parent.mkdir(parents=True)
    package.symlink_to(Path(shipped.__file__).parent)
    assert shipped.folder(package / 'shipped.py') == ROOT


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """A prefix without a checkout, and the present folder elsewhere; returns what shipped.py would be."""
    share = tmp_path / 'prefix/share'
    (share / 'ament_index/resource_index/packages').mkdir(parents=True)
    (share / 'ament_index/resource_index/packages/ur5_rl_bringup').touch()
    (share / 'ur5_rl_bringup/launch').mkdir(parents=True)
    (tmp_path / 'elsewhere').mkdir()
    monkeypatch.chdir(tmp_path / 'elsewhere')
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path / 'prefix'))
    return tmp_path / 'prefix/lib/python3.12/site-packages/ur5_rl_graph/shipped.py'


def test_installed_it_is_the_share_of_the_bringup_package_and_runs_go_where_one_is(installed, tmp_path):
    pytest.importorskip('ament_index_python')
    assert shipped.folder(installed) == tmp_path / 'prefix/share/ur5_rl_bringup'
    assert shipped.results(installed) == tmp_path / 'elsewhere/results'


def test_without_the_bringup_package_one_line_says_what_to_do(installed, monkeypatch, tmp_path):
    pytest.importorskip('ament_index_python')
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path / 'other'))
    with pytest.raises(RuntimeError, match='package ur5_rl_bringup, which is not installed: colcon build it'):
        shipped.folder(installed)
