"""The priority that each process asks for is the documented one."""

import importlib
import re
import signal
import sys
from pathlib import Path

import pytest

from ur5_rl_graph.priority import Priority

ROOT = Path(__file__).resolve().parent.parent


class Asked(BaseException):
    """Carries what a main() has asked for, past everything that would start."""


@pytest.mark.parametrize(
    'module, expected',
    [
        ('ur5_rl_env.devices.arm_process', Priority.SERVO),
        ('ur5_rl_env.nodes.environment', Priority.CYCLE),
        ('ur5_rl_env.nodes.arm_driver', Priority.CONTROL),
        ('sac_learner.nodes.actor', Priority.CONTROL),
        ('ur5_rl_env.nodes.camera', Priority.PICTURES),
        ('ur5_cell.nodes.robot_cell', Priority.PICTURES),
    ],
)
def test_a_process_asks_for_its_priority_when_it_is_ready(monkeypatch, module, expected):
    module = importlib.import_module(module)

    def asked(priority=Priority.CONTROL, **_):
        raise Asked(priority)

    monkeypatch.setattr(module, 'wake_in_time', asked)
    monkeypatch.setattr(
        getattr(module, 'graph_main', module), 'run', lambda *_, ready: ready(), raising=False
    )
    monkeypatch.setattr(signal, 'signal', lambda *_: None)
    monkeypatch.setattr(signal, 'pthread_sigmask', lambda *_: None)
    monkeypatch.setattr(sys, 'argv', ['program', '0', '{"arm": {}, "guard": {}, "watchdog": {}}'])
    with pytest.raises(Asked) as found:
        module.main()
    assert found.value.args == (expected,)


def test_the_rights_that_the_documentation_names_suffice():
    timing, install = (
        (ROOT / 'docs' / name).read_text(encoding='utf-8') for name in ('timing.md', 'install.md')
    )
    assert re.findall(r'`ulimit -r` of at least (\d+)', timing) == [str(int(max(Priority)))]
    assert re.findall(r'rtprio=(\d+)', install) == [str(int(max(Priority)))]
