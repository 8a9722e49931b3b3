"""The one way from a setting to the parameters of a run: what is given wins, and all of it is looked at."""

import ast
from pathlib import Path

import pytest

from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_graph.settings import EVERY_NODE

ROOT = Path(__file__).resolve().parents[3]
THE_WAY = ROOT / 'src/ur5_rl_env/ur5_rl_env/run_parameters.py'


def written(folder, text):
    path = folder / 'own.yaml'
    path.write_text(text)
    return path


def test_what_is_given_wins_over_the_setting():
    nodes = run_parameters('seq_sac', setting_file('small_baseline'), 'reaching', action_cycle_s=0.12)
    assert nodes[EVERY_NODE]['action_cycle_s'] == 0.12
    assert 'robot_model' not in nodes[EVERY_NODE]


def test_what_is_given_is_every_nodes_whatever_the_setting_gives_one_of_them(tmp_path):
    own = written(
        tmp_path,
        'environment: {ros__parameters: {action_cycle_s: 0.08}}\n'
        'arm_driver: {ros__parameters: {action_cycle_s: 0.16}}',
    )
    nodes = run_parameters('seq_sac', own, 'reaching', robot_model='ur5e', action_cycle_s=0.12)
    assert {node: values for node, values in nodes.items() if values}.keys() == {EVERY_NODE}
    assert nodes[EVERY_NODE]['action_cycle_s'] == 0.12 and nodes[EVERY_NODE]['robot_model'] == 'ur5e'
    with pytest.raises(ValueError, match="robot_model is 'ur10'; choose one of: ur5, ur5e"):
        run_parameters('evaluate', own, 'reaching', robot_model='ur10')


def test_an_arm_that_is_meant_is_every_nodes_and_refused_where_the_setting_has_a_node_of_another(tmp_path):
    home = '[1.5707, -2.0, 1.9, -3.0415, -1.5707, 3.1415]'  # of a UR5
    own = written(tmp_path, f'arm_driver: {{ros__parameters: {{robot_model: ur5, home: {home}}}}}')
    nodes = run_parameters('evaluate', own, 'reaching', robot_model='ur5')
    assert nodes[EVERY_NODE]['robot_model'] == 'ur5'
    for running in ((), ('environment', 'arm_driver')):
        with pytest.raises(ValueError, match='robot_model of /arm_driver is ur5, that of every node ur5e'):
            run_parameters('evaluate', own, 'reaching', running, robot_model='ur5e')


def test_nodes_that_disagree_are_refused_and_so_is_what_a_running_one_cannot_work_with(tmp_path):
    apart = written(tmp_path, '/**: {ros__parameters: {max_joint_velocity: 3.0}}')
    with pytest.raises(ValueError, match='max_joint_velocity .environment. is 3.0 rad/s, above'):
        run_parameters('evaluate', apart, 'reaching')
    large = written(tmp_path, '/**: {ros__parameters: {crop_width: 161}}')
    run_parameters('evaluate', large, 'reaching', ('environment',))
    with pytest.raises(ValueError, match='buffer_sampler: crop 161x88 does not fit'):
        run_parameters('async_sac_2', large, 'reaching', ('environment', 'buffer_sampler'))


def test_there_is_no_second_way():
    """Else one of them leaves out a check, or what was given."""
    code = [*ROOT.glob('src/*/*/**/*.py'), *ROOT.glob('launch/**/*.py'), *ROOT.glob('benchmarks/*.py')]
    found = {
        str(path.relative_to(ROOT))
        for path in code
        if path != THE_WAY and 'test' not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
        if isinstance(node, ast.Attribute)
        and (node.attr == 'resolve' and isinstance(node.value, ast.Name) and node.value.id == 'settings')
    }
    assert not found
