"""The priority that each process asks for is the documented one."""

import importlib
import os
import re
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ur5_cell import controller
from ur5_rl_env.devices import arm_process
from ur5_rl_graph.priority import Priority

ROOT = Path(__file__).resolve().parent.parent


class Asked(BaseException):
    """Carries what a main() has asked for, past everything that would start."""


@pytest.mark.parametrize(
    'module, expected, on_any_core',
    [
        ('ur5_rl_env.nodes.environment', Priority.CYCLE, False),
        ('ur5_rl_env.nodes.arm_driver', Priority.CONTROL, False),
        ('sac_learner.nodes.actor', Priority.CONTROL, True),
        ('commissioning.nodes.calibration', Priority.CONTROL, False),
        ('ur5_rl_env.nodes.camera', Priority.PICTURES, True),
        ('ur5_cell.nodes.robot_cell', Priority.PICTURES, True),
    ],
)
def test_a_process_asks_for_its_priority_when_it_is_ready(monkeypatch, module, expected, on_any_core):
    module = importlib.import_module(module)

    def asked(priority=Priority.CONTROL, *, on_any_core=False):
        raise Asked(priority, on_any_core)

    monkeypatch.setattr(module, 'wake_in_time', asked)
    monkeypatch.setattr(
        getattr(module, 'graph_main', module), 'run', lambda *_, ready: ready(), raising=False
    )
    with pytest.raises(Asked) as found:
        module.main()
    assert found.value.args == (expected, on_any_core)


def test_the_servo_connects_as_what_an_action_waits_for_and_then_goes_before_the_environment(monkeypatch):
    done = []
    monkeypatch.setattr(signal, 'signal', lambda *_: None)
    monkeypatch.setattr(signal, 'pthread_sigmask', lambda *_: None)
    monkeypatch.setattr(sys, 'argv', ['program', '0', '{"arm": {}, "guard": {}, "watchdog": {}}'])
    monkeypatch.setattr(arm_process, 'wake_in_time', done.append)
    monkeypatch.setattr(arm_process, 'Line', lambda _: SimpleNamespace(send=None))
    link = SimpleNamespace(has_program=False)
    monkeypatch.setattr(arm_process, 'connect', lambda *_: done.append('connects') or link)
    monkeypatch.setattr(arm_process, 'Servo', lambda *_, **__: done.append('is made'))
    monkeypatch.setattr(arm_process, 'serve', lambda *_: done.append('serves'))
    monkeypatch.setattr(os, '_exit', done.append)
    arm_process.main()
    assert done == [Priority.CONTROL, 'connects', 'is made', Priority.SERVO, 'serves', 0]


def test_the_simulated_controller_asks_for_the_highest_when_it_listens(monkeypatch):
    asked = []
    monkeypatch.setattr(signal, 'signal', lambda *_: None)
    monkeypatch.setattr(controller, 'wake_in_time', asked.append)
    ended = SimpleNamespace(end=None, host='', run=lambda _: None, close=lambda: None)
    ended.lateness = ended.skipped_steps = 0
    assert controller.serve(ended) == 0
    assert asked == [Priority.ROBOT]


def test_the_rights_that_the_documentation_names_suffice():
    timing, install = (
        (ROOT / 'docs' / name).read_text(encoding='utf-8') for name in ('timing.md', 'install.md')
    )
    assert re.findall(r'`ulimit -r` of at least (\d+)', timing) == [str(int(max(Priority)))]
    assert re.findall(r'rtprio=(\d+)', install) == [str(int(max(Priority)))]
