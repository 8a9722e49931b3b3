"""What the journal costs the environment in each cycle (cycles:=1500 width:=160 height:=90)."""

import json
import statistics
import sys
import time
from collections.abc import Sequence

import numpy as np
from _options import options_in_range, refusals
from rclpy.serialization import serialize_message
from sensor_msgs.msg import JointState

from ur5_rl_env import events, outputs, wire
from ur5_rl_env.episode_progress import Progress
from ur5_rl_env.executed import Executed
from ur5_rl_env.journaled import Environment
from ur5_rl_env.lifecycle import Lifecycle
from ur5_rl_env.lifecycle_config import LifecycleConfig
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import JOINT_NAMES, Action
from ur5_rl_interfaces import msg

EPOCH_NS = 1_700_000_000_000_000_000
COMMANDER = {'run': 'a run', 'process': 5}
WARM = 100  # cycles that do not count


class Side:
    """The environment's work without its executor: messages decoded, logic, messages encoded."""

    def __init__(self, task: TaskConfig, journaled: bool) -> None:
        self._task, self._at, self.cost_ns = task, 100.0, []
        clock = Clock(self._now, self._stamp)  # a time of its own, at the price of the real clocks
        self._environment = None
        if journaled:
            config, word = LifecycleConfig(), PersonsWord()
            self._environment = Environment(task, config, Progress(), word, COMMANDER, clock)
        self._lifecycle = (
            self._environment.lifecycle
            if journaled
            else Lifecycle(task, LifecycleConfig(), clock, Progress(), PersonsWord())
        )
        self._pixels = np.random.default_rng(0).integers(0, 255, task.image_shape, dtype=np.uint8)
        self._command, self._observation, self._calls = 0, None, []

    def _now(self) -> float:
        time.monotonic()
        return self._at

    def _stamp(self) -> int:
        time.time_ns()
        return EPOCH_NS + round(1e9 * self._at)

    def _handle(self, event: events.Event) -> None:
        take = self._environment.take if self._environment else lambda e: events.apply(self._lifecycle, e)
        for output in take(event):
            for _, message in wire.messages_of(output, self._stamp(), COMMANDER):
                serialize_message(message)
            match output:
                case outputs.Observe(observation, _):
                    self._observation = observation
                case outputs.Move(_, stamp_ns):
                    self._command = stamp_ns
                case outputs.Call():
                    self._calls.append(output)

    def _joints(self, since_s: float) -> JointState:
        joints = JointState(name=JOINT_NAMES, position=UR5.home, velocity=[0.1] * 6)
        joints.header.stamp = messages.time_from_ns(self._stamp() + round(1e9 * since_s))
        return joints

    def _look(self, joints: list[JointState]) -> None:
        self._handle(events.Shown(0.1, 0.2))
        self._handle(events.Reported(Executed(self._command, (0.0,) * 6, False)))
        self._handle(events.Felt(tuple(map(wire.joints_of, joints))))

    def _publish_journal(self) -> None:
        journal = msg.Journal(**self._environment.journal.take()._asdict())
        journal.header.stamp = messages.time_from_ns(time.time_ns())
        serialize_message(journal)

    def cycle(self) -> None:
        """An image, four joint states, an observation, its action."""
        begin = self._at
        joints = [self._joints(0.008 * n) for n in (1, 2, 3, 4)]
        stamp = self._stamp() + 20_000_000
        image = messages.msg_from_image(self._pixels, stamp, 'camera_optical')
        began = time.process_time_ns()
        self._at = begin + 0.030
        self._look(joints[:3])
        self._handle(events.Saw(wire.frame_of(image, self._task)))
        self._handle(events.ArmSaid(1, ''))
        self._at = begin + 0.036
        self._look(joints[3:])
        self._handle(events.Woke())
        if self._observation is not None:
            self._at = begin + 0.038
            number = self._observation.episode, self._observation.step
            values = np.full(5, 0.1, np.float32)
            self._handle(events.Acted(Action(*number, values, False, 1, 1, 0.1, 1.0, 0)))
            self._observation = None
        if self._environment:
            self._publish_journal()
        self.cost_ns.append(time.process_time_ns() - began)
        self._at = begin + 0.040
        calls, self._calls = self._calls, []
        for call in calls:
            for service in (call.service, 'home'):
                self._handle(events.Answered(service, call.token, True, ''))


def main(argv: Sequence[str]) -> int:
    """Prints both, their difference and ratio, and as the last line the figures as JSON."""
    with refusals():
        chosen = options_in_range(argv, cycles=1500, width=160, height=90)
        size = {'image_width': chosen['width'], 'image_height': chosen['height']}
        task = TaskConfig(**size, episode_s=3600.0, reset_s=0.0)
    without, journaled = Side(task, False), Side(task, True)
    for number in range(WARM + chosen['cycles']):
        for side in (without, journaled) if number % 2 else (journaled, without):
            side.cycle()
    figures = {}
    for name, summary in (('median', statistics.median), ('minimum', min)):
        before, after = (1e-6 * summary(side.cost_ns[WARM:]) for side in (without, journaled))
        figures[name] = {'without_ms': before, 'with_ms': after, 'ratio': after / before}
        print(
            f'{name}: {before:.3f} ms of processor time a cycle without, {after:.3f} ms with the journal '
            f'({after - before:.3f} ms more, ratio {after / before:.2f})'
        )
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
