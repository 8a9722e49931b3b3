"""How a process ends that cannot begin: one line, no traceback, and an exit code that says so."""

import os
import signal
import subprocess
import sys

import pytest
from own_domain import own_domain

START = 'import sys; sys.path.insert(0, sys.argv[1]); from ur5_rl_graph.entry import execute; execute("node")'
NODE = 'from ur5_rl_graph.main import run\ndef main():\n    return run()'


MAKING = """
import time
from ur5_rl_graph import main as the_main
class Node:
    def has_parameter(self, name):
        return False
    def create_timer(self, period_s, callback, clock):
        pass
    def destroy_node(self):
        print('destroyed', flush=True)
def slow():
    print('at work', flush=True)
    for _ in range(6000):  # a signal may reach a thread of DDS, which wakes nobody who sleeps for long
        time.sleep(0.01)
def begin(executor):
    print('at work', flush=True)
    while the_main.rclpy.ok():
        time.sleep(0.01)
class RunConfig:
    run_identity = ''
    of = classmethod(lambda cls, node: cls)
the_main.RunConfig = RunConfig
the_main.SingleThreadedExecutor.add_node = lambda executor, node: None
the_main.SingleThreadedExecutor.spin = begin
def main():
    return the_main.run(Node{further})
"""


@pytest.fixture
def start(tmp_path):
    """start(text of a node's module, name=value of the environment) -> its process."""
    processes = []

    def begin(text, **environment):
        (tmp_path / 'node.py').write_text(text)
        environment = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)} | environment
        command = [sys.executable, '-c', START, str(tmp_path)]
        pipes = {'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, 'text': True}
        processes.append(subprocess.Popen(command, env=environment, **pipes))
        return processes[-1]

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ('text', 'line'),
    [
        ('import tensorfow', "error: node cannot be imported (No module named 'tensorfow'): ./ur5rl setup"),
        (
            'raise ImportError("libGL: cannot open shared object file")',
            'error: node cannot be imported (libGL: cannot open shared object file): install that library',
        ),
        ('raise OSError("no OpenGL;\\n apt install libegl1")', 'error: no OpenGL; apt install libegl1'),
    ],
)
def test_what_cannot_be_imported_is_one_line_and_no_reason_to_try_again(start, text, line):
    process = start(text)
    assert process.communicate(timeout=60) == ('', f'{line}\n')
    assert process.returncode == 2


def test_a_fault_of_the_code_keeps_its_traceback(start):
    process = start('1 / 0')
    assert 'ZeroDivisionError' in process.communicate(timeout=60)[1]
    assert process.returncode == 1


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_the_end_of_a_launch_in_the_middle_of_imports_is_silent_and_in_order(start, number):
    process = start('import time\nprint("importing", flush=True)\ntime.sleep(60)')
    assert process.stdout.readline() == 'importing\n'
    process.send_signal(number)
    assert process.communicate(timeout=60) == ('', '')
    assert process.returncode == 0


def test_an_interrupt_of_before_the_first_import_is_held_until_it_ends_the_process_in_order(
    start,
):
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process = start('import time\ntime.sleep(120)')
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ('', '')
    assert process.returncode == 0


@pytest.mark.parametrize(
    ('numbers', 'further'),
    [
        ([signal.SIGINT], ''),
        ([signal.SIGTERM], ''),
        ([signal.SIGINT, signal.SIGTERM], ''),
        ([signal.SIGINT], ', slow'),  # while another node is being made
        ([signal.SIGTERM], ', slow'),
    ],
)
def test_a_node_ends_in_order_at_each_signal_and_at_both(start, numbers, further):
    pytest.importorskip('rclpy')
    process = start(MAKING.replace('{further}', further), ROS_DOMAIN_ID=str(own_domain()))
    assert process.stdout.readline() == 'at work\n'
    for number in numbers:
        process.send_signal(number)
    assert process.communicate(timeout=60) == ('destroyed\n', '')
    assert process.returncode == 0


@pytest.mark.graph
@pytest.mark.parametrize(
    ('name', 'value', 'why'),
    [
        ('ROS_LOG_DIR', '/proc/nowhere', "Failed to create log directory '/proc/nowhere'"),
        ('ROS_DOMAIN_ID', 'abc', 'ROS_DOMAIN_ID is not an integral number'),
    ],
)
def test_where_ros_cannot_begin_one_line_says_why(start, name, value, why):
    pytest.importorskip('rclpy')
    process = start(NODE, **{name: value})
    _, errors = process.communicate(timeout=60)
    last = errors.splitlines()[-1]
    assert last.startswith('error: ROS 2 cannot begin (') and why in last and 'look at ROS_DOMAIN_ID' in last
    assert 'Traceback' not in errors
    assert process.returncode == 2
