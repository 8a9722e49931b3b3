"""Returns of a visual servo, zero and random actions in the simulated cell (only:=reaching_servo,...)."""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rclpy
from _graph import Graph, report
from _options import options_in_range, refusals
from _visual_servo import VisualServo
from rclpy.node import Node

from ur5_rl_env.run_parameters import setting_file
from ur5_rl_graph import messages, topics
from ur5_rl_graph.architectures import TASKS
from ur5_rl_graph.data import JOINTS, Action, Observation

POLICIES = ('servo', 'zero', 'random')
SILENCE_S = 60.0  # without a finished episode the graph is not well


class Oracle(Node):
    """Acts in the actor's place and collects the returns of whole episodes."""

    def __init__(self, policy: str, seed: int, distance: float):
        """Connects to the environment."""
        super().__init__('oracle')
        self.returns: list[float] = []
        self.aborted = 0
        self._policy = policy
        self._rng = np.random.default_rng(seed)
        self._servo = VisualServo(distance=distance)
        self._actions = topics.ACTION.publisher(self)
        topics.OBSERVATION.subscription(self, self._on_observation)
        topics.EPISODE.subscription(self, self._on_episode)

    def _on_observation(self, message: object) -> None:
        if message.truncated or message.terminated:
            return
        observation = messages.observation_from_msg(message)
        if observation.step == 0:
            self._servo.reset()
        action = Action(
            observation.episode,
            observation.step,
            self._act(observation),
            self._policy == 'random',
            0,
            0,
            0.0,
            0.0,
            time.time_ns(),
        )
        self._actions.publish(messages.msg_from_action(action))

    def _act(self, observation: Observation) -> np.ndarray:
        if self._policy == 'servo':
            return self._servo.act(observation.frames[-1], observation.proprio)
        if self._policy == 'random':
            return self._rng.uniform(-1.0, 1.0, JOINTS).astype(np.float32)
        return np.zeros(JOINTS, np.float32)

    def _on_episode(self, message: object) -> None:
        if message.aborted:
            self.aborted += 1
            print(f'  episode {message.episode} aborted, not counted: {message.text}', flush=True)
        else:
            self.returns.append(message.episode_return)


def measure(task: str, policy: str, chosen: dict, folder: Path) -> Oracle:
    """Returns the oracle after its episodes, the same targets for every policy."""
    run = folder / f'{task}_{policy}'
    with Graph(
        'launch/environment.launch.py',
        run.with_suffix('.log'),
        setting=chosen['setting'],
        task=task,
        seed=chosen['seed'],
        duration=0.0,
        output=run,
        cell_address=chosen['address'],
    ) as graph:
        oracle = Oracle(policy, chosen['seed'], chosen['distance'])
        finished, since = 0, time.monotonic()
        while len(oracle.returns) < chosen['episodes']:
            rclpy.spin_once(oracle, timeout_sec=1.0)
            graph.check()
            if len(oracle.returns) > finished:
                finished, since = len(oracle.returns), time.monotonic()
            elif time.monotonic() - since > SILENCE_S:
                raise SystemExit(f'error: no episode within {SILENCE_S:.0f} s:\n{graph.tail()}')
        oracle.destroy_node()
    return oracle


def main(argv: Sequence[str]) -> int:
    """Runs the cases asked for and prints mean return and standard deviation of each."""
    cases = [f'{task}_{policy}' for task in TASKS for policy in POLICIES]
    with refusals():
        chosen = options_in_range(
            argv, only='', episodes=10, setting='small', seed=12345, distance=0.30, address='127.0.0.1'
        )
        wanted = [name for name in chosen['only'].split(',') if name] or cases
        if not set(wanted) <= set(cases):
            raise ValueError(f'only is {chosen["only"]!r}; choose from: {", ".join(cases)}')
        chosen['setting'] = setting_file(chosen['setting'])
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    folder = Path(tempfile.mkdtemp(prefix='ur5rl_oracle_'))
    print(f'{chosen["episodes"]} episodes each, output in {folder}', flush=True)
    rclpy.init(args=[])  # our options look like remappings to it
    figures, rows = {}, {}
    try:
        for name in wanted:
            oracle = measure(*name.split('_'), chosen, folder)
            figures[name] = round(float(np.mean(oracle.returns)), 2)
            rows[name] = f'{figures[name]:.1f} +- {np.std(oracle.returns):.1f}'
            print(f'  {name}: {rows[name]}, {oracle.aborted} aborted', flush=True)
    finally:
        rclpy.try_shutdown()
    report('return of an episode, mean and standard deviation', rows, **figures)
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
