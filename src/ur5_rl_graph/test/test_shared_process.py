"""Several nodes in one process: their names, and how they begin and end together."""

import gc
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from unittest.mock import Mock, call

import pytest
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')

from ur5_rl_graph import hung, main, shared_process  # noqa: E402
from ur5_rl_graph.shared_process import node_class  # noqa: E402

pytestmark = pytest.mark.graph

SCRIPT = """
import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path
from rclpy.node import Node
from ur5_rl_graph import deaf, hung, main, node, teardown
from ur5_rl_graph.main import run

def tell_ready(identity):
    print(f'ready in {identity!r}', flush=True)
    return lambda: print('no longer ready', flush=True)

main.tell_ready = tell_ready
main.be_ordinary = lambda: print('is ordinary', flush=True)
main.use_folder = lambda folder, node: print('uses', folder, 'as', node, flush=True)

class Named(Node):
    def __init__(self, name):
        print('makes', name, flush=True)
        super().__init__(name)
        print('speed', self.declare_parameter('speed', 0).value)
    def destroy_node(self):
        print('destroys', self.get_name(), flush=True)
        super().destroy_node()

class First(Named):
    def __init__(self):
        super().__init__('first')
        self.declare_parameter('run_folder', '')

class Second(Named):
    def __init__(self):
        super().__init__('second')
        self.create_timer(0.01, self.end)
    def end(self):
        raise SystemExit(3)

class Hopeless(Node):
    def __init__(self):
        raise ValueError('speed is 9; allowed is 0 to 1')

class Hanging(Node):
    def __init__(self):
        super().__init__('hanging')
        hung.HUNG_S = 3.0
        self.create_timer(0.01, self.hang)
    def hang(self):
        ctypes.PyDLL(None).sleep(600)  # with the interpreter lock, as in a publish() that hangs

class Held(Node):  # as by a debugger or `docker pause`, for longer than a process may hang
    def __init__(self):
        super().__init__('held')
        hung.HUNG_S = 6.0
        self.holding = self.create_timer(0.5, self.hold)
    def hold(self):
        self.holding.cancel()
        subprocess.Popen(['sh', '-c', 'kill -STOP $0; sleep 7; kill -CONT $0', str(os.getpid())]).wait()
        self.create_timer(4.0, self.end)
    def end(self):
        raise SystemExit(3)

class Leaving(node.Node):  # hangs as DDS does, after own work that takes longer than that may
    def __init__(self):
        super().__init__('leaving')
        teardown.TEARDOWN_S = 3.0
        Node.destroy_node = lambda self: self.hang()
        self.create_timer(0.01, self.end)
    def end(self):
        raise SystemExit(0)
    def hang(self):
        ctypes.PyDLL(None).sleep(600)
    def destroy_node(self):
        time.sleep(4.0)
        print('saved', flush=True)
        super().destroy_node()

class Last(Leaving):  # the same where all is left
    def __init__(self):
        destroy = Node.destroy_node
        super().__init__()
        Node.destroy_node = destroy
        main.rclpy.try_shutdown = self.hang

class Deaf(Node):  # takes its own ports away, as another process would
    def __init__(self):
        super().__init__('deaf')
        deaf.LOOK_S = 0.05
        self.create_timer(0.2, self.take)
    def take(self):
        for entry in os.scandir('/proc/self/fd'):
            lock = os.readlink(entry.path)
            if 'fastrtps_port' in lock:
                print(lock, flush=True)
                Path(lock.removesuffix('_el')).unlink(missing_ok=True)

nodes = {'first': First, 'second': Second, 'hopeless': Hopeless, 'hanging': Hanging}
nodes |= {'held': Held, 'leaving': Leaving, 'last': Last, 'deaf': Deaf}
ready = lambda: print('begins', flush=True)
sys.exit(run(*(nodes[name] for name in sys.argv[1].split(',')), ready=ready))
"""


def _without_alarms():
    """What a process may inherit, and must not rely on."""
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])


def run_script(names):
    """Runs the nodes; returns the exit code and the lines of stdout and stderr."""
    command = [sys.executable, '-c', SCRIPT, names, '--ros-args', '-p', 'speed:=4', '-p', 'run_folder:=a/run']
    environment = os.environ | {'ROS_DOMAIN_ID': str(own_domain())}
    how = {'capture_output': True, 'text': True, 'timeout': 60, 'preexec_fn': _without_alarms}
    done = subprocess.run(command, env=environment, **how)
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def test_the_collector_leaves_alone_what_was_made_before_the_nodes_work(monkeypatch):
    begun = Mock(return_value=0)
    monkeypatch.setattr(shared_process, 'run', begun)
    monkeypatch.setattr(sys, 'argv', ['process', 'ur5_rl_env/environment', 'ur5_rl_env/target_monitor'])
    assert shared_process.main() == 0
    nodes = [node_class('ur5_rl_env/environment'), node_class('ur5_rl_env/target_monitor')]
    assert begun.call_args == call(*nodes, ready=gc.freeze)


def test_nodes_of_a_process_share_parameters_and_the_end():
    code, out, errors = run_script('first,second')
    assert code == 3
    made = ['makes first', 'speed 4', 'uses a/run as first', 'makes second', 'speed 4']
    assert out == [
        *made,
        "ready in ''",
        'begins',
        'is ordinary',
        'no longer ready',
        'destroys second',
        'destroys first',
    ]
    assert errors == []


def test_a_node_that_cannot_be_made_ends_the_process_and_those_before_it():
    code, out, errors = run_script('first,hopeless,second')
    assert code == 2
    assert out == ['makes first', 'speed 4', 'uses a/run as first', 'is ordinary', 'destroys first']
    assert errors == ['error: speed is 9; allowed is 0 to 1']


def test_a_process_that_hangs_is_ended_and_says_where():
    code, _, errors = run_script('hanging')
    assert code == -signal.SIGALRM
    assert any('in hang' in line for line in errors)


def test_a_process_that_was_held_from_outside_for_longer_than_it_may_hang_goes_on():
    assert run_script('held')[::2] == (3, [])


def test_a_process_that_dds_has_made_deaf_ends_to_be_started_again():
    code, out, errors = run_script('deaf')
    if not out:
        pytest.skip('this middleware has no ports in shared memory')
    assert code == 1 and len(errors) == 1 and 'where this process listens' in errors[0]


@pytest.mark.parametrize('name', ['leaving', 'last'])
def test_a_process_whose_work_is_done_ends_well_where_dds_hangs(name):
    code, out, errors = run_script(name)
    assert (code, out[-1]) == (0, 'saved')
    assert 'Timeout (0:00:02.700000)!' in errors and any('in hang' in line for line in errors)


def test_a_context_that_a_signal_has_just_shut_down_is_no_error(monkeypatch):
    monkeypatch.setattr(main, 'bounded', nullcontext)
    monkeypatch.setattr(main.rclpy, 'try_shutdown', Mock(side_effect=main.RCLError('already called')))
    main._shut_down()
    main.rclpy.try_shutdown.assert_called_once_with()


def test_a_process_that_goes_on_is_watched_and_one_that_ends_may_take_its_time(monkeypatch):
    timer, node = Mock(), Mock()
    monkeypatch.setattr(hung, 'LibraryTimer', Mock(return_value=timer))
    monkeypatch.setattr(hung, '_timers', [])
    monkeypatch.setattr(hung.signal, 'alarm', timer.alarm)
    hung.end_if_hung(node)
    hung.LibraryTimer.assert_called_once_with('alarm', hung.HUNG_S / 2)
    period_s, beat = node.create_timer.call_args.args
    assert 3 * period_s < hung.HUNG_S / 2
    beat()
    assert timer.mock_calls == 2 * [call.after(hung.HUNG_S / 2), call.alarm(0)]
    timer.reset_mock()
    hung.never_mind()
    assert timer.mock_calls == [call.after(0.0), call.alarm(0)]


def test_a_node_is_found_by_package_and_name():
    kind = node_class('buffer_sampler/buffer_sampler')
    assert (kind.__name__, kind.__module__) == ('BufferSamplerNode', 'buffer_sampler.nodes.buffer_sampler')


@pytest.mark.parametrize('name', ['sac_learner/nobody', 'nothing/actor', 'actor', 'sac_learner/'])
def test_an_unknown_node_is_named(name):
    with pytest.raises(ValueError, match=f"there is no node '{name}'; name nodes as <package>/<node>"):
        node_class(name)
