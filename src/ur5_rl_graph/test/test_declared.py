"""The list of what nodes declare is what they declare."""

import ast
import dataclasses
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ur5_rl_graph import declared
from ur5_rl_graph.parameter_file import checked

SOURCES = Path(__file__).resolve().parents[2]
RUN = {'run_identity', 'run_started_s'}
"""Declared by `RunConfig`, which main() asks of the first node of a process."""


def modules():
    """The modules of all nodes, by the name of the node."""
    return {path.stem: path for path in SOURCES.glob('*/*/nodes/*.py') if path.stem != '__init__'}


def declarations(path):
    """The names of the configurations that a node's module hands to parameters.declare."""
    calls = [call for call in ast.walk(ast.parse(path.read_text())) if isinstance(call, ast.Call)]
    return [call.args[1].id for call in calls if ast.unparse(call.func).endswith('parameters.declare')]


def test_every_node_is_in_the_list_with_its_package():
    assert {node: path.parents[1].name for node, path in modules().items()} == {
        node: what.package for node, what in declared.NODES.items()
    }


@pytest.mark.parametrize('node', sorted(declared.NODES))
def test_the_list_holds_the_configurations_that_the_node_declares(node):
    pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
    path = modules()[node]
    module = importlib.import_module(f'{path.parents[1].name}.nodes.{node}')
    assert [getattr(module, name) for name in declarations(path)] == list(declared.configs(node))
    assert 'declare_parameter' not in path.read_text()


def test_a_name_is_of_one_type_whatever_node_declares_it():
    for name, fields in declared.every_field().items():
        assert len({type(field.default) for field in fields}) == 1, name


def test_what_the_launch_gives_is_declared_by_some_node():
    assert declared.GIVEN.keys() - RUN <= declared.every_field().keys()


def test_every_parameter_says_what_it_is():
    for node in declared.NODES:
        for config in declared.configs(node):
            assert all(field.metadata['description'] for field in dataclasses.fields(config))


def test_what_the_launch_itself_reads_a_setting_may_hold_for_it_but_for_no_node():
    assert checked('/**', 'report_limit_s', 3) == 3.0
    with pytest.raises(ValueError, match='node run_recorder does not declare'):
        checked('/run_recorder', 'report_limit_s', 3.0)


def test_what_nodes_declare_is_known_without_the_libraries_that_they_work_with():
    code = (
        'import sys; from ur5_rl_graph import declared; declared.every_field(); '
        'print({"torch", "mujoco", "cv2", "matplotlib"} & set(sys.modules))'
    )
    done = subprocess.run(
        [sys.executable, '-c', code],
        env={**os.environ, 'PYTHONPATH': ':'.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == 'set()\n', done.stderr


def test_a_launch_starts_the_nodes_for_people_that_it_is_asked_for():
    assert declared.asked_for('false', 'false') == ()
    assert declared.asked_for('true', 'false') == declared.WITH_VIEW
    assert declared.asked_for('false', 'true') == declared.asked_for('true', 'true') == declared.WITH_MONITOR
    assert set(declared.WITH_MONITOR) == {*declared.WITH_VIEW, 'live_view'}
    shown = {name for name, node in declared.NODES.items() if not node.needed} - {'robot_state_publisher'}
    assert set(declared.WITH_MONITOR) == shown
