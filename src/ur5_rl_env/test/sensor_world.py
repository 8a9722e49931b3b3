"""The environment among sensors with latencies, gaps and lying clocks, on fake clocks, event by event."""

import heapq
import itertools

import numpy as np

from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.joint_history import Joints
from ur5_rl_env.lifecycle import Lifecycle, State
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.outputs import Call, Finish, Observe, Say
from ur5_rl_env.readiness import ArmState
from ur5_rl_env.sync import Frame
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import Action

EPOCH_NS = 1_700_000_000_000_000_000
PIXELS = np.full((9, 16, 3), 255, np.uint8)
SPEED = 0.5  # of all joints [rad/s]
NS = 1_000_000_000


class SensorWorld:
    """Joint states come every 8 ms, 1 ms old by default; the node looks at them with each image and tick.

    Attributes:
        now: monotonic time [s].
        set_ns: by how much this host's clock has been set.
        clocks: how far the clock of a sensor is ahead of this host's [ns].
        lies: what makes other stamps of a sensor's, as a function of the stamp.
        mute: sensors that send nothing.
    """

    def __init__(
        self,
        *,
        latency_ms=8.0,
        jitter_ms=0.0,
        dropout=0.0,
        joint_dropout=0.0,
        joint_latency_ms=1.0,
        joint_jitter_ms=0.0,
        camera_ms=40.0,
        seed=0,
        task=None,
        begins=100.0,
        **config,
    ):
        self.now, self.set_ns = begins, 0
        self._begins = begins
        self._turns = 0  # of the environment in one instant
        self.clocks = {'camera': 0, 'joint_states': 0}
        self.lies, self.mute = {}, set()
        self.log = []  # (time, output)
        self.captures = []  # (monotonic time, frame id)
        self._latency = lambda: 1e-3 * (latency_ms + jitter_ms * self._rng.random())
        self._joint_rng = np.random.default_rng(seed + 1)
        self._joint_latency = lambda: 1e-3 * (joint_latency_ms + joint_jitter_ms * self._joint_rng.random())
        self._dropout, self._joint_dropout, self._camera_s = dropout, joint_dropout, 1e-3 * camera_ms
        self._rng = np.random.default_rng(seed)
        self._events, self._count, self._queue = [], itertools.count(), []
        self._last_arrival = self._last_joints = 0.0
        task = {'episode_s': 0.4, 'reset_s': 0.2, 'camera_period_s': self._camera_s} | (task or {})
        self.env = Lifecycle(
            TaskConfig(image_width=16, image_height=9, **task),
            LifecycleConfig(**config),
            Clock(lambda: self.now, self.stamp),
            Progress(),
        )
        self.do(self.env.on_arm(ArmState.READY, ''))
        self.at(self.now + 0.003, self.capture)
        self.at(self.now + 0.001, self.read_joints)

    def stamp(self):
        return EPOCH_NS + self.set_ns + round(self.now * NS)

    def at(self, time, event):
        heapq.heappush(self._events, (max(time, self.now), next(self._count), event))

    def capture(self):
        self.at(self.now + self._camera_s, self.capture)
        stamp = self._stamp_of('camera')
        if 'camera' in self.mute or self._rng.random() < self._dropout:
            return
        self.captures.append((self.now, stamp))
        self._last_arrival = max(self.now + self._latency(), self._last_arrival)
        self.at(self._last_arrival, lambda: self.see(Frame(stamp, PIXELS, PIXELS)))

    def see(self, frame):
        self.look_at_joints()
        self.do(self.env.on_frame(frame))

    def read_joints(self):
        self.at(self.now + 0.008, self.read_joints)
        if 'joint_states' in self.mute or self._rng.random() < self._joint_dropout:
            return
        stamp = self._stamp_of('joint_states')
        joints = Joints(stamp, np.full(6, SPEED * (self.now - self._begins)), np.full(6, SPEED))
        self._last_joints = max(self.now + self._joint_latency(), self._last_joints)
        self.at(self._last_joints, lambda: self._queue.append(joints))

    def _stamp_of(self, sensor):
        stamp = self.stamp() + self.clocks[sensor]
        return self.lies[sensor](stamp) if sensor in self.lies else stamp

    def look_at_joints(self):
        samples, self._queue = self._queue, []
        if samples:
            self.do(self.env.on_joints(*samples))

    def tick(self):
        self.look_at_joints()
        self.do(self.env.tick())

    def do(self, outputs):
        for output in outputs:
            self.log.append((self.now, output))
            match output:
                case Observe(observation, _) if not observation.truncated:
                    action = Action(
                        observation.episode,
                        observation.step,
                        np.zeros(5, np.float32),
                        False,
                        1,
                        1,
                        0.0,
                        1.0,
                        0,
                    )
                    self.at(self.now + 0.003, lambda a=action: self.do(self.env.on_action(a)))
                case Call(service, token, _):
                    answer = (service, token, True, '')
                    self.at(self.now + 0.004, lambda a=answer: self.do(self.env.on_answer(*a)))

    def run(self, seconds):
        end = self.now + seconds
        while True:
            wake = self.env.wake_at
            due = self._events[0][0]
            if min(due, due if wake is None else wake) > end:
                self.now = end
                return
            if wake is not None and wake <= due:
                self._turns = self._turns + 1 if wake <= self.now else 0
                assert self._turns < 100, f'wakes for ever at {self.now} s in {self.env.state}'
                self.now = max(self.now, wake)
                self.tick()
            else:
                self.now, _, event = heapq.heappop(self._events)
                event()

    def run_until(self, state, limit_s=10.0):
        end = self.now + limit_s
        while self.env.state is not state:
            assert self.now < end, f'{state} not reached: {self.env.state}, {self.said()[-3:]}'
            self.run(0.001)

    def run_to_observation(self, limit_s=10.0):
        """Goes on to the next observation and returns it."""
        before, end = len(self.observed()), self.now + limit_s
        while len(self.observed()) == before:
            assert self.now < end, f'no observation: {self.env.state}, {self.said()[-3:]}'
            self.run(0.002)
        return self.observed()[-1]

    def observed(self):
        return [output.observation for _, output in self.log if isinstance(output, Observe)]

    def timings(self):
        return [o.timing for _, o in self.log if isinstance(o, Observe) and o.timing is not None]

    def finished(self):
        return [output.summary for _, output in self.log if isinstance(output, Finish)]

    def said(self):
        return [output.text for _, output in self.log if isinstance(output, Say)]

    def captured_at(self, frame_id, seen_at):
        """Returns when the frame seen at a time was captured: an id may come again when a clock was set."""
        return max(time for time, captured in self.captures if captured == frame_id and time <= seen_at)

    def check_pairs(self):
        """Every observation holds the joints of the instant at which its newest image was captured."""
        for time, output in self.log:
            if isinstance(output, Observe):
                observation = output.observation
                captured = self.captured_at(observation.frame_ids[-1], time)
                expected = np.full(5, SPEED * (captured - self._begins))
                np.testing.assert_allclose(observation.proprio[:5], expected, atol=2e-6)
                assert (np.diff(observation.frame_ids) > 0).all()


__all__ = ['NS', 'SensorWorld', 'State']
