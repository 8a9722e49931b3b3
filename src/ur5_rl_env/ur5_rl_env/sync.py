"""Pairs camera frames with joint states by capture time (thesis 3.2).

Joint states have a history, and the joints of an observation are those at the capture time of its newest
image, whatever the camera's latency. An image that no joint states bracket is discarded and the next awaited.
Where joint states come later than images, the newest image that they have reached is used.
"""

from collections import deque
from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

import numpy as np

from ur5_rl_env.joint_history import JointHistory, Joints, UnbracketedError
from ur5_rl_env.sensor_config import SensorConfig
from ur5_rl_graph.data import STACK

PERIODS = 50
"""Times between images of which the median is the camera's period."""
PERIOD_TOLERANCE = 0.03


class Frame(NamedTuple):
    """One camera frame."""

    frame_id: int  # capture time [ns since the epoch]
    camera: np.ndarray  # (H, W, 3) uint8 BGR as the camera gave it
    observed: np.ndarray  # (h, w, 3) uint8 BGR as it goes into the observation


class Pair(NamedTuple):
    """What one observation is made of."""

    frames: tuple[Frame, ...]  # three in a row, oldest first
    joints: Joints  # at the capture time of the newest frame
    heard_ns: int  # stamp of the newest joint state in `joints`; before that of the frame: carried on from it


class Synchroniser:
    """Keeps the most recent frames and a history of joint states, and pairs them."""

    def __init__(self, camera_period_s: float, config: SensorConfig | None = None) -> None:
        """Makes one for a camera of this period [s]."""
        config = config or SensorConfig()
        self._period_s = camera_period_s
        self._keep_ns = round(1e9 * config.sensor_timeout_s)
        self._frames: deque[Frame] = deque()
        self._joints = JointHistory(config.max_stamp_age_s, config.max_joint_gap_s)
        self._since_ns = 0
        self._last_id: int | None = None
        self._periods: deque[int] = deque(maxlen=PERIODS)
        self._unused = False  # the newest image was asked for, and could not be used
        self.cause = ''
        """Why `pair` returned nothing."""
        self.stale_images = 0
        """Images discarded: no joint states bracketed them, or their successor was overdue."""
        self.extrapolated_joints = 0
        """Pairs whose joints were carried on from the newest state, by a control period at most."""
        self.older_images = 0
        """Pairs of an older image than the newest, which joint states had not reached yet."""
        self.refused_stamps = 0
        """Images and joint states that never came here, since their stamps cannot be (`stamps.Stamps`)."""

    def clear(self, since_ns: int = 0) -> None:
        """Forgets all frames and joint states; takes only what is captured from `since_ns` on."""
        self._frames.clear()
        self._joints.clear()
        self._since_ns = since_ns
        self._unused = False
        self.cause = 'no image yet'

    def add_frame(self, frame: Frame) -> bool:
        """Takes a frame. Returns False where it was captured too early, or not after the one before."""
        if self._last_id is not None and frame.frame_id > self._last_id:
            self._periods.append(frame.frame_id - self._last_id)
        self._last_id = frame.frame_id
        if frame.frame_id < self._since_ns or (self._frames and frame.frame_id <= self._frames[-1].frame_id):
            return False
        self.stale_images += self._unused
        self._unused = False
        self._frames.append(frame)
        while len(self._frames) > STACK and self._oldest_is_done:
            self._frames.popleft()
        return True

    def add_joints(self, joints: Joints) -> None:
        """Takes joint states; those older than the ones here (delivered out of order) are ignored."""
        if joints.stamp_ns >= self._since_ns:
            self._joints.add(joints)

    @property
    def ready(self) -> bool:
        """Whether three frames are here, and joint states around the one before the newest: they keep up."""
        if len(self._frames) < STACK:
            return False
        try:
            self._joints.at(self._frames[-2].frame_id)
        except UnbracketedError as error:
            self.cause = f'image and joint states do not pair: {error}'
            return False
        return True

    @property
    def reached(self) -> bool:
        """Whether `pair` has something to return, be it older than the newest image."""
        return next(self._stacks(), None) is not None

    @property
    def newest_image_ns(self) -> int | None:
        """Capture time of the newest image."""
        return self._frames[-1].frame_id if self._frames else None

    def pair(self, older: bool = False) -> Pair | None:
        """Returns the newest frames with the joints at the newest one's capture time, or None: see `cause`.

        A discarded image stays in the stack as an older frame; it cannot be the newest of an observation.

        Args:
            older: where no joint states bracket the newest image, the newest that they do bracket serves, if
                the newest of all was captured no more than `sensor_timeout_s` after it.
        """
        if len(self._frames) < STACK:
            self.cause = f'{len(self._frames)} images of {STACK} since the reset'
            return None
        try:
            self._joints.at(self._frames[-1].frame_id)
        except UnbracketedError as error:
            pair = next(self._stacks(), None) if older else None
            if pair is None:
                self.discard(f'image and joint states do not pair: {error}')
                return None
        else:
            pair = next(self._stacks())
        self._unused = False
        self.older_images += pair.frames[-1] is not self._frames[-1]
        self.extrapolated_joints += pair.heard_ns < pair.joints.stamp_ns
        return pair

    def discard(self, cause: str) -> None:
        """Notes why the newest image cannot be used now. It is counted when the next one takes its place."""
        self._unused, self.cause = True, cause

    @property
    def counts(self) -> dict[str, int]:
        """What an episode tells of; each only grows."""
        return {
            'stale_images': self.stale_images,
            'refused_stamps': self.refused_stamps,
            'extrapolated_joints': self.extrapolated_joints,
            'older_images': self.older_images,
        }

    @property
    def period_s(self) -> float | None:
        """The camera's period by the stamps of its images [s], None before there are enough of them."""
        return 1e-9 * median(self._periods) if len(self._periods) == PERIODS else None

    @property
    def as_stated(self) -> bool:
        """Whether the camera keeps the period that it is said to have."""
        period = self.period_s
        return period is None or abs(period / self._period_s - 1.0) <= PERIOD_TOLERANCE

    @property
    def _oldest_is_done(self) -> bool:
        """Whether no observation to come shows the oldest frame: joint states are past it, or given up."""
        last, after = self._frames[STACK - 1].frame_id, self._frames[STACK].frame_id
        heard = self._joints.newest_ns
        return (heard is not None and heard >= after) or self._frames[-1].frame_id - last > self._keep_ns

    def _stacks(self) -> Iterator[Pair]:
        """Yields what can be paired, newest first."""
        frames = tuple(self._frames)
        for end in range(len(frames), STACK - 1, -1):
            try:
                joints, heard_ns = self._joints.at(frames[end - 1].frame_id)
            except UnbracketedError:
                continue
            yield Pair(frames[end - STACK : end], joints, heard_ns)
