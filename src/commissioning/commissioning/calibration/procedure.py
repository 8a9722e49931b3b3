"""What is done, in which order: a generator that does one small thing at every turn of its node.

It knows no ROS. Arm, monitor and clock are its `Hands`, what they show is in a `Recording`.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, Protocol

import numpy as np

from commissioning.calibration.delays import Jump
from commissioning.calibration.monitor_geometry import Sighting
from commissioning.calibration.poses import PLACES
from commissioning.calibration.sensed import Picture, Recording
from ur5_rl_env.bounds import ACTUATED

JUMPS = 40
JUMP_PLACES = ((-0.2, 0.0), (0.2, 0.0))
JUMP_S = (0.3, 0.5)
"""A place is shown for a time between these, drawn anew each time: no multiple of a camera's period [s]."""
SETTLED_S = 0.4
"""After so long what is seen is what was shown last: monitor, camera and their delays [s]."""
LOOKED_S = 0.4
"""Pictures of one disc are averaged for so long; at 25 Hz 10 [s]."""
LEAST_PICTURES = 3
JOGGED = 0
"""The joint that is jogged: the base, which moves the picture to the side."""
JOG_VELOCITY = 0.15
"""[rad/s]"""
SWINGS_S = (0.2, 0.3, 0.25, 0.35, 0.22, 0.28, 0.33)
"""To one side, twice as long to the other, and back; no two alike, so that none is taken for another [s]."""
FASTEST = 0.3
"""Of any joint on its way to a place [rad/s]."""
GAIN = 3.0
"""Velocity for each rad that is left [1/s]."""
ARRIVED = 0.002
REST = 0.002
"""Of every joint [rad], [rad/s]."""
WAY_S = 30.0
HOME_S = 60.0
AGAIN_S = 1.0
PATIENCE_S = 60.0
"""What disturbs arm or camera is waited out for so long; a protective stop needs a person."""
TRIES = 3
LOOK = './ur5rl doctor camera:= display:= says why'
ZERO = (0.0,) * 6


class CalibrationError(RuntimeError):
    """The calibration cannot go on; one line with the cause and what to do."""


class Hands(Protocol):
    """What the procedure does with the world."""

    def now(self) -> float:
        """Returns the time [s], of the clock of the recording."""

    def show(self, right: float, up: float) -> float:
        """Shows the disc there, in shares of the screen from its centre; returns when that was told [s]."""

    def move(self, velocity: tuple) -> None:
        """Asks for joint velocities, (6,) [rad/s]; to be repeated."""

    def go_home(self) -> Callable[[], tuple[bool, str] | None]:
        """Begins to move home; returns what says how that ended, None as long as it goes on."""

    def trouble(self) -> str | None:
        """Returns what is wrong with arm or camera, and may pass; None where all is well."""

    def over(self) -> str | None:
        """Returns why the calibration cannot go on at all, None where it can."""

    def say(self, text: str) -> None:
        """Tells a person."""


class Harvest(NamedTuple):
    """What the procedure brings home."""

    shown: list[tuple[float, int]]  # when a jump was told [s], and to which of JUMP_PLACES
    jog: tuple[float, float]  # when the jogging began and ended
    sightings: list[Sighting]


class Procedure:
    """The whole of it. `steps` is to be continued every few milliseconds, until it ends.

    Args:
        hands: Hands.
        recording: Recording, filled by whoever owns this.
        poses: joint angles to look from, (6,) [rad] each.
        rng: of the times between jumps.
        max_velocity: that the guard lets pass [rad/s]; slower than ours where it is less.
    """

    def __init__(
        self,
        hands: Hands,
        recording: Recording,
        poses: list[tuple],
        rng: np.random.Generator,
        max_velocity: float,
    ) -> None:
        self._hands, self._recording, self._poses, self._rng = hands, recording, poses, rng
        self.harvest = Harvest([], (0.0, 0.0), [])
        self._fastest, self._jog_velocity = min(FASTEST, max_velocity), min(JOG_VELOCITY, max_velocity)
        self._disturbed = False  # arm or camera failed for a while
        self._waited_s = 0.0  # how long they did, in all

    def steps(self) -> Iterator[None]:
        """Does it.

        Raises:
            CalibrationError: arm or camera failed, or something took too long.
        """
        yield from self._home()
        yield from self._jump()
        if not any(picture.spot for picture in self._recording.pictures):
            raise CalibrationError(f'the disc was never seen: {LOOK}')
        yield from self._jog()
        for number, pose in enumerate(self._poses, 1):
            self._hands.say(f'place {number} of {len(self._poses)}')
            yield from self._move_to(pose)
            yield from self._look()
        yield from self._home()
        if not self.harvest.sightings:
            raise CalibrationError(f'the disc was seen whole from no place: {LOOK}')

    def _turn(self) -> Iterator[None]:
        """Lets the world go on; waits until arm and camera are well."""
        yield
        begun, told = self._hands.now(), None
        while True:
            over, trouble = self._hands.over(), self._hands.trouble()  # the first may tell it once
            if not over and not trouble:
                break
            if over or self._hands.now() > begun + PATIENCE_S:
                raise CalibrationError(f'{over or trouble}; put it right and start the calibration again')
            if trouble != told:
                self._hands.say(f'waits: {trouble}')
                told, self._disturbed = trouble, True
            yield
        self._waited_s += self._hands.now() - begun

    def _worked(self) -> float:
        """Returns the time [s] without that in which arm or camera were waited for: what has limits."""
        return self._hands.now() - self._waited_s

    def _wait(self, seconds: float) -> Iterator[None]:
        end = self._worked() + seconds
        while self._worked() < end:
            yield from self._turn()

    def _home(self) -> Iterator[None]:
        self._hands.say('moving home')
        latest, why = self._worked() + HOME_S, 'no answer'
        while True:
            ended, self._disturbed = self._hands.go_home(), False
            while (result := ended()) is None and not self._disturbed and self._worked() < latest:
                yield from self._turn()  # a driver that has died meanwhile would never answer
            if result and result[0]:
                return
            why = result[1] if result else why
            if self._worked() >= latest:
                raise CalibrationError(f'the arm is not at home after {HOME_S:.0f} s: {why}')
            yield from self._wait(AGAIN_S)

    def _jump(self) -> Iterator[None]:
        """Has the target jump from side to side at times that no camera knows."""
        self._hands.say(f'the target jumps {JUMPS} times')
        for number in range(JUMPS + 1):  # the first only shows it
            place = number % 2
            told = self._hands.show(*JUMP_PLACES[place])
            if number:
                self.harvest.shown.append((told, place))
            yield from self._wait(SETTLED_S if not number else self._rng.uniform(*JUMP_S))

    def _jog(self) -> Iterator[None]:
        """Moves a joint to and fro, in the middle of which it stands."""
        way = np.degrees(self._jog_velocity * max(SWINGS_S))
        self._hands.say(f'joint {JOGGED + 1} swings {len(SWINGS_S)} times, by up to {way:.0f} degrees')
        self._hands.show(0.0, 0.0)
        yield from self._wait(SETTLED_S)
        for _ in range(TRIES):
            begin, self._disturbed = self._hands.now(), False
            yield from self._to_and_fro()
            self.harvest = self.harvest._replace(jog=(begin, self._hands.now()))
            if not self._disturbed:
                return
            yield from self._home()
        raise CalibrationError(f'the arm was disturbed in each of {TRIES} tries: see above')

    def _to_and_fro(self) -> Iterator[None]:
        self._recording.sent.clear()
        for swing_s in SWINGS_S:
            for direction, parts in ((1.0, 1), (-1.0, 2), (1.0, 1)):
                yield from self._drive(direction * self._jog_velocity, parts * swing_s)
        yield from self._drive(0.0, SETTLED_S)

    def _drive(self, velocity: float, seconds: float) -> Iterator[None]:
        end = self._worked() + seconds
        while self._worked() < end:
            self._recording.sent.append((self._hands.now(), velocity))
            self._hands.move(tuple(velocity if i == JOGGED else 0.0 for i in range(6)))
            yield from self._turn()

    def _move_to(self, pose: tuple) -> Iterator[None]:
        """Moves on a straight line in joint space, slower towards its end, and waits for rest."""
        latest = self._worked() + WAY_S
        while True:
            q, qd = self._recording.positions[-1], self._recording.velocities[-1]
            way = np.array(pose) - q
            way[ACTUATED:] = 0.0
            if np.abs(way).max() < ARRIVED and np.abs(qd).max() < REST:
                return
            if self._worked() > latest:
                left = np.degrees(np.abs(way).max())
                raise CalibrationError(
                    f'a place is not reached within {WAY_S:.0f} s, {left:.1f} degrees are left'
                )
            velocity = GAIN * way
            self._hands.move(tuple(velocity * min(1.0, self._fastest / max(np.abs(velocity).max(), 1e-9))))
            yield from self._turn()

    def _look(self) -> Iterator[None]:
        """Shows the disc at each of the places and notes where it is in the picture."""
        for place in PLACES:
            told = self._hands.show(*place)
            for _ in self._wait(SETTLED_S + LOOKED_S):
                self._hands.move(ZERO)
                yield
            self._note(place, told + SETTLED_S)

    def _note(self, place: tuple[float, float], since: float) -> None:
        pictures = self._recording.pictures_between(since, self._hands.now())
        whole = [picture.spot for picture in pictures if picture.spot and picture.spot.whole]
        if len(whole) < LEAST_PICTURES or len(whole) < len(pictures):
            return
        _, positions, _ = self._recording.joints_between(since, self._hands.now())
        if len(positions):
            column, row = np.mean([(spot.column, spot.row) for spot in whole], axis=0)
            q = tuple(positions.mean(0))
            self.harvest.sightings.append(Sighting(q, place, float(column), float(row)))


def jumps_seen(
    shown: list[tuple[float, int]], pictures: list[Picture], time: Callable[[Picture], float]
) -> list[Jump]:
    """Returns the jumps that were seen, each between two pictures.

    Args:
        shown: when each was told [s], and to which of JUMP_PLACES.
        pictures: in the order of their times; those without a disc are left out.
        time: of a picture: capture time or arrival.
    """
    seen = [(time(picture), picture.spot.column) for picture in pictures if picture.spot]
    if not seen:
        return []
    times, columns = np.array(seen).T
    low, high = np.percentile(columns, [10, 90])
    right = columns > (low + high) / 2
    ends = [told for told, _ in shown[1:]] + [np.inf]
    found = []
    for (told, place), end in zip(shown, ends, strict=True):
        new = np.flatnonzero((times > told) & (times < end + SETTLED_S) & (right == bool(place)))
        if len(new) and new[0] > 0 and right[new[0] - 1] != bool(place):
            found.append(Jump(told, float(times[new[0] - 1]), float(times[new[0]])))
    return found
