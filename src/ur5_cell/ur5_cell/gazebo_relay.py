"""Between the controller and Gazebo: who says what to whom, without ROS."""

from collections.abc import Sequence

import numpy as np

from ur5_cell.cell_config import NATIVE, SimulatedCameraConfig
from ur5_cell.joint_state_ring import JointState, JointStateRing
from ur5_cell.sensor_delay import DelayLine
from ur5_cell.sim_time import SimTime
from ur5_cell.simulator import Cell, Picture
from ur5_rl_env.devices.picture import subsample
from ur5_rl_env.observation import joints_from_state
from ur5_rl_env.robot_models import MODELS
from ur5_rl_graph.clock import Clock, offset_ns


class GazeboRelay:
    """Joint states and pictures of Gazebo in, joint velocities out; times are those of this host's clocks.

    Attributes:
        rings: joint states that were measured, and what the controller commands.
        refused: messages that could not be used.
        untimed: frames that came before any joint state.
    """

    def __init__(
        self, cell: Cell, camera: SimulatedCameraConfig, line: DelayLine, clock: Clock | None = None
    ) -> None:
        self._cell, self._config, self._line, self._clock = cell, camera, line, clock or Clock()
        self.rings = JointStateRing.create(), JointStateRing.create()
        self._home = MODELS[camera.robot_model].home
        self.refused = self.untimed = 0
        self._time = SimTime()
        self._last_ns = 0  # of the measurement written last
        self._sent = 0  # records of the controller's that have been sent on

    def on_joint_states(
        self, sim_ns: int, names: Sequence[str], angles: Sequence[float], rates: Sequence[float]
    ) -> None:
        """Takes what Gazebo has measured: angles from home [rad], velocities [rad/s], by joint."""
        try:
            joints = joints_from_state(names, angles, rates, sim_ns)
        except ValueError as error:
            self.refused += 1
            self._cell.complain('joints', f"Gazebo's {error}")
            return
        now_ns = round(1e9 * self._clock.now())
        self._time.heard(sim_ns, now_ns)
        measured_ns = self._time.monotonic_ns(sim_ns)
        assert measured_ns is not None  # as it has just been heard
        self._last_ns = max(measured_ns, self._last_ns + 1)
        q = tuple((self._home + joints.position).tolist())
        self.rings[0].write(JointState(self._last_ns, q, tuple(joints.velocity.tolist()), 0))

    def on_picture(self, sim_ns: int, pixels: np.ndarray) -> None:
        """Takes a frame of Gazebo's camera, uint8 BGR."""
        config = self._config
        drawn = NATIVE if config.strided else (config.image_height, config.image_width)
        if pixels.shape[:2] != drawn:
            self.refused += 1
            height, width = pixels.shape[:2]
            self._cell.complain(
                'size',
                f"Gazebo's frames have {width}x{height} pixels, not {drawn[1]}x{drawn[0]}: another world?",
            )
            return
        captured_ns = self._time.monotonic_ns(sim_ns)
        if captured_ns is None:
            self.untimed += 1
            return
        stamp_ns = captured_ns + offset_ns(self._clock)
        small = subsample(pixels, config.image_height, config.image_width)
        self._line.put(1e-9 * captured_ns, Picture(stamp_ns, small))

    def deliver(self) -> None:
        """Delivers the frames whose delay is over."""
        for _, picture in self._line.take(self._clock.now()):
            self._cell.deliver(picture)

    def command(self) -> tuple[float, ...] | None:
        """Returns the joint velocities to send [rad/s], 6; None until the next control step."""
        written = self.rings[1].written
        if written == self._sent:
            return None
        self._sent = written
        return self.rings[1].latest().qd

    def disc(self) -> tuple[float, float] | None:
        """Returns where the disc is to be now, right and up on the screen [m]."""
        return self._cell.target_at(self._clock.stamp())
