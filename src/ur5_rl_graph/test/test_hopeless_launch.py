"""A launch whose process can never work: it is not started for ever, and the exit code says so."""

import os
import subprocess
import sys
import uuid

import pytest

pytest.importorskip('launch')
pytest.importorskip('launch_ros')

SCRIPT = """
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import ExecuteProcess, OpaqueFunction
from ur5_rl_graph import run_of_launch

def begin(context):
    context.launch_configurations['namespace'] = sys.argv[1]
    begun = run_of_launch.begin_run(context, at_end=lambda: print('all have ended', flush=True))
    identity = f'run_identity:="{run_of_launch._runs[0].identity}"'
    def process(name, code):
        command = ['sh', '-c', code, 'sh', '-p', identity]
        return ExecuteProcess(cmd=command, name=name, output='screen', respawn=True, respawn_delay=0.01)
    return [*begun, process('waiting', 'exec sleep 100'), process('learner', sys.argv[2])]

service = LaunchService()
service.include_launch_description(LaunchDescription([OpaqueFunction(function=begin)]))
sys.exit(service.run())
"""


@pytest.mark.parametrize(
    ('code', 'starts', 'line'),
    [
        ('exit 7', 3, 'has ended 3 times before it was ready, at last with exit code 7: mend what its last'),
        ('kill -SEGV $$', 3, 'has ended 3 times before it was ready, at last with exit code -11'),
        ('exit 2', 1, 'cannot work with what it was given: its last line says why'),
    ],
)
def test_it_is_started_three_times_at_most_and_named_in_one_line(tmp_path, code, starts, line):
    environment = {'PYTHONPATH': os.pathsep.join(sys.path), 'ROS_LOG_DIR': str(tmp_path)}
    done = subprocess.run(
        [sys.executable, '-c', SCRIPT, f'test_{uuid.uuid4().hex}', code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 1
    assert len([told for told in lines if '[learner-2]: process started' in told]) == starts
    assert len([told for told in lines if f'learner-2 {line}' in told]) == 1
    assert not [told for told in lines if 'Traceback' in told]
    assert lines.count('all have ended') == 1, 'however the run ends'
