"""A cell in which the calibration can be done without processes: time passes when it is told to.

Arm, camera and monitor have delays and places that the procedure does not know.
"""

import functools
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from commissioning.calibration import monitor_geometry, poses, result
from commissioning.calibration.procedure import Procedure
from commissioning.calibration.sensed import Picture, Recording
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.red_disc import Spot
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.scene_config import SceneConfig
from ur5_rl_env.task import CONTROL_CYCLE_S

ARM = Kinematics(UR5)

SIZE = (90, 160)
ACCELERATION = 1.4
NOMINAL = monitor_geometry.Geometry.nominal(SceneConfig())
HIDDEN = NOMINAL._replace(
    horizontal_fov=63.0,
    camera_turn=np.array([0.02, -0.015, 0.01]),
    camera_place=np.array([0.012, -0.03, 0.02]),
    centre=NOMINAL.centre + (0.02, 0.05, -0.015),
    turn=np.array([0.02, -0.03, 0.01]),
    width=0.56,
    height=0.32,
)
PIXELS = np.array([[10, 20, 200]] * 50)
DELAYS = [(0.0213, 0.0374, 0.0, 0.0271), (0.0, 0.0613, 0.0177, 0.0089), (0.048, 0.0105, -0.009, 0.055)]
"""Of monitor, camera, its stamps, and arm [s]; by the seed."""
TURN_S = 0.007


@dataclass
class FakeCell:
    """The hands of a procedure, and the world that they move."""

    geometry: monitor_geometry.Geometry
    monitor_s: float = 0.0
    camera_s: float = 0.0  # from the light to the arrival
    stamp_s: float = 0.0  # how much later pictures are stamped than they were taken
    arm_s: float = 0.0
    jitter_s: float = 0.0
    noise_pixel: float = 0.0
    period_s: float = 0.04
    seed: int = 0
    time: float = 1000.0
    said: list = field(default_factory=list)
    troubles: list = field(default_factory=list)  # (from, until, text)
    homes: list = field(default_factory=lambda: [])  # what the next moves home answer; then success

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        self.recording = Recording()
        self.q, self.qd, self.wanted = np.array(UR5.home), np.zeros(6), np.zeros(6)
        self.orders, self.shown, self.pictures = deque(), deque(), deque()
        self.place = (0.0, 0.0)
        self.next_step, self.next_picture = self.time, self.time + 0.013
        self.fastest, self.heard = 0.0, self.time

    # the hands

    def now(self):
        return self.time

    def show(self, right, up):
        self.shown.append((self.time + self.monitor_s, (right, up)))
        return self.time

    def move(self, velocity):
        self.fastest = max(self.fastest, np.abs(velocity).max())
        self.orders.append((self.time + self.arm_s, np.array(velocity)))

    def go_home(self):
        begun = self.time
        answer = self.homes.pop(0) if self.homes else (True, 'at home')
        if answer[0]:
            self.q, self.qd = np.array(UR5.home), np.zeros(6)
        return lambda: answer if self.time > begun + 0.5 else None

    def trouble(self):
        return next((text for begin, end, text in self.troubles if begin <= self.time < end), None)

    def over(self):
        return None

    def say(self, text):
        self.said.append(text)

    # the world

    def advance(self, until):
        """Lets time pass."""
        while (at := min(self.next_step, self.next_picture)) <= until:
            if at == self.next_step:
                self._step(at)
                self.next_step += CONTROL_CYCLE_S
            else:
                self._take_picture(at)
                self.next_picture += self.period_s
            while self.pictures and self.pictures[0].arrival <= at:
                self.recording.pictures.append(self.pictures.popleft())
        self.time = until

    def _step(self, at):
        self.q = self.q + CONTROL_CYCLE_S * self.qd
        self.recording.add_joints(at, tuple(self.q), tuple(self.qd))
        while self.orders and self.orders[0][0] <= at:
            self.wanted, self.heard = self.orders.popleft()[1], at
        if at - self.heard > 0.2:  # the watchdog
            self.wanted = np.zeros(6)
        reach = ACCELERATION * CONTROL_CYCLE_S
        self.qd = self.qd + np.minimum(np.maximum(self.wanted - self.qd, -reach), reach)

    def _take_picture(self, at):
        while self.shown and self.shown[0][0] <= at:
            self.place = self.shown.popleft()[1]
        before = at - self.next_step + CONTROL_CYCLE_S
        q = self.q + before * self.qd
        poses, places = ARM.base_link_from_tool0(q)[None], np.array([self.place])
        (column, row), _ = (part[0] for part in monitor_geometry.project(self.geometry, poses, places, SIZE))
        column, row = (column, row) + self.noise_pixel * self.rng.standard_normal(2)
        whole = 5.0 <= column <= SIZE[1] - 6 and 5.0 <= row <= SIZE[0] - 6
        arrival = at + self.camera_s + self.jitter_s * self.rng.random()
        if self.pictures:
            arrival = max(arrival, self.pictures[-1].arrival)
        self.pictures.append(Picture(at + self.stamp_s, arrival, Spot(column, row, 70.0, whole)))


def run(cell, places, max_velocity=0.7):
    """Does the whole procedure in the cell; returns its harvest."""
    cell.advance(cell.time + 0.5)
    procedure = Procedure(cell, cell.recording, places, np.random.default_rng(7), max_velocity)
    for _ in procedure.steps():
        cell.advance(cell.time + TURN_S)
    return procedure.harvest


@functools.cache
def measured(seed):
    cell = FakeCell(HIDDEN, *DELAYS[seed], jitter_s=0.002, noise_pixel=0.1, seed=seed)
    harvest = run(cell, poses.choose(UR5.home, GuardConfig(), NOMINAL, SIZE))
    cell.recording.colours.append(PIXELS)
    return cell, harvest, result.of(harvest, cell.recording, NOMINAL, SIZE, ACCELERATION, ARM)
