"""One episode: rewards, flags, timing, refused actions; and the count of episodes across restarts."""

import itertools

import numpy as np
import pytest

from ur5_rl_env.episode import ActionError, Episode
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.observation import frame_from_image, joints_from_state, proprioception
from ur5_rl_env.reward import Reward
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.sync import Frame, Synchroniser
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action

TASK = TaskConfig(image_width=17, image_height=9, episode_s=0.12)  # three steps
EPOCH = 1_000_000_000_000


class World:
    """An episode whose clock and sensors the test moves by hand; frames come 5 ms before observations."""

    def __init__(self, task=TASK):
        self.time = 0.0
        self.sync = Synchroniser(task.camera_period_s)
        self.task = task
        self.episode = self.new_episode()
        for k in range(3):
            self.see(-0.085 + 0.040 * k)
        self.episode.pacer.start(0.0)

    def new_episode(self):
        clock = Clock(lambda: self.time, self.stamp)
        return Episode(self.task, 7, 300, Reward(self.task), self.sync, clock)

    def stamp(self):
        return EPOCH + round(self.time * 1e9)

    def see(self, at, red=True, bend=0.0):
        pixels = np.full((9, 17, 3), 255, np.uint8)
        pixels[4, 8] = (0, 0, 200) if red else 255
        stamp = EPOCH + round(at * 1e9)
        joints = np.array(UR5.home) + (0.0, bend, 0.0, 0.0, 0.0, 0.0)
        self.sync.add_frame(Frame(stamp, pixels, pixels))
        for later in (-5_000_000, 3_000_000):
            self.sync.add_joints(Joints(stamp + later, joints, np.full(6, 0.35)))

    def observe(self, at):
        self.time = at
        return self.episode.observe()

    def act(self, at, values=(0.1, 0.2, 0.3, 0.4, 0.5), **changes):
        self.time = at
        action = Action(7, self.episode.step, np.array(values, np.float32), False, 3, 30, 0.5, 2.0, 0)
        move = self.episode.act(action._replace(**changes))
        self.episode.on_executed(Executed(move.stamp_ns, (*move.velocity, 0.0), False))
        return move


def test_observation_zero_has_no_reward_no_timing_and_no_previous_action():
    observation, timing = World().observe(0.0)
    assert timing is None
    assert (observation.episode, observation.step, observation.total_steps) == (7, 0, 300)
    assert observation.reward == 0.0 and not observation.truncated and not observation.terminated
    assert observation.frames.shape == (3, 9, 17, 3)
    assert (np.diff(observation.frame_ids) == 40_000_000).all()
    assert observation.proprio == pytest.approx([*UR5.home[:5], *[0.5] * 5, *[0.0] * 5])


def test_an_episode_of_three_steps():
    world = World()
    world.observe(0.0)
    rewards = []
    for k in range(3):
        move = world.act(0.040 * k + 0.006)
        assert move.velocity == pytest.approx(0.7 * np.array([0.1, 0.2, 0.3, 0.4, 0.5]))
        world.see(0.040 * (k + 1) - 0.005)
        observation, timing = world.observe(0.040 * (k + 1) + 0.001 * k)
        rewards.append(observation.reward)
        assert observation.truncated == (k == 2)
        assert observation.proprio[10:] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
        assert timing.lateness_ms == pytest.approx(k)
        assert timing.cycle_ms == pytest.approx(41.0 if k else 40.0)
        assert timing.response_ms == pytest.approx(6.0 - max(k - 1, 0))
        assert timing.image_age_ms == pytest.approx(5.0 + k)
        assert timing.joint_age_ms == pytest.approx(2.0 + k)
        assert timing.image_to_command_ms == pytest.approx(11.0)
        assert timing.weights_age_s == 0.5 and not timing.overrun
    assert rewards == pytest.approx([800 / 153] * 3, abs=1e-3)
    assert world.episode.done and not world.episode.awaits_action
    summary = world.episode.summary(reset_s=3.1)
    assert (summary.steps, summary.total_steps, summary.overruns) == (3, 303, 0)
    assert summary.episode_return == pytest.approx(sum(rewards))
    assert summary.duration_s == pytest.approx(0.122)


def test_the_reward_is_that_of_the_newest_frame_and_of_the_joints_paired_with_it():
    world = World()
    world.observe(0.0)
    world.act(0.006)
    world.see(0.035, red=False)  # the two older frames of the stack are red
    assert world.observe(0.040).observation.reward == pytest.approx(0.0, abs=1e-3)
    world.act(0.046)
    world.see(0.075, bend=0.25)
    assert world.observe(0.080).observation.reward == pytest.approx(800 / 153 - 0.25, abs=1e-3)


def test_the_reward_is_computed_on_the_camera_frame_and_the_agent_sees_the_smaller_copy():
    task = TaskConfig(image_width=34, image_height=18, observation_width=17, observation_height=9)
    world = World(task)
    camera, observed = np.full((18, 34, 3), 255, np.uint8), np.full((9, 17, 3), 77, np.uint8)
    camera[9, 17] = (0, 0, 200)
    for k in range(3):
        world.sync.add_frame(Frame(EPOCH + k, camera, observed))
    world.sync.add_joints(Joints(EPOCH + 2, np.array(UR5.home), np.zeros(6)))
    assert (world.observe(0.0).observation.frames == 77).all()
    world.act(0.006)
    u, v = 1 / 33, 1 / 17  # of the pixel beside the centre
    reward = 800 / (18 * 34) * (1 - u**2) * (1 - v**2)
    assert world.observe(0.040).observation.reward == pytest.approx(reward, abs=1e-3)


def test_an_action_of_one_is_the_largest_velocity_of_the_task():
    world = World(TaskConfig(image_width=17, image_height=9, max_joint_velocity=0.3))
    assert world.observe(0.0).observation.proprio[5:10] == pytest.approx([0.35 / 0.3] * 5)
    assert world.act(0.006, (1, -1, 0.5, 0, 0)).velocity == pytest.approx([0.3, -0.3, 0.15, 0, 0])


def test_an_episode_counts_only_what_is_its_own():
    world = World()
    world.sync.stale_images, world.sync.refused_stamps = 4, 6  # of the episodes before
    world.episode = world.new_episode()
    assert world.episode.summary(3.0).steps == 0  # aborted before its first observation
    with pytest.raises(ActionError, match='awaited is none'):
        world.act(0.0)
    world.episode.pacer.start(5.0)
    for k in range(3):
        world.see(4.915 + 0.040 * k)
    world.observe(5.0)
    world.sync.stale_images += 1
    world.sync.refused_stamps += 2
    world.act(5.010)
    world.observe(5.040)
    summary = world.episode.summary(3.0)
    assert (summary.stale_images, summary.refused_stamps, summary.steps) == (1, 2, 1)
    assert summary.duration_s == pytest.approx(0.040)


def test_a_late_action_is_an_overrun_of_that_cycle_only():
    world = World()
    world.observe(0.0)
    world.act(0.050)
    world.see(0.045)
    assert world.episode.pacer.due == 0.050
    assert world.observe(0.050).timing.overrun
    world.act(0.055)
    world.see(0.085)
    assert not world.observe(0.090).timing.overrun
    assert world.episode.summary(3.0).overruns == 1


def test_of_a_late_action_the_report_may_be_on_its_way_and_of_an_early_one_not():
    world = World()
    other = Executed(1, (0.0,) * 6, False)  # of another command
    world.observe(0.0)
    world.act(0.030)
    world.episode.on_executed(other)
    world.see(0.035)
    assert not world.observe(0.045).observation.action_changed
    world.act(0.050)
    world.episode.on_executed(other)
    world.see(0.075)
    assert world.observe(0.080).observation.action_changed
    assert (world.episode.summary(3.0).changed_steps, world.episode.summary(3.0).unreported_steps) == (1, 1)


@pytest.mark.parametrize(
    'change, message',
    [
        ({'episode': 6}, 'step 0 of episode 6 is not executed: awaited is step 0 of episode 7'),
        ({'step': 4}, 'step 4 of episode 7 is not executed: awaited is step 0'),
        ({'values': (0, np.nan, 0, 0, 0)}, 'must be 5 finite numbers'),
        ({'values': (0, 0, 0)}, 'must be 5 finite numbers'),
        ({'values': (0, 1.01, 0, 0, 0)}, 'must lie within -1 to 1'),
    ],
)
def test_bad_actions_are_refused_and_the_right_one_still_awaited(change, message):
    world = World()
    world.observe(0.0)
    with pytest.raises(ActionError, match=message):
        world.act(0.010, **change)
    assert world.episode.awaits_action
    world.act(0.011)


def test_a_second_answer_to_the_same_observation_is_refused():
    world = World()
    world.observe(0.0)
    world.act(0.010)
    with pytest.raises(ActionError, match='awaited is none'):
        world.act(0.011, values=(1, 1, 1, 1, 1))


def test_observations_can_be_smaller_than_the_frames_of_the_reward():
    task = TaskConfig(image_width=160, image_height=90, observation_width=80, observation_height=45)
    pixels = np.zeros((90, 160, 3), np.uint8)
    pixels[::2, ::2] = 200
    frame = frame_from_image(pixels, 5, task)
    assert frame.camera.shape == (90, 160, 3)
    assert (frame.observed == np.full((45, 80, 3), 50)).all()  # the mean of each 2 x 2 block
    with pytest.raises(ValueError, match='camera image is 80x45, expected is 160x90'):
        frame_from_image(pixels[::2, ::2], 5, task)


def test_joints_go_by_name():
    names = ['wrist_3_joint', 'elbow_joint', 'shoulder_pan_joint', 'wrist_1_joint', 'wrist_2_joint']
    with pytest.raises(ValueError, match='joint_states lack shoulder_lift_joint'):
        joints_from_state(names, [0] * 5, [0] * 5, 1)
    names.append('shoulder_lift_joint')
    joints = joints_from_state(names, [5, 2, 0, 3, 4, 1], [0.5, 0.2, 0, 0.3, 0.4, 0.1], 1)
    assert joints.position.tolist() == [0, 1, 2, 3, 4, 5]
    assert proprioception(joints, np.zeros(5), 0.1)[5:10] == pytest.approx([0, 1, 2, 3, 4])
    with pytest.raises(ValueError, match='not finite'):
        joints_from_state(names, [np.nan] * 6, [0] * 6, 1)
    with pytest.raises(ValueError, match='not finite'):
        joints_from_state(names, [0] * 6, [0, 0, 0, np.inf, 0, 0], 1)


def test_an_episode_number_is_never_used_twice(tmp_path):
    progress = Progress(str(tmp_path / 'run'))
    assert progress.start_episode(0) == [] and progress.episode == 1
    assert progress.start_episode(100) == [] and progress.episode == 2
    again = Progress(str(tmp_path / 'run'))
    assert (again.episode, again.total_steps) == (2, 100)
    assert again.start_episode(100) == [] and again.episode == 3


def test_an_episode_count_that_cannot_be_kept_is_told_once_and_kept_as_soon_as_it_can_be(tmp_path):
    folder = tmp_path / 'run'
    folder.write_text('in the way')
    path, clock = folder / 'environment.json', itertools.count(step=20)  # s
    progress = Progress(str(folder), clock.__next__)
    said = [progress.start_episode(100 * number) for number in range(3)]
    assert said[0][0].startswith(f'{path} cannot be written (') and said[1:] == [[], []]
    folder.unlink()
    assert progress.start_episode(300) == [f'{path} is written again']
    assert (Progress(str(folder)).episode, Progress(str(folder)).total_steps) == (4, 300)


@pytest.mark.parametrize(
    'text',
    ['', '{"episode": 1', '{"episode": 1}', '[]', '7', '\0' * 40, '{"episode": 1e999, "total_steps": 1}'],
)
def test_a_damaged_count_of_episodes_is_refused_in_one_line(tmp_path, text):
    (tmp_path / 'environment.json').write_text(text)
    with pytest.raises(ValueError, match=r'environment.json is damaged .* delete it') as caught:
        Progress(str(tmp_path))
    assert str(caught.value).isprintable()
