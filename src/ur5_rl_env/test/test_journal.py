"""The journal: what the environment took in, by one reading of its clocks for each event."""

import json

import numpy as np
import pytest

from ur5_rl_env import events
from ur5_rl_env.digest import ObservationDigest
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.journal import Journal, entry_from_text, event_from_entry
from ur5_rl_env.journaled import Environment
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Call, Say
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock, HeldClock, Reading, read
from ur5_rl_graph.data import Action, Observation

AT = Reading(12.345678901234567, 1_700_000_000_123_456_789)
PIXELS = np.zeros((9, 16, 3), np.uint8)
TASK = TaskConfig(image_width=16, image_height=9, reset_s=0.0)


class Ticking:
    """Clocks that no two readings find alike."""

    def __init__(self):
        self.now_s = 5.0

    def now(self):
        self.now_s += 1e-6
        return self.now_s

    def stamp(self):
        return 1_700_000_000_000_000_000 + round(1e9 * self.now())


def environment(config=None, word=None, clock=None):
    clock = clock or Ticking()
    config = LifecycleConfig(**config or {})
    commander = {'run': 'a run', 'process': 2**64 - 1}
    return Environment(
        TASK, config, Progress(), word or PersonsWord(), commander, Clock(clock.now, clock.stamp)
    )


def noted(journal):
    return [json.loads(text) for text in journal.take().entries]


ACTION = Action(3, 7, np.array([0.1, -0.2, 1.0, 1e-9, -1.0], np.float32), True, 5, 2**63, 0.1, 3.3, 1)


@pytest.mark.parametrize(
    'event',
    [
        events.Reported(Executed(2**62 + 1, (0.1, 0.2, 1 / 3, -0.0, 1e-300, 5.0), True)),
        events.ArmSaid(4, 'a "stop":\n übel', 3),
        events.Shown(0.1, -1 / 3),
        events.Answered('home', 12, False, 'no'),
        events.Asked('reset'),
        events.Seeded(2**31 - 1),
        events.Missed(('actor', '/arm/stop')),
        events.Missed(()),
        events.Woke(),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_comes_back_from_the_journal_as_it_was(event):
    journal = Journal(1)
    journal.event(event, AT)
    entry = entry_from_text(journal.take().entries[0])
    assert entry.at == AT
    assert event_from_entry(entry) == event


def test_what_an_arm_said_before_its_stops_were_told_can_be_read():
    entry = entry_from_text('["arm", 1.0, 2, 4, "stop"]')
    assert event_from_entry(entry) == events.ArmSaid(4, 'stop', None)


def test_an_action_comes_back_bit_for_bit():
    journal = Journal(1)
    journal.event(events.Acted(ACTION), AT)
    action = event_from_entry(entry_from_text(journal.take().entries[0])).action
    assert action.action.dtype == np.float32 and action.action.tobytes() == ACTION.action.tobytes()
    assert action._replace(action=None) == ACTION._replace(action=None)


def test_images_and_joint_states_are_named_by_their_stamps():
    journal = Journal(1)
    journal.event(events.Saw(Frame(17, PIXELS, PIXELS)), AT)
    journal.event(events.Felt((Joints(3, np.zeros(6), np.zeros(6)), Joints(5, np.ones(6), np.ones(6)))), AT)
    assert noted(journal) == [['image', *AT, 17], ['joint_states', *AT, 3, 5]]


def test_entries_are_numbered_on_and_taken_once():
    journal = Journal(9)
    for count in (2, 0, 3):
        for _ in range(count):
            journal.event(events.Woke(), AT)
        batch = journal.take()
        assert (batch.session, len(batch.entries)) == (9, count)
    journal.event(events.Woke(), AT)
    assert journal.since == AT.now
    assert journal.take().first == 5 and journal.since is None


@pytest.mark.parametrize(
    'text', ['', '[]', '{"a": 1}', '["tick", 1, 2]', '["tick", 1.0, "2"]', '[3, 1.0, 2]']
)
def test_what_is_no_entry_is_refused(text):
    with pytest.raises(ValueError, match='entry of the journal'):
        entry_from_text(text)


@pytest.mark.parametrize(
    'text', ['["dance",1.0,2]', '["arm",1.0,2,3]', '["executed",1.0,2,3]', '["tick",1.0,2,3]']
)
def test_an_entry_of_another_revision_is_refused(text):
    with pytest.raises(ValueError, match='replay with the revision that recorded it'):
        event_from_entry(entry_from_text(text))


def test_each_event_has_one_time_which_is_what_the_lifecycle_sees():
    env = environment()
    start = noted(env.journal)[-1]
    assert start[0] == 'start' and env.lifecycle.wake_at == start[1]
    assert start[3]['commander'] == {'run': 'a run', 'process': 2**64 - 1}
    assert start[3]['task']['image_width'] == 16 and start[3]['config']['seed'] == 0
    env.take(events.ArmSaid(ArmState.READY, ''))
    env.take(events.Felt((Joints(env.stamp_ns, np.array(UR5.home), np.zeros(6)),)))
    env.take(events.Saw(Frame(env.stamp_ns, PIXELS, PIXELS)))
    calls = env.take(events.Woke())
    assert [call.service for call in calls if isinstance(call, Call)] == ['stop', 'target']
    entries = noted(env.journal)
    assert [entry[0] for entry in entries] == ['arm', 'joint_states', 'image', 'tick', 'reset']
    times = [(entry[1], entry[2]) for entry in entries]
    assert times[-1] == times[-2] == (env.lifecycle.wake_at - 0.1, env.stamp_ns)
    assert sorted(set(times)) == times[:-1], 'each event has a time of its own'
    assert entries[-1][3] == start[3] | {'token': 1, 'absent': [], 'target_seeds': [0, 0]}


def test_a_held_clock_stands_still_until_it_is_set():
    held = HeldClock(AT)
    assert (held.clock.now(), held.clock.stamp()) == (held.clock.now(), held.clock.stamp()) == AT
    held.reading = Reading(13.0, 5)
    assert (held.clock.now(), held.clock.stamp()) == (13.0, 5)


def test_both_clocks_are_read_at_one_instant_though_the_process_is_set_aside():
    clock = Ticking()
    asides = iter([3.0] + [0.0] * 100)  # in one of the readings, three seconds pass

    def stamp():
        clock.now_s += next(asides)
        return clock.stamp()

    for _ in range(3):
        found = read(Clock(clock.now, stamp))
        assert abs(1e-9 * (found.stamp - 1_700_000_000_000_000_000) - found.now) < 1e-5


def test_what_is_read_of_a_persons_word_is_noted_before_the_event(tmp_path):
    word = PersonsWord(True, str(tmp_path), 'a run')
    env = environment({'confirm': True}, word)
    assert [entry[0] for entry in noted(env.journal)][-1] == 'start'
    assert isinstance(env.take(events.Asked('reset'))[0], Say)
    entries = noted(env.journal)
    assert [entry[0] for entry in entries] == ['word', 'request'] and entries[0][3] is False
    env.take(events.Asked('start'))
    entries = noted(env.journal)
    assert [entry[0] for entry in entries] == ['word', 'request'] and entries[0][3] is True
    assert word.given


def observation(reward=0.5, pixel=0, frame_ids=(1, 2, 3), stamp=4):
    frames = np.zeros((3, 9, 16, 3), np.uint8)
    frames[2, 3, 4, 1] = pixel
    ids = np.array(frame_ids, np.int64)
    zeros = np.zeros(5, np.float32)
    return Observation(
        1, 2, 3, frames, ids, np.zeros(15, np.float32), zeros, False, reward, False, True, stamp
    )


def test_digests_tell_pixels_and_numbers_apart():
    pixels, numbers = ObservationDigest()(observation())
    assert len(pixels) == len(numbers) == 16
    assert ObservationDigest()(observation(pixel=1)) == (
        ObservationDigest()(observation(pixel=1))[0],
        numbers,
    )
    assert ObservationDigest()(observation(pixel=1))[0] != pixels
    for other in (observation(reward=0.5001), observation(stamp=5), observation(frame_ids=(1, 2, 4))):
        assert ObservationDigest()(other)[0] == pixels and ObservationDigest()(other)[1] != numbers
    assert ObservationDigest()(observation(reward=0.1)) == ObservationDigest()(
        observation(reward=float(np.float32(0.1)))
    ), 'a reward is what goes over the wire'


def test_digests_remember_frames_but_not_for_ever():
    digest = ObservationDigest()
    for first in range(0, 3000, 3):
        digest(observation(frame_ids=(first, first + 1, first + 2)))
    assert len(digest._frames) <= 12
