"""The environment in virtual time, with a camera that writes down what it is shown."""

import numpy as np
import pytest

from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.lifecycle import State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.target import TargetConfig, TargetMotion
from ur5_rl_env.task import TaskConfig
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph.data import Action
from ur5_rl_graph.random_streams import Stream, number
from virtual_time import environment as environment_module
from virtual_time.arm import VirtualArm
from virtual_time.environment import VirtualEnvironment
from virtual_time.ledger import Ledger
from virtual_time.process import NS, Process
from virtual_time.scheduler import Scheduler

TARGET = TargetConfig(task='tracking')
SEED = 3


class Camera:
    """Numbers its pictures in their first pixel."""

    def __init__(self, shape):
        self.shape, self.shown = shape, []

    def picture(self, q, target):
        self.shown.append(target)
        picture = np.zeros(self.shape, np.uint8)
        picture[0, 0] = divmod(len(self.shown) - 1, 256) + (0,)
        return picture

    def shown_in(self, frame):
        high, low, _ = frame[0, 0].tolist()
        return self.shown[256 * high + low]


class Nothing:
    """Takes whatever is recorded or traced."""

    def __getattr__(self, name):
        return lambda *_, **__: None


def made(camera_dropout=0.0, **values):
    """An environment with episodes of 0.4 s, its clock and its camera."""
    task = TaskConfig(task='tracking', image_width=32, image_height=18, episode_s=0.4, **values)
    scheduler = Scheduler()
    process, camera, ledger = Process(scheduler), Camera(task.image_shape), Ledger()
    line = DelayLine(DelayConfig(camera_dropout=camera_dropout), np.random.default_rng(0))
    config = LifecycleConfig(seed=SEED, run_folder='', action_timeout_s=600.0)

    def make_arm(on_state):
        return VirtualArm(scheduler, on_state, ArmConfig(), GuardConfig(), WatchdogConfig(), ledger)

    environment = VirtualEnvironment(
        scheduler,
        process,
        task,
        config,
        TARGET,
        make_arm,
        camera,
        line,
        0.004,
        Nothing(),
        Nothing(),
        ledger,
    )
    return environment, scheduler, camera


def answer(environment, scheduler, observation):
    """Has an action come after 2 ms."""
    action = Action(observation.episode, observation.step, np.zeros(5, np.float32), False, 0, 0, 0.0, 0.0, 0)
    scheduler.at(scheduler.now_ns + 2_000_000, lambda: environment.on_action(action))


def answered(environment, scheduler):
    """Has each observation from now on answered; returns where they gather."""
    seen = []

    def on_observation(observation):
        seen.append(observation)
        answer(environment, scheduler, observation)

    environment.on_observation = on_observation
    return seen


def observations(reset_s):
    """Two episodes, with the camera that saw them."""
    environment, scheduler, camera = made(reset_s=reset_s)
    seen = answered(environment, scheduler)
    while sum(observation.truncated for observation in seen) < 2:
        scheduler.step()
        assert scheduler.now_ns < 60 * NS
    return seen, camera


@pytest.mark.parametrize('reset_s', [0.0, 3.0, 7.3])
def test_the_place_of_the_target_is_a_function_of_seed_and_time_since_observation_0(reset_s):
    seen, camera = observations(reset_s)
    assert [o.episode for o in seen if o.step == 0] == [1, 2]
    for observation in seen:
        if observation.step == 0:
            seed, start_ns = number(SEED, Stream.TARGETS, observation.episode), observation.stamp_ns
            motion = TargetMotion.draw(TARGET, np.random.default_rng(seed))
        for frame, frame_id in zip(observation.frames, observation.frame_ids, strict=True):
            x, y, *_ = motion.at(max(frame_id - start_ns, 0) / NS)
            assert camera.shown_in(frame) == pytest.approx((x, y), abs=1e-6)


@pytest.mark.parametrize(
    ('values', 'cause'),
    [
        ({'camera_dropout': 1.0}, 'waiting: no camera yet'),
        ({'camera_period_s': 0.6}, 'waiting: camera silent for more than 0.5 s'),
    ],
)
def test_an_environment_that_waits_without_end_says_for_what(monkeypatch, values, cause):
    monkeypatch.setattr(environment_module, 'STANDSTILL_S', 5.0)
    environment, scheduler, _ = made(**values)
    begun_ns = scheduler.now_ns
    while not (said := environment.standstill()):
        scheduler.step()
    assert scheduler.now_ns - begun_ns == pytest.approx(5.0 * NS, abs=0.1 * NS)
    assert said == f'no observation for 5 s of virtual time, the newest word: {cause}'


def test_an_environment_that_waits_for_a_slow_action_does_not_stand_still(monkeypatch):
    monkeypatch.setattr(environment_module, 'STANDSTILL_S', 5.0)
    environment, scheduler, _ = made()
    seen = []
    environment.on_observation = seen.append
    while scheduler.now_ns < 20 * NS:
        scheduler.step()
        assert environment.standstill() == ''
    assert len(seen) == 1


def test_episodes_that_nobody_looks_at_while_they_run_are_no_standstill(monkeypatch):
    monkeypatch.setattr(environment_module, 'STANDSTILL_S', 5.0)
    environment, scheduler, _ = made()
    seen = answered(environment, scheduler)
    while sum(observation.truncated for observation in seen) < 3:
        scheduler.step()
        if environment._lifecycle.state is not State.RUNNING:
            assert environment.standstill() == ''
    assert scheduler.now_ns > 10 * NS
