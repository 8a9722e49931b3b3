"""The environment without ROS: a small event simulation drives it with a fake clock."""

import numpy as np
import pytest

from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.lifecycle import EXIT_UNSAFE, Lifecycle, State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Call, End, Finish, Move, Observe, Say, StartTarget
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action
from ur5_rl_graph.random_streams import Stream, number

EPOCH = 1_000_000_000_000
PIXELS = np.full((9, 16, 3), 255, np.uint8)


class World:
    """Camera every 40 ms, joints every 8 ms, an actor that answers after 6 ms."""

    def __init__(self, autostart=True, pause_when_slowed=True, word=None, **changes):
        self.ms = 0
        self.rounding = 0.0
        changes = {'episode_s': 0.4, 'reset_s': 0.5} | changes
        self.task = TaskConfig(image_width=16, image_height=9, **changes)
        clock = Clock(lambda: self.ms * 1e-3 + self.rounding, lambda: EPOCH + self.ms * 1_000_000)
        config = LifecycleConfig(
            autostart=autostart, pause_when_slowed=pause_when_slowed, action_timeout_s=1.0, seed=5
        )
        self.env = Lifecycle(self.task, config, clock, Progress(), word)
        self.camera = self.joints = self.actor = True
        self.arm, self.stops = ArmState.READY, 0
        self.drop_frames = set()
        self.answer_ms = {'stop': 4, 'target': 4, 'home': 300}
        self.camera_age_ms = 5  # of a frame on its arrival
        self.position = np.array(UR5.home)
        self.action_ms = {}  # step: delay of its action
        self.later = []  # (ms, event)
        self.log = []  # (ms, output)
        self.set_arm(self.arm)

    def set_arm(self, state, text='', stops=None):
        """What the driver says; it counts the stop that begins, unless it says another number."""
        began = state is ArmState.PROTECTIVE_STOP and self.arm is not state
        self.arm, self.stops = state, self.stops + began if stops is None else stops
        self.do(self.env.on_arm(state, text, self.stops))

    def do(self, outputs):
        for output in outputs:
            self.log.append((self.ms, output))
            match output:
                case Observe(observation, _) if self.actor and not observation.truncated:
                    delay = self.action_ms.get(observation.step, 6)
                    action = self.action(observation.episode, observation.step)
                    self.later.append((self.ms + delay, lambda a=action: self.env.on_action(a)))
                case Call(service, token, _):
                    answer, at = (service, token, True, ''), self.ms + self.answer_ms[service]
                    self.later.append((at, lambda a=answer: self.env.on_answer(*a)))

    def action(self, episode, step, values=(0.5, 0, 0, 0, -1.0)):
        return Action(episode, step, np.array(values, np.float32), False, 1, 1, 0.0, 1.0, 0)

    def run(self, ms):
        for _ in range(ms):
            self.ms += 1
            stamp = EPOCH + self.ms * 1_000_000
            captured = self.ms - self.camera_age_ms
            if self.camera and captured % 40 == 0 and self.ms not in self.drop_frames:
                self.do(self.env.on_frame(Frame(EPOCH + captured * 1_000_000, PIXELS, PIXELS)))
            if self.joints and self.ms % 8 == 2:
                self.do(self.env.on_joints(Joints(stamp - 1_000_000, self.position.copy(), np.zeros(6))))
            for entry in [entry for entry in self.later if entry[0] <= self.ms]:
                self.later.remove(entry)
                self.do(entry[1]())
            if self.env.wake_at is not None and self.ms * 1e-3 >= self.env.wake_at - 1e-9:
                self.rounding = 1e-9  # never early by a rounding error
                self.do(self.env.tick())
                self.rounding = 0.0

    def run_until(self, state, limit_ms=5000):
        for _ in range(limit_ms):
            if self.env.state is state:
                return
            self.run(1)
        raise AssertionError(f'{state} not reached: {self.env.state}, {self.said()[-3:]}')

    def all(self, kind):
        return [output for _, output in self.log if isinstance(output, kind)]

    def said(self):
        return [say.text for say in self.all(Say)]


def test_a_whole_episode_then_a_reset_then_the_next():
    world = World()
    world.run(2200)
    first, second = world.all(Finish)[:2]
    assert (first.summary.episode, first.summary.steps, first.summary.total_steps) == (1, 10, 10)
    assert (second.summary.episode, second.summary.total_steps) == (2, 20)
    assert not first.summary.aborted and first.summary.overruns == 0
    assert 0.5 <= first.summary.reset_s < 0.7
    observed = [(ms, o.observation) for ms, o in world.log if isinstance(o, Observe)][:11]
    assert [o.step for _, o in observed] == list(range(11))
    assert set(np.diff([ms for ms, _ in observed])) == {40}
    assert [o.truncated for _, o in observed] == [False] * 10 + [True]
    for (
        _,
        observation,
    ) in observed:  # the newest frame arrived 6 ms before
        age = observation.stamp_ns - observation.frame_ids
        assert age.tolist() == [91_000_000, 51_000_000, 11_000_000]


def test_a_reset_stops_then_goes_home_and_meanwhile_asks_for_the_target_of_the_episode():
    world = World()
    world.run_until(State.ALIGNING)
    calls = [(ms, call) for ms, call in world.log if isinstance(call, Call)]
    assert [call.service for _, call in calls] == ['stop', 'target', 'home']
    assert calls[1][1].seed == number(5, Stream.TARGETS, 1)
    assert calls[2][0] == calls[0][0] + 4


@pytest.mark.parametrize('camera_age_ms', [5, 30])
@pytest.mark.parametrize('home_ms', range(300, 340, 5))
def test_observation_0_is_made_only_of_what_was_captured_after_the_reset(camera_age_ms, home_ms):
    world = World(reset_s=0.0)
    world.camera_age_ms, world.answer_ms['home'] = camera_age_ms, home_ms
    for _ in range(2):
        world.position = np.array(UR5.home) + 0.5  # under way
        world.run_until(State.ALIGNING)
        home_ns = EPOCH + world.ms * 1_000_000
        world.position = np.array(UR5.home)
        world.run_until(State.RUNNING)
        world.run(10)
        first = world.all(Observe)[-1].observation
        assert first.step == 0
        assert first.frame_ids.min() >= home_ns
        assert first.proprio[:5] == pytest.approx(UR5.home[:5])
        world.run_until(State.RESETTING)


def test_the_target_begins_to_move_with_observation_0_and_not_before():
    world = World()
    world.drop_frames = {ms for ms in range(0, 900) if ms % 40 == 5}  # the camera comes late
    world.run(3000)
    first = [o.observation for o in world.all(Observe) if o.observation.step == 0]
    starts, calls = world.all(StartTarget), [c for c in world.all(Call) if c.service == 'target']
    assert len(starts) >= 2
    assert [s.stamp_ns for s in starts] == [o.stamp_ns for o in first]
    assert [s.seed for s in starts] == [c.seed for c in calls[: len(starts)]]
    order = [output for _, output in world.log if isinstance(output, Observe | StartTarget)]
    assert isinstance(order[0], Observe) and order[1] == starts[0]  # the observation is not kept waiting


def test_commands_follow_their_actions_at_once_and_the_arm_rests_at_the_end():
    world = World()
    world.run_until(State.RUNNING)
    world.run(430)
    moves = [(ms, m) for ms, m in world.log if isinstance(m, Move)]
    observed = [ms for ms, o in world.log if isinstance(o, Observe)]
    assert [ms for ms, _ in moves[:10]] == [ms + 6 for ms in observed[:10]]
    assert moves[0][1].velocity == pytest.approx([0.35, 0, 0, 0, -0.7])
    assert moves[-1][0] == observed[-1] and not moves[-1][1].velocity.any()


def test_a_new_seed_begins_with_the_target_of_a_first_episode_whatever_was_before():
    world = World()
    world.run_until(State.RUNNING)
    for _ in range(2):
        world.env.seed_targets(17)
        world.do(world.env.reset())
        world.run_until(State.RUNNING)
    seeds = [call.seed for call in world.all(Call) if call.service == 'target']
    assert seeds == [number(5, Stream.TARGETS, 1), *[number(17, Stream.TARGETS, 1)] * 2]


def test_a_lost_frame_is_awaited_and_the_place_between_two_frames_kept():
    world = World()
    world.run_until(State.RUNNING)
    start = world.ms + 6
    lost = start + 120 - 6
    world.drop_frames = {lost}
    world.run(460)
    observed = [ms for ms, o in world.log if isinstance(o, Observe)]
    assert observed[:6] == [start + 40 * k for k in (0, 1, 2, 4, 5, 6)]
    assert world.all(Observe)[3].timing.lateness_ms == pytest.approx(40.0)
    assert world.all(Finish)[0].summary.stale_images == 1
    assert not world.all(Observe)[3].timing.overrun


def test_lost_joint_states_are_awaited_and_then_the_next_frame():
    world = World()
    world.run_until(State.RUNNING)
    start = world.ms + 6
    world.run(90)
    world.joints = False
    world.run(90)
    world.joints = True
    world.run(400)
    observed = [ms for ms, o in world.log if isinstance(o, Observe)]
    assert observed[:6] == [start + 40 * k for k in (0, 1, 2, 5, 6, 7)]
    assert world.all(Finish)[0].summary.stale_images == 2  # of 840 and 880 ms, in the gap from 809 to 905


def test_a_late_action_stretches_the_cycle_and_is_counted():
    world = World()
    world.action_ms = {2: 50}
    world.run_until(State.WAITING, 1)
    world.run(1300)
    observed = [ms for ms, o in world.log if isinstance(o, Observe)][:11]
    cycles = list(np.diff(observed))
    assert cycles[:3] == [40, 40, 50] and cycles[3:9] == [39] * 6  # and back to the camera's beat
    assert world.all(Finish)[0].summary.overruns == 1


def test_a_cycle_that_is_no_multiple_of_the_camera_period_is_not_steered():
    world = World(action_cycle_s=0.056, episode_s=0.448)
    world.camera_age_ms = 1
    world.run_until(State.RUNNING)
    world.run(460)
    observed = [ms for ms, o in world.log if isinstance(o, Observe)]
    assert set(np.diff(observed)) == {56}


def test_a_silent_actor_aborts_the_episode_and_the_next_one_begins():
    world = World()
    world.action_ms = {4: 10**9}
    world.run_until(State.RUNNING)
    world.run(1300)
    summary = world.all(Finish)[0].summary
    assert summary.aborted and summary.steps == 4 and summary.total_steps == 4
    assert 'no action for 1.' in summary.text
    line = next(line for line in world.said() if 'episode 1 aborted at step 4: no action' in line)
    assert line.endswith('(1 aborted so far)')
    world.action_ms = {}
    world.run(1500)
    assert world.all(Finish)[1].summary.total_steps == 14


@pytest.mark.parametrize('sensor', ['camera', 'joints'])
def test_a_silent_sensor_aborts_and_its_return_starts_a_new_episode(sensor):
    world = World()
    world.run_until(State.RUNNING)
    world.run(100)
    setattr(world, sensor, False)
    world.run(800)
    summary = world.all(Finish)[0].summary
    assert summary.aborted and 'silent for more than 0.5 s' in summary.text
    assert world.env.state is State.WAITING
    observed = len(world.all(Observe))
    assert not world.all(Move)[-1].velocity.any()
    world.run(2000)
    assert len(world.all(Observe)) == observed
    setattr(world, sensor, True)
    world.run_until(State.RUNNING)


def test_a_protective_stop_aborts_and_waits_for_the_arm():
    world = World()
    world.run_until(State.RUNNING)
    world.run(100)
    world.set_arm(ArmState.PROTECTIVE_STOP, 'call arm/unlock')
    assert 'arm: protective stop: call arm/unlock' in world.all(Finish)[0].summary.text
    world.run(3000)
    assert world.env.state is State.WAITING
    world.set_arm(ArmState.READY)
    world.run_until(State.RUNNING)
    assert world.env.episode.number == 2


def test_ten_protective_stops_in_600_s_end_the_run():
    world = World()
    for k in range(10):
        world.set_arm(ArmState.READY)
        world.ms += 59_000 if k else 0
        world.set_arm(ArmState.PROTECTIVE_STOP)
    assert world.all(End) == [End(EXIT_UNSAFE, world.all(End)[0].text)]
    assert '10 protective stops within 600 s' in world.all(End)[0].text


def test_a_protective_stop_counts_once_however_often_it_is_said():
    world = World()
    for _ in range(600):  # a minute of arm/status
        world.set_arm(ArmState.PROTECTIVE_STOP)
    assert world.all(End) == []


STOP, AWAY, READY = ArmState.PROTECTIVE_STOP, ArmState.DISCONNECTED, ArmState.READY


def counted(*said):
    """How many stops an environment counts of what drivers say: states, each with their number of stops."""
    world = World()
    for state, stops in said:
        world.set_arm(state, '', stops)
    return len(world.env.readiness._stops)


def test_a_stop_that_outlasts_the_connection_or_the_driver_is_one_stop():
    assert counted((STOP, 1), *[(AWAY, 1), (STOP, 1)] * 9) == 1, 'silent, or another servo process'
    assert counted((STOP, 1), *[(AWAY, 0), (AWAY, 0), (STOP, 1)] * 9) == 1, 'another driver counts it, too'
    assert counted((STOP, 1), *[(STOP, 1)] * 9) == 1, 'before anything was heard of it'


def test_no_stop_goes_uncounted():
    assert counted((STOP, 1), (READY, 1), (STOP, 2), (READY, 2), (STOP, 3)) == 3
    assert counted((STOP, 1), (STOP, 3)) == 3, 'what was said in between did not come'
    assert counted((READY, 0), (READY, 1)) == 1
    assert counted((READY, 2**32 - 1)) == 10, 'of nobody; more would only fill the memory'
    assert counted((STOP, 1), (AWAY, 0), (READY, 0), (STOP, 1)) == 2, 'of another driver'
    assert counted((STOP, 2), (AWAY, 0), (STOP, 1), (READY, 1), (STOP, 2)) == 2 + 1
    assert counted((STOP, 1), (READY, 1), (AWAY, 0), (STOP, 1)) == 2, 'as the driver died'
    assert counted((STOP, 1), (READY, 1), (STOP, 1)) == 2, 'the same, and nothing else was heard of it'


def test_what_a_driver_counted_before_the_environment_began_does_not_count_but_for_a_stop_that_stands():
    for said, wanted in (((READY, 30), 0), ((STOP, 30), 1)):
        world = World()
        world.env = Lifecycle(world.task, world.env._config, world.env._clock, Progress())
        for state, stops in (said, said, (STOP, 31)):
            world.set_arm(state, '', stops)
        assert len(world.env.readiness._stops) == wanted + 1


def test_a_recording_of_before_the_number_was_told_counts_as_it_did():
    world = World()
    world.env = Lifecycle(world.task, world.env._config, world.env._clock, Progress())
    for _ in range(10):
        assert world.all(End) == []
        world.do(world.env.on_arm(AWAY, ''))
        world.do(world.env.on_arm(STOP, ''))
    assert [end.code for end in world.all(End)] == [EXIT_UNSAFE]


def test_protective_stops_long_ago_do_not_count():
    world = World()
    for _ in range(20):
        world.set_arm(ArmState.READY)
        world.ms += 67_000
        world.set_arm(ArmState.PROTECTIVE_STOP)
    assert world.all(End) == []


def test_an_emergency_stop_ends_the_run_with_the_arm_at_rest():
    world = World()
    world.run_until(State.RUNNING)
    world.run(60)
    world.set_arm(ArmState.EMERGENCY_STOP)
    move, finish, _, end = (output for _, output in world.log[-4:])
    assert not move.velocity.any() and finish.summary.aborted and end.code == EXIT_UNSAFE


@pytest.mark.parametrize('values', [(np.nan, 0, 0, 0, 0), (2, 0, 0, 0, 0), (0, 0, 0)])
def test_a_bad_action_moves_nothing_and_gets_one_line(values):
    world = World()
    world.actor = False
    world.run_until(State.RUNNING)
    world.run(20)
    world.do(world.env.on_action(world.action(1, 0, values)))
    assert world.all(Move) == []
    assert world.env.refused_actions == 1
    assert 'is not executed' in world.said()[-1]


def test_bad_actions_without_end_get_few_lines():
    world = World()
    world.actor = False
    world.run_until(State.RUNNING)
    world.run(20)
    for _ in range(250):
        world.do(world.env.on_action(world.action(1, 7)))
    assert len([line for line in world.said() if 'is not executed' in line]) == 10 + 2
    assert world.said()[-1].endswith('(200 refused so far)')


@pytest.mark.parametrize('absent', [('actor',), ('recorder',), ('actor', 'recorder')])
def test_without_an_actor_or_the_recorder_the_arm_waits_at_home(absent):
    world = World()
    world.env.readiness.absent = absent
    world.run(3000)
    assert world.env.state is State.RESETTING
    assert f'at home, waiting: no {", ".join(absent)} yet' in world.said()
    world.env.readiness.absent = ()
    world.run_until(State.RUNNING)


def test_what_is_missing_at_the_start_is_said_once():
    world = World()
    world.camera = False
    world.env.readiness.absent = ('/arm/move_home',)
    world.run(500)
    world.env.readiness.absent = ()
    world.run(1000)
    assert world.said() == ['waiting: no /arm/move_home yet', 'waiting: no camera yet']


def test_a_failed_or_unanswered_move_home_is_tried_again():
    world = World()
    world.answer_ms['home'] = 10**9
    world.run_until(State.RESETTING)
    world.run(1000)
    world.do(world.env.on_answer('home', world.all(Call)[0].token, False, 'arm is not ready'))
    assert 'reset: home failed: arm is not ready' in world.said()
    world.answer_ms['home'] = 300
    world.run_until(State.RUNNING)
    again = World()
    again.answer_ms['home'] = 10**9
    again.run(31_000)
    assert any('reset: home not done within 30 s' in line for line in again.said())
    again.answer_ms['home'] = 300
    again.run_until(State.RUNNING, 40_000)


def test_a_reset_waits_for_the_target_and_is_tried_again_after_a_second():
    world = World()
    world.answer_ms['target'] = 10**9
    world.run_until(State.RESETTING)
    began, token = world.ms, world.all(Call)[0].token
    world.run(1000)
    assert world.env.state is State.RESETTING
    world.do(world.env.on_answer('target', token, False, 'no node offers it'))
    calls = len(world.all(Call))
    world.do(world.env.on_answer('stop', token, True, ''))  # too late: it must not send the arm home
    world.run(990)
    assert len(world.all(Call)) == calls
    world.run(20)
    assert world.ms == began + 2010 and len(world.all(Call)) > calls


def test_what_a_reset_waits_for_in_vain_is_named():
    world = World()
    world.answer_ms['stop'] = 10**9
    world.run(31_000)
    assert 'reset: home, stop not done within 30 s (reset_timeout_s)' in world.said()


def test_an_arm_that_moves_home_is_what_a_reset_asks_for():
    world = World()
    world.run_until(State.RESETTING)
    world.set_arm(ArmState.MOVING_HOME)
    world.run(250)
    world.set_arm(ArmState.READY)
    assert world.env.state is State.RESETTING and len(world.all(Call)) == 3
    world.run_until(State.RUNNING)


def test_a_slow_way_home_has_the_drivers_limit_and_not_that_of_a_reset():
    world = World()
    world.answer_ms['home'] = 45_500
    world.run_until(State.RESETTING)
    world.run(50)
    world.set_arm(ArmState.MOVING_HOME)
    world.run(45_000)
    world.set_arm(ArmState.HOLDING)  # told before the answer
    world.run_until(State.RUNNING)
    assert not any('reset_timeout_s' in line for line in world.said())
    assert len([call for call in world.all(Call) if call.service == 'home']) == 1


def test_a_way_home_that_is_over_without_an_answer_is_tried_again():
    world = World()
    world.answer_ms['home'] = 10**9
    world.run_until(State.RESETTING)
    world.run(50)
    world.set_arm(ArmState.MOVING_HOME)
    world.run(40_000)
    world.set_arm(ArmState.HOLDING)
    world.run(29_000)
    assert world.env.state is State.RESETTING
    world.run(2_000)
    assert 'reset: home not done within 30 s (reset_timeout_s)' in world.said()


def test_a_stale_answer_of_an_earlier_attempt_is_ignored():
    world = World()
    world.answer_ms['home'] = 10**9
    world.run_until(State.RESETTING)
    world.run(50)
    world.do(world.env.on_answer('home', world.all(Call)[0].token - 1, True, ''))
    world.run(2000)
    assert world.env.state is State.RESETTING and not world.all(Observe)


def test_start_stop_and_reset_by_request():
    world = World(autostart=False)
    world.run(1000)
    assert world.env.state is State.STOPPED and not world.all(Call)
    world.do(world.env.start())
    world.run_until(State.RUNNING)
    world.run(100)
    world.do(world.env.stop())
    world.do(world.env.reset())
    assert world.all(Finish)[0].summary.text == 'stopped by request'
    assert world.all(Call)[-1].service == 'stop'
    world.run(1000)
    assert world.env.state is State.STOPPED
    for _ in range(2):  # of an agent, which does not know that a person has stopped it
        world.do(world.env.reset())
    world.run(1000)
    assert world.env.state is State.STOPPED and 'waits for your word' in world.said()[-1]
    world.do(world.env.start())
    world.do(world.env.reset())
    world.run_until(State.RUNNING)
    assert world.env.episode.number == 2


@pytest.mark.parametrize('needed', [True, False])
def test_an_environment_that_a_person_has_stopped_stays_so_when_it_is_started_again(tmp_path, needed):
    def life():
        return World(word=PersonsWord(needed, str(tmp_path), 'run_1'))

    world = life()
    world.do(world.env.start())
    world.run_until(State.RUNNING)
    world.do(world.env.stop())
    world.run(1)
    again = life()
    again.run(2000)
    assert (
        again.env.state is State.STOPPED and not again.all(Call) and 'waits for your word' in again.said()[0]
    )
    again.do(again.env.start())
    again.run_until(State.RUNNING)
    life().run_until(State.RUNNING)


def test_a_stop_that_cannot_be_kept_stops_and_says_so(monkeypatch):
    def fail():
        raise OSError('read-only')

    world = World()
    world.run_until(State.RUNNING)
    monkeypatch.setattr(world.env._word, 'take_back', fail)
    world.do(world.env.stop())
    assert world.env.state is State.STOPPED and world.all(Call)[-1].service == 'stop'
    world.run(1)  # the arm goes first
    assert world.said()[-1].endswith('do not know that the arm must rest: read-only')
    world.set_arm(ArmState.EMERGENCY_STOP)
    assert isinstance(world.log[-1][1], End), 'whatever becomes of the word'


@pytest.mark.parametrize(
    'answer, why', [((0, False, 'no node offers it'), 'no node offers it'), (None, 'no answer within 3 s')]
)
def test_a_stop_that_the_arm_does_not_confirm_is_said(answer, why):
    world = World()
    world.run_until(State.RESETTING)
    world.later.clear()
    stop, call = world.env.stop(), world.all(Call)
    for output in stop:
        world.log.append((world.ms, output))
    assert world.env.state is State.STOPPED and call
    world.do(world.env.on_answer('stop', *answer) if answer else [])
    world.run(4000)
    warned = [text for text in world.said() if 'emergency stop' in text]
    assert warned == [f'the arm may still move (arm/stop: {why}): press its emergency stop']
    world.do(world.env.start())
    world.run_until(State.RUNNING)


def test_a_stop_that_the_arm_confirms_is_not_warned_of():
    world = World()
    world.run_until(State.RUNNING)
    world.do(world.env.stop())
    world.run(5000)
    assert not [text for text in world.said() if 'emergency stop' in text] and world.env.wake_at is None


def test_a_word_that_was_taken_back_meanwhile_is_given_by_start(tmp_path):
    word = PersonsWord(True, str(tmp_path), 'run_1')
    world = World(word=word)
    world.do(world.env.start())
    world.run_until(State.RUNNING)
    PersonsWord(True, str(tmp_path), 'run_1').take_back()  # by the servo
    world.set_arm(ArmState.DISCONNECTED)
    world.do(world.env.start())
    assert word.given and world.env.state is State.WAITING


def test_an_arm_moved_home_by_somebody_else_aborts():
    world = World()
    world.run_until(State.RUNNING)
    world.run(50)
    world.set_arm(ArmState.MOVING_HOME)
    assert 'moving home' in world.all(Finish)[0].summary.text


def test_the_watchdog_alone_does_not_abort():
    """A late action stretches its cycle (SPEC 4); the action time-out decides, not the arm's ramp to zero."""
    world = World()
    world.run_until(State.RUNNING)
    world.run(50)
    world.set_arm(ArmState.HOLDING)
    world.run(20)
    assert world.env.state is State.RUNNING


def test_an_arm_with_less_speed_pauses_the_run_until_it_has_all_of_it_again():
    world = World()
    world.run_until(State.RUNNING)
    world.run(50)
    world.set_arm(ArmState.SPEED_REDUCED, 'at 20 %')
    aborted = world.all(Finish)[0].summary
    assert aborted.aborted and aborted.text == 'arm: speed reduced: at 20 %'
    assert not world.all(Move)[-1].velocity.any()
    world.run(3000)
    assert world.env.state is State.WAITING
    world.set_arm(ArmState.HOLDING)
    world.run_until(State.RUNNING)


def test_an_arm_with_less_speed_goes_on_where_that_is_asked_for():
    world = World(pause_when_slowed=False)
    world.set_arm(ArmState.SPEED_REDUCED)
    world.run_until(State.RUNNING)
    world.run(2000)
    assert [finish.summary.aborted for finish in world.all(Finish)] == [False, False]


def test_the_report_on_a_command_reaches_the_episode():
    world = World()
    world.run_until(State.RUNNING)
    world.env.on_executed(Executed(EPOCH, (0.0,) * 6, True))  # of another command: says nothing
    world.run(20)
    command = world.all(Move)[-1]
    world.env.on_executed(Executed(command.stamp_ns, (*(0.5 * command.velocity), 0.0), True))
    world.run(30)
    observation = world.all(Observe)[1].observation
    assert observation.action_changed
    assert observation.executed_action == pytest.approx([0.25, 0, 0, 0, -0.5])
    assert command.stamp_ns == EPOCH + (world.all(Observe)[1].observation.stamp_ns - EPOCH) - 34_000_000


def test_a_real_arm_waits_for_a_persons_word_and_a_restart_does_not(tmp_path):
    word = PersonsWord(True, str(tmp_path), 'run_1')
    world = World(word=word)
    world.run(1000)
    assert world.said() == [word.request]
    world.do(world.env.reset())
    world.run(1000)
    assert world.said() == 2 * [word.request]
    assert world.env.state is State.STOPPED and not world.all(Call) and not world.all(Move)
    world.do(world.env.start())
    world.run_until(State.RUNNING)
    again = World(word=PersonsWord(True, str(tmp_path), 'run_1'))
    again.run_until(State.RUNNING)
    assert word.request not in again.said()
    again.set_arm(ArmState.EMERGENCY_STOP)
    assert not word.given, 'once more after an emergency stop'
    other = World(word=PersonsWord(True, str(tmp_path), 'run_2'))
    other.run(1000)
    assert other.env.state is State.STOPPED


def test_a_word_that_the_arm_driver_cannot_hear_starts_nothing(tmp_path):
    world = World(word=PersonsWord(True, str(tmp_path / 'gone'), 'run_1'))
    world.do(world.env.start())
    assert world.said()[-1].startswith('not started: the word cannot be kept for the arm driver: [Errno 2]')
    assert world.env.state is State.STOPPED


def test_the_states_are_those_of_the_message():
    message = pytest.importorskip('ur5_rl_interfaces.msg')
    for state in ArmState:
        assert getattr(message.ArmStatus, f'STATE_{state.name}') == state
