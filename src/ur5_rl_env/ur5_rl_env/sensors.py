"""What comes from camera and arm: judged by its stamp, noted as heard, kept for pairing."""

from collections import deque

from ur5_rl_env.joint_history import Joints
from ur5_rl_env.readiness import Readiness
from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_env.stamps import Stamps, Verdict
from ur5_rl_env.sync import Frame, Synchroniser
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_graph.clock import Clock

DELAYS = 50
"""Arrivals of joint states of which the greatest age tells how late they come."""


class Sensors:
    """Takes samples. What is to be said of them, and that time began anew, waits until it is asked for."""

    def __init__(
        self, camera_period_s: float, config: SensorConfig, readiness: Readiness, clock: Clock
    ) -> None:
        """Makes one for a camera of this period [s]; tells `readiness` what was heard."""
        self.sync = Synchroniser(camera_period_s, config)
        self.stamps = Stamps(config, clock)
        self.frame_at = 0.0
        """When the newest image came (monotonic) [s]."""
        self._readiness, self._clock, self._camera_period_s = readiness, clock, camera_period_s
        self._max_joint_gap_s = config.max_joint_gap_s
        self._joints_at = 0.0  # when joint states came last (monotonic) [s]
        self._joint_ages: deque[float] = deque(maxlen=DELAYS)  # of the newest at each arrival [s]
        self._period_told = False
        self._lines: list[str] = []
        self._anew: str | None = None

    def frame(self, frame: Frame) -> bool:
        """Takes an image. Returns whether it is new and captured after the last `Synchroniser.clear`."""
        self.look_at_clock()
        new = self._judge('camera', frame.frame_id) and self.sync.add_frame(frame)
        if new:
            self.frame_at = self._clock.now()
            self._check_period()
        return new

    def joints(self, samples: tuple[Joints, ...]) -> bool:
        """Takes joint states, oldest first. Returns whether one is new."""
        self.look_at_clock()
        newest_ns = None
        for joints in samples:
            if self._judge('joint_states', joints.stamp_ns):
                self.sync.add_joints(joints)
                newest_ns = joints.stamp_ns
        if newest_ns is None:
            return False
        self._joints_at = self._clock.now()
        self._joint_ages.append(1e-9 * (self._clock.stamp() - newest_ns))
        return True

    def look_at_clock(self) -> None:
        """Begins anew where this host's clock was set."""
        if self.stamps.clock_was_set():
            self._begin_anew()

    def overdue(self, now: float) -> bool:
        """Whether no image has come for a camera period: the newest is discarded then, the next awaited."""
        waited, period = now - self.frame_at, self._camera_period_s
        if waited <= period + 1e-6:
            return False
        self.sync.discard(f'no image for {1e3 * waited:.0f} ms (camera_period_s is {period:g})')
        return True

    def joints_late(self, due: float, wait_s: float) -> bool:
        """Whether joint states come, but not those around the newest image before `due` + `wait_s`.

        They are taken to come as late as they recently have at most. That an image is stamped ahead of this
        node's clock is not their fault.
        """
        now = self._clock.now()
        silent = not self._joint_ages or now - self._joints_at > self._max_joint_gap_s
        if silent or self.sync.newest_image_ns is None:
            return False
        age_s = 1e-9 * (self._clock.stamp() - self.sync.newest_image_ns)
        age_when_due_s = max(age_s + due - now, 0.0)
        return max(self._joint_ages) - CONTROL_CYCLE_S > age_when_due_s + wait_s

    def take_lines(self) -> list[str]:
        """Returns what there is to be said, once."""
        lines, self._lines = self._lines, []
        return lines

    def take_anew(self) -> str | None:
        """Returns why time began anew, once, or None."""
        cause, self._anew = self._anew, None
        return cause

    def _judge(self, sensor: str, stamp_ns: int) -> bool:
        verdict = self.stamps.judge(sensor, stamp_ns)
        if verdict is Verdict.RESTARTED:
            self._begin_anew()
        elif verdict is Verdict.REFUSED:
            self.sync.refused_stamps += 1
            self._readiness.refused(sensor, self.stamps.text)
            self._lines += self.stamps.news()
        good = verdict in (Verdict.NEW, Verdict.RESTARTED)
        if good:
            self._readiness.heard(sensor, self._clock.now())
        return good

    def _check_period(self) -> None:
        period_s = self.sync.period_s
        if self._period_told or self.sync.as_stated or period_s is None:
            return
        self._period_told = True
        found, stated = 1e3 * period_s, 1e3 * self._camera_period_s
        self._lines.append(
            f'images come every {found:.1f} ms, camera_period_s is {stated:g} ms: give both nodes the '
            'true period; until then the schedule is not held against the images'
        )

    def _begin_anew(self) -> None:
        """Nothing from before compares with what comes."""
        self.sync.clear(self._clock.stamp())
        self._joint_ages.clear()
        self._anew = f'{self.stamps.text}; sensor data from before are dropped'
