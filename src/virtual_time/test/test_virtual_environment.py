"""The environment in virtual time, with a camera that writes down what it is shown."""

import numpy as np
import pytest

from ur5_cell.sensor_delay import DelayConfig, DelayLine
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.target import TargetConfig, TargetMotion
from ur5_rl_env.task import TaskConfig
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph.data import Action
from ur5_rl_graph.random_streams import Stream, number
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


def observations(reset_s):
    """Two episodes of 0.4 s, with the camera that saw them."""
    task = TaskConfig(task='tracking', image_width=32, image_height=18, episode_s=0.4, reset_s=reset_s)
    scheduler, seen = Scheduler(), []
    process, camera, ledger = Process(scheduler), Camera(task.image_shape), Ledger()
    line = DelayLine(DelayConfig(), np.random.default_rng(0))
    config = LifecycleConfig(seed=SEED, run_folder='')

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

    def on_observation(observation):
        seen.append(observation)
        action = Action(
            observation.episode, observation.step, np.zeros(5, np.float32), False, 0, 0, 0.0, 0.0, 0
        )
        scheduler.at(scheduler.now_ns + 2_000_000, lambda: environment.on_action(action))

    environment.on_observation = on_observation
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
