"""Arguments that no launch file declares, however the command line names the launch file."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('launch_ros')
from ur5_rl_graph.launch_arguments import refuse_unknown

FILE = Path('/prefix/share/ur5_rl_bringup/launch/seq_sac.launch.py')


def judge(monkeypatch, *named):
    monkeypatch.setattr(sys, 'argv', ['ros2', 'launch', *named, 'durration:=5'])
    refuse_unknown(SimpleNamespace(argv=['durration:=5']), FILE, {'duration', 'seed'})


@pytest.mark.parametrize('named', [[str(FILE)], ['ur5_rl_bringup', 'seq_sac.launch.py']])
def test_an_unknown_one_is_refused(monkeypatch, named):
    with pytest.raises(RuntimeError, match="there is no argument 'durration'; the nearest is duration"):
        judge(monkeypatch, *named)


@pytest.mark.parametrize(
    'named',
    [['lab.launch.py'], ['lab', 'seq_sac.launch.py'], ['ur5_rl_bringup', 'evaluate.launch.py']],
)
def test_of_a_launch_file_that_includes_ours_it_is_not_ours_to_judge(monkeypatch, named):
    judge(monkeypatch, *named)
