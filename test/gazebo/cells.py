"""The simulated cell without its node, for tests: the controller's robot, stepped by hand, and the picture.

`MujocoCell` takes no time. `GazeboCell` starts `gz sim` and the bridge, and a control step takes 8 ms.
"""

import contextlib
import importlib.util
import os
import subprocess
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import numpy as np

from ur5_cell.controller_process import ControllerProcess
from ur5_cell.robot import Robot
from ur5_cell.robot_config import RobotConfig
from ur5_cell.simulated_arm import IdealArm, MeasuredArm, Screen
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import MONITOR_CENTRE

ROOT = Path(__file__).resolve().parents[2]
PERIOD_S = 0.008
CAMERA_PERIOD_S = 0.040


def no_cell(simulator):
    """Why there is no cell of this simulator here, '' where there is."""
    if importlib.util.find_spec('mujoco') is None:
        return 'MuJoCo is not installed'
    if simulator == 'mujoco':
        return ''
    if importlib.util.find_spec('ament_index_python') is None:
        return 'Gazebo is not tested: ROS 2 is not there'
    from ur5_rl_gazebo.installed import missing

    lacks = missing()
    return lacks and f'Gazebo is not tested: {lacks}'


class Cell:
    """What the tests ask of either.

    Attributes:
        robot: the controller's; `step` advances it.
        lines: what a pendant would show.
        by: how far joints may be from where an ideal arm has them [rad], [rad/s].
        seen_by: how much worse than MuJoCo's a picture may be.
        arms: how many controllers can have one at a time.
    """

    def __init__(self, config):
        self.config, self.lines = config, []
        self.target = (0.0, 0.0)  # of the disc on the screen [m]

    def new_robot(self):
        """A controller that begins where the arm is."""
        self.robot = Robot(RobotConfig(), self.lines.append, self.new_arm())
        return self.robot

    def go(self, q, speed=1.05):
        """Moves to joint angles [rad] and lets the arm come to rest."""
        self.robot.motion.move(q, speed, 1.4)
        while not self.robot.motion.at_rest:
            self.step()
        self.settle()

    def __enter__(self):
        self.new_robot()
        return self


class MujocoCell(Cell):
    """The arm is where the controller says; pictures are drawn at once."""

    by, seen_by, arms = 0.0, 1.0, 2

    def __init__(self, config):
        from ur5_cell.simulated_camera import SimulatedCamera

        super().__init__(config)
        self._camera = SimulatedCamera(config, np.random.default_rng(0))

    def new_arm(self):
        x, _, z = MONITOR_CENTRE
        config = self.config
        from ur5_rl_env.kinematics import kinematics_of

        screen = Screen(
            (x, config.monitor_y, z),
            config.screen_width,
            config.screen_height,
            kinematics_of(config.robot_model),
        )
        return IdealArm(UR5.home, screen)

    def step(self):
        self.robot.step()

    def settle(self):
        """Nothing goes on when the target rests."""

    def picture(self):
        """The joints and what the camera sees now."""
        return np.array(self.robot.q), self._camera.picture(self.robot.q, self.target)

    def controller(self, host, **words):
        return ControllerProcess(host, **words)

    def __exit__(self, *_):
        self._camera.close()


class GazeboCell(Cell):
    """Gazebo, the bridge, and what robot_cell has between them and the controller."""

    by, seen_by, arms = 0.005, 1.5, 1
    START_S, FRAME_S = 60.0, 5.0

    def __enter__(self):
        self._ending = contextlib.ExitStack()
        try:
            self._start()
        except BaseException:
            self._ending.close()
            raise
        return super().__enter__()

    def __exit__(self, *_):
        self._ending.close()

    def _start(self):
        import rclpy

        from ur5_cell.gazebo_relay import GazeboRelay
        from ur5_cell.gazebo_simulator import GazeboSimulator
        from ur5_cell.sensor_delay import DelayConfig, DelayLine
        from ur5_cell.simulator import Cell as Needs
        from ur5_rl_gazebo.world import world_sdf

        folder = Path(self._ending.enter_context(tempfile.TemporaryDirectory()))
        world = folder / 'gazebo.sdf'
        world.write_text(world_sdf(self.config, CAMERA_PERIOD_S), encoding='utf-8')
        own = {'GZ_PARTITION': f'test_{os.getpid()}_{id(self)}', 'GZ_IP': '127.0.0.1'}
        environment = os.environ | own
        bridge = f'config_file:={ROOT / "config/gazebo/bridge.yaml"}'
        for command in (
            ['gz', 'sim', '-s', '-r', '--headless-rendering', str(world), '--force-version', '8'],
            ['ros2', 'run', 'ros_gz_bridge', 'parameter_bridge', '--ros-args', '-p', bridge],
        ):
            self._ending.callback(_end, subprocess.Popen(command, env=environment, start_new_session=True))
        context = rclpy.Context()
        rclpy.init(context=context)
        self._ending.callback(rclpy.shutdown, context=context)
        node = rclpy.create_node('gazebo_tests', context=context)
        self._ending.callback(node.destroy_node)
        self._pictures = deque(maxlen=4)
        needs = Needs(
            self._pictures.append, lambda stamp: self.target, lambda kind, line: self.lines.append(line)
        )
        line = DelayLine(DelayConfig(camera_delay_ms=0.0), np.random.default_rng(0))
        self._relay = GazeboRelay(needs, self.config, line)
        for ring in self._relay.rings:
            self._ending.callback(ring.close)
        simulator = GazeboSimulator(node, self._relay, films=True)
        stop = threading.Event()
        thread = threading.Thread(target=simulator.run, args=(None, stop))
        thread.start()
        self._ending.callback(thread.join)
        self._ending.callback(stop.set)
        end = time.monotonic() + self.START_S
        while not self._pictures:
            assert time.monotonic() < end, f'no frame of Gazebo in {self.START_S} s'
            time.sleep(0.01)

    def new_arm(self):
        self._due = time.monotonic()
        return MeasuredArm(*self._relay.rings)

    def step(self):
        self._due = max(self._due + PERIOD_S, time.monotonic() - PERIOD_S)
        time.sleep(max(self._due - time.monotonic(), 0.0))
        self.robot.step()

    def settle(self):
        """The arm comes after its target, the disc to its place."""
        for _ in range(125):
            self.step()

    def picture(self):
        """The joints and the first frame that was captured from now on."""
        now_ns, steps = time.time_ns(), round(self.FRAME_S / PERIOD_S)
        while self._pictures[-1].stamp_ns < now_ns:
            assert (steps := steps - 1), f'no frame in {self.FRAME_S} s'
            self.step()
        return np.array(self.robot.q), self._pictures[-1].pixels

    def controller(self, host, **words):
        return ControllerProcess(host, simulated_by=self._relay.rings, **words)


def _end(process):
    """SIGINT, as a launch does it; gz and ros2 run end what they have started."""
    os.killpg(process.pid, 2)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


SIMULATORS = {'mujoco': MujocoCell, 'gazebo': GazeboCell}
