"""How a run keeps another one away, and how it ends when its launch is killed."""

import json
import signal
import subprocess
import time

import pytest
from graph_run import ROOT, GraphRun, require_ros

pytestmark = pytest.mark.graph
require_ros()

SMOKE = f'setting:={ROOT / "test/smoke.yaml"}'
PLAYING = 2  # runtime state


class Observer:
    """A client of the controller that only listens."""

    def __init__(self, address):
        rtde_receive = pytest.importorskip('rtde_receive')
        names = ['timestamp', 'actual_qd', 'runtime_state']
        self._receive = rtde_receive.RTDEReceiveInterface(address, 125.0, names)

    def follow_to_the_end(self, timeout_s):
        """Returns the last joint velocities and whether the program ran, once the controller has gone."""
        end = time.monotonic() + timeout_s
        while self._receive.isConnected():
            assert time.monotonic() < end, f'the controller goes on after {timeout_s} s'
            time.sleep(0.01)
        return self._receive.getActualQd(), self._receive.getRuntimeState() == PLAYING


def test_a_second_run_is_refused_and_the_first_ends_in_order_when_its_launch_is_killed(tmp_path):
    with GraphRun(tmp_path, 'async_sac_2.launch.py', SMOKE, 'duration:=0') as run:
        run.wait_for('process started', 120)
        second = subprocess.run(
            ['ros2', 'launch', str(ROOT / 'launch/seq_sac.launch.py'), f'output:={tmp_path}/second'],
            env=run.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert second.returncode != 0
        refusals = [line for line in (second.stdout + second.stderr).splitlines() if 'already' in line]
        assert len(refusals) == 1 and f'(process {run.process.pid})' in refusals[0]
        assert 'another ROS_DOMAIN_ID, or give namespace:=NAME' in refusals[0]
        assert 'process started' not in second.stdout and not (tmp_path / 'second').exists()

        run.wait_for(r'episode [1-9]\d* ', 300)
        observer = Observer(run.address)
        run.process.send_signal(signal.SIGKILL)
        velocities, playing = observer.follow_to_the_end(120)
        assert velocities == [0.0] * 6 and not playing
        deadline = time.monotonic() + 120
        while left := run.left():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
    assert json.loads((run.run_folder / 'summary.json').read_text())['complete'] is False
    assert (run.run_folder / 'checkpoints/learner.safetensors').is_file()
    assert 'Traceback' not in run.output
