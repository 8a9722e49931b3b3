"""No device leaves a process of its own behind, even where that does not end or is not ready yet."""

import os
import sys
import threading
from pathlib import Path

import pytest

from ur5_cell.controller_process import ControllerProcess
from ur5_rl_env.devices import arm_session
from ur5_rl_env.devices.arm_session import ArmSession

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'ur5_cell/test'))
from own_address import own_address

WAITS_FOR_EVER = 'import signal\nsignal.alarm(60)\nwhile True: signal.pause()\n'


@pytest.fixture
def program_that_never_ends(tmp_path, monkeypatch):
    """Name of a module for `python -m`; it ends neither with its parent nor with a closed socket."""
    (tmp_path / 'waits_for_ever.py').write_text(WAITS_FOR_EVER)
    monkeypatch.setenv('PYTHONPATH', str(tmp_path), prepend=os.pathsep)
    return 'waits_for_ever'


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_servo_that_hangs_is_gone_when_its_session_is_closed(program_that_never_ends, monkeypatch):
    monkeypatch.setattr(arm_session, 'SERVO', program_that_never_ends)
    monkeypatch.setattr(arm_session, 'CLOSE_S', 0.1)
    session = ArmSession({}, lambda packet: None, lambda code: None)
    while (process := session._process) is None:
        threading.Event().wait(0.01)
    session.close()
    assert gone(process.pid)


class Interrupting(ControllerProcess):
    """A controller whose start is broken off, as Ctrl-C does."""

    program = ('-m', 'waits_for_ever')

    def _await_start(self, timeout):
        self.started.append(self.pid)
        raise KeyboardInterrupt


def test_a_controller_whose_start_is_broken_off_is_gone(program_that_never_ends):
    Interrupting.started = []
    with pytest.raises(KeyboardInterrupt):
        Interrupting(own_address('end', 1))
    assert gone(*Interrupting.started)
