"""How the arm of the simulated controller moves, asked by the unmodified ur_rtde client."""

import subprocess
import sys
from pathlib import Path

from own_address import own_address

from ur5_cell.controller_process import child_environment

PROGRAM = Path(__file__).resolve().parents[2] / 'src/ur5_cell/test/rtde_scenarios.py'
SCENARIOS = ('moves', 'speeds')


def start(scenario, host, by):
    return subprocess.Popen(
        [sys.executable, PROGRAM, scenario, host, str(by)],
        env=child_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_arm_moves_as_a_client_of_the_controller_expects(make_cell):
    cell = make_cell()
    for first in range(0, len(SCENARIOS), cell.arms):
        running = []
        for number, scenario in enumerate(SCENARIOS[first : first + cell.arms]):
            host = own_address('gazebo', number)
            running.append((cell.controller(host), start(scenario, host, cell.by)))
        for controller, client in running:
            with controller:
                told = client.communicate(timeout=30)[0]
                assert client.returncode == 0, told
                assert controller.exit_code is None
    assert not cell.lines
