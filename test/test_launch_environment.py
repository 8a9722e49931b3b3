"""Which devices a launch starts, and what it tells them of a real arm."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')

FILE = Path(__file__).resolve().parents[1] / 'launch/include/environment.launch.py'
REAL = {'robot_ip': '192.0.2.1', 'camera': '0', 'display': ':0'}


@pytest.fixture
def devices(monkeypatch):
    """devices(argument=value, ...) -> parameters by the name of the node."""
    spec = importlib.util.spec_from_file_location('environment_launch', FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, 'run_node', lambda package, name, *parameters: (name, parameters))
    monkeypatch.setattr(module, 'take_address', lambda wanted: wanted)  # else this process would hold it

    def start(**arguments):
        given = {'robot_ip': '', 'camera': '', 'display': '', 'confirm': 'true', 'cell_address': '127.0.0.1'}
        nodes = module.devices(SimpleNamespace(launch_configurations=given | arguments))
        return {name: {k: v for part in parameters for k, v in part.items()} for name, parameters in nodes}

    return start


@pytest.mark.parametrize(
    'arguments, waits', [({}, False), (REAL, True), (REAL | {'confirm': 'false'}, False)]
)
def test_a_real_arm_and_it_alone_waits_for_a_persons_word(devices, arguments, waits):
    nodes = devices(**arguments)
    assert nodes['arm_driver']['confirm'] is nodes['environment']['confirm'] is waits
    assert ('robot_cell' in nodes) == (not arguments)


def test_a_real_arm_needs_a_display_or_the_word_that_none_is_meant(devices):
    with pytest.raises(RuntimeError, match=r'robot_ip is 192.0.2.1 but no display .* or display:=none'):
        devices(**REAL | {'display': ''})
    assert devices(**REAL | {'display': 'none'})['target_monitor']['display'] == ''
    assert devices(**REAL)['target_monitor']['display'] == ':0'
    assert devices()['target_monitor']['display'] == ''
