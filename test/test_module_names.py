"""A file's name in a traceback tells the room: no two modules share one."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OF_EVERY_PACKAGE = {'__init__', '__main__', 'setup', 'executables'}
TYPED = {'nodes', 'commands'}
"""Folders of files that are called what a person types, a node or a command, and so as what it is about."""
CONFIG = {'src/buffer_sampler/buffer_sampler/config.py', 'src/ur5_rl_graph/ur5_rl_graph/config.py'}
STAND_IN = ROOT / 'src/ros2_standin/python'
"""Has the names of the packages that it stands for."""


def modules():
    """Each module, as its name and its file; no tests."""
    for path in (*ROOT.glob('src/**/*.py'), *ROOT.glob('tools/**/*.py')):
        folders = set(path.relative_to(ROOT).parts)
        if not folders & ({'test'} | TYPED) and not path.is_relative_to(STAND_IN):
            yield path.stem, path.relative_to(ROOT).as_posix()


def test_no_two_modules_have_one_name():
    files = defaultdict(set)
    for name, file in modules():
        files[name].add(file)
    assert {'guard', 'layout', 'calibration_config'} <= files.keys()
    shared = {name: found for name, found in files.items() if len(found) > 1 and name not in OF_EVERY_PACKAGE}
    assert shared.pop('config') == CONFIG
    assert not shared, f'a reader of a traceback cannot tell which room this is: {shared}'
