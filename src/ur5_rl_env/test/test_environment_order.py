"""The environment node: its journal goes out when what is urgent has gone."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from std_srvs.srv import Trigger

from ur5_rl_env import events
from ur5_rl_env.journal import Journal, entry_from_text, event_from_entry
from ur5_rl_env.lifecycle import State
from ur5_rl_env.nodes import environment
from ur5_rl_env.outputs import End, Move
from ur5_rl_graph import messages
from ur5_rl_graph.clock import Reading
from ur5_rl_graph.data import JOINTS, Action
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_interfaces import msg

MOVE = Move(np.zeros(JOINTS), 5)
COMMAND, JOURNAL = 'arm/velocity_command', 'environment/journal'


class Shell(environment.EnvironmentNode):
    """The node without ROS: its environment answers what it is told to; `sent` are topics, in order."""

    def __init__(self, *answer):
        self.sent, self._answer, self.stamp_ns = [], list(answer), 5
        self.journal = Journal(1)
        self._environment = self
        self._lifecycle = SimpleNamespace(wake_at=None, state=State.RUNNING)
        self._run = RunConfig(run_identity='a run')
        self._armed_for, self._commander = None, {'run': 'a run', 'process': 1}
        self._event_ns = self._reset_ns = 0
        self._spans = SimpleNamespace(add=lambda *_: None, publish_if_due=lambda: self.sent.append('spans'))
        self._published = {
            topic.name: SimpleNamespace(publish=lambda message, name=topic.name: self.sent.append(name))
            for topic in environment.PUBLISHED
        }
        self._timer = SimpleNamespace(cancel=lambda: None)
        none = SimpleNamespace(newest=lambda: None, all=list)
        self._joints = self._executed = self._target = none

    def take(self, event):
        self.journal.event(event, Reading(1.0, 5))
        return self._answer


def act(shell):
    zeros = np.zeros(JOINTS, np.float32)
    shell._on_action(messages.msg_from_action(Action(1, 1, zeros, False, 1, 1, 0.1, 1.0, 1)))


def test_an_action_is_commanded_before_the_journal_and_the_spans_are_published():
    shell = Shell(MOVE)
    act(shell)
    assert shell.sent == [COMMAND, JOURNAL, 'spans'] and not shell.journal.take().entries


def test_what_comes_of_time_or_of_the_arm_publishes_no_journal_at_once():
    shell = Shell(MOVE)
    shell._on_timer()
    shell._on_arm(msg.ArmStatus(state=1, protective_stops=2))
    entries = shell.journal.take().entries
    assert shell.sent == [COMMAND] * 2 and len(entries) == 2
    assert event_from_entry(entry_from_text(entries[1])) == events.ArmSaid(1, '', 2)


def test_the_last_entries_are_published_at_the_end_after_the_arm_was_stopped(capsys):
    shell = Shell(MOVE, End(3, 'emergency stop'))
    with pytest.raises(SystemExit):
        shell._handle(events.Woke())
    assert shell.sent == [COMMAND, JOURNAL]
    assert capsys.readouterr().err == 'error: emergency stop\n'


@pytest.mark.parametrize(('later_s', 'sent'), [(0.19, []), (0.21, [JOURNAL])])
def test_without_an_action_entries_go_out_when_they_have_waited(monkeypatch, later_s, sent):
    shell = Shell()
    shell._handle(events.Woke())
    monkeypatch.setattr(environment.time, 'monotonic', lambda: 1.0 + later_s)
    shell._on_presence()
    assert shell.sent == sent


def test_the_arm_of_another_run_is_not_heard():
    shell = Shell()
    for run in ('a run', 'another', ''):
        shell._on_arm(msg.ArmStatus(run=run, text=f'of {run}'))
    kept = [event_from_entry(entry_from_text(text)) for text in shell.journal.take().entries]
    assert [event.text for event in kept] == ['of a run', 'of ']


def test_a_text_of_a_message_is_taken_as_one_line():
    shell = Shell()
    shell._on_arm(msg.ArmStatus(text='stop\nped\x1b'))
    shell._on_answer('home', 1, SimpleNamespace(result=lambda: Trigger.Response(message='not\nhome')))
    shell._said = []
    shell._refused, shell.get_logger = set(), lambda: SimpleNamespace(error=shell._said.append)
    shell._refuse('joint states', ValueError('they name a\nb'))
    kept = [event_from_entry(entry_from_text(text)) for text in shell.journal.take().entries]
    assert [event.text for event in kept] == [r'stop ped\x1b', 'not home']
    assert shell._said == ['joint states refused, as all like it from now on: they name a b']
