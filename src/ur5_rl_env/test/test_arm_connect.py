"""What the servo process says while there is no controller: nothing while its own may be starting."""

from types import SimpleNamespace

import pytest

pytest.importorskip('rtde_control')

from ur5_rl_env.devices import arm_process
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.examination import LinkLostError, NobodyThereError

NOBODY = NobodyThereError('no controller (connection refused);')


class Line:
    """The node's end of the line: time goes on while it is waited for; it has gone after 15 s."""

    def __init__(self):
        self.now, self.said = 0.0, []

    def send(self, packet):
        self.said.append((self.now, packet.text))

    def receive(self, timeout):
        self.now += timeout
        if self.now > 15.0:
            raise EOFError
        return []


@pytest.mark.parametrize(
    ('cell_run', 'error', 'first_said'),
    [
        ('run_a', NOBODY, arm_process.CELL_STARTS_S),
        ('run_a', LinkLostError('the controller belongs to run_b;'), 0.0),
        ('', NOBODY, 0.0),
    ],
)
def test_a_controller_of_our_own_may_take_its_time_to_start(monkeypatch, cell_run, error, first_said):
    def examine(_):
        raise error

    line = Line()
    monkeypatch.setattr(arm_process, 'examine', examine)
    monkeypatch.setattr(arm_process, 'time', SimpleNamespace(monotonic=lambda: line.now))
    with pytest.raises(EOFError):
        arm_process.connect(line, ArmConfig(cell_run=cell_run))
    at, text = line.said[0]
    assert at == pytest.approx(first_said)
    assert text == f'{error} trying again every 1.0 s'
