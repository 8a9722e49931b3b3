"""However the work of a process' nodes ends: its exit code, and that it has no priority from then on."""

import signal
from contextlib import ExitStack
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

pytest.importorskip('rclpy')

from rclpy._rclpy_pybind11 import RCLError
from rclpy.executors import ExternalShutdownException

from ur5_rl_graph import hung, main

NOTED = (
    'end_with_launch',
    'end_if_hung',
    'end_if_deaf',
    'never_mind',
    'drop_pipes',
    'tell_over',
    'be_ordinary',
)
DEAF_TO_SIGNALS = [(signal.SIGINT, signal.SIG_IGN), (signal.SIGTERM, signal.SIG_IGN)]


class Work:
    """Two nodes that nothing is behind; `ends` is how spinning ends, an exception or None."""

    def __init__(self, monkeypatch, ends=None, ok=True):
        self.done, self.interrupt, self.ending = [], main._Interrupt(), ExitStack()
        self.executor = Mock()
        self.executor.spin.side_effect = lambda: self._spin(ends)
        for name in NOTED:
            monkeypatch.setattr(main, name, self._noting(name))
        monkeypatch.setattr(main, 'tell_ready', lambda identity: self._noting('no longer ready'))
        monkeypatch.setattr(main.RunConfig, 'of', lambda node: SimpleNamespace(run_identity='a run'))
        monkeypatch.setattr(main.rclpy, 'ok', lambda: ok)
        monkeypatch.setattr(main.signal, 'signal', lambda number, then: self.done.append((number, then)))

    def _noting(self, name):
        return lambda *_: self.done.append(name)

    def _spin(self, ends):
        self.done.append('spins')
        assert not self.interrupt.raises, 'a signal would break into the middle of a callback'
        if ends is not None:
            raise ends

    def node(self):
        assert self.interrupt.raises
        self.done.append('makes')
        node = Mock(destroy_node=self._noting('destroys'))
        node.has_parameter.return_value = False
        return node

    def run(self, *further):
        nodes = (self.node, self.node, *further)
        return main._work(nodes, self._noting('ready'), self.executor, self.interrupt, self.ending)


@pytest.mark.parametrize(
    ('ends', 'ok', 'code'),
    [
        (None, True, 0),
        (KeyboardInterrupt(), True, 0),
        (ExternalShutdownException(), False, 0),
        (RCLError('the context is gone'), False, 0),
        (SystemExit(0), True, 0),
        (SystemExit(3), True, 3),
        (SystemExit('a word'), True, 1),
        (BrokenPipeError(), True, 1),
    ],
)
def test_the_priority_ends_with_the_work_and_before_anything_is_destroyed(monkeypatch, ends, ok, code):
    work = Work(monkeypatch, ends, ok)
    assert work.run() == code
    begins = ['makes', 'end_with_launch', 'makes', 'end_if_hung', 'end_if_deaf', 'ready', 'spins']
    said = ['drop_pipes'] if isinstance(ends, BrokenPipeError) else []
    if isinstance(ends, SystemExit) and code == 0:  # not a signal, which says nothing of the run
        said = ['tell_over']
    assert work.done == [*begins, *said, *DEAF_TO_SIGNALS, 'be_ordinary']
    work.done.clear()
    work.ending.close()
    assert work.done == ['never_mind', 'no longer ready', 'destroys', 'destroys']


@pytest.mark.parametrize('fault', [RCLError('a fault of ours'), RuntimeError('a fault of ours')])
def test_a_fault_keeps_its_traceback_and_no_priority(monkeypatch, fault):
    work = Work(monkeypatch, fault)
    with pytest.raises(type(fault), match='a fault of ours'):
        work.run()
    assert work.done[-3:] == [*DEAF_TO_SIGNALS, 'be_ordinary']


@pytest.mark.parametrize('error', [ValueError('speed is 9'), OSError('no such device')])
def test_a_process_whose_node_cannot_be_made_never_gets_its_priority(monkeypatch, capsys, error):
    work = Work(monkeypatch)
    assert work.run(Mock(side_effect=error)) == 2
    assert capsys.readouterr().err == f'error: {error}\n'
    assert work.done == ['makes', 'end_with_launch', 'makes', *DEAF_TO_SIGNALS, 'be_ordinary']
    assert not work.executor.spin.called


def test_the_second_signal_is_not_raised_again():
    interrupt = main._Interrupt()
    with pytest.raises(KeyboardInterrupt):
        interrupt(signal.SIGINT, None)
    interrupt(signal.SIGTERM, None)


def test_a_callback_that_takes_long_says_that_it_works_where_somebody_watches(monkeypatch):
    said = []
    monkeypatch.setattr(hung, 'goes_on', said.append)
    for timers in ([], ['of this process']):
        monkeypatch.setattr(hung, '_timers', timers)
        hung.still_works()
    assert said == [hung.HUNG_S]
