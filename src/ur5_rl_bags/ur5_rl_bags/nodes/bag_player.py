"""Node that plays a bag for people to look at: its time, and nothing that anybody acts on."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable

from ur5_rl_bags import rosbag2
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.play_config import PlayConfig
from ur5_rl_bags.player import CLOCK, let_arrive, publishers_of, ticks_of
from ur5_rl_bags.playing import BagTime, Playing
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.shown import choose
from ur5_rl_graph import parameters, topics
from ur5_rl_graph.main import run
from ur5_rl_graph.needed_thread import NeededThread
from ur5_rl_graph.node import Node
from ur5_rl_graph.steady import every

LOOK_S = 0.1
AWAITED = (topics.JOINT_STATES.name, topics.IMAGE.name, topics.ARM_STATUS.name)
"""Topics that are not played before somebody listens: what is sent earlier nobody would see."""
PATIENCE_S = 20.0
"""Longer than this nobody is waited for."""


class Ended(Exception):
    """The node ends, and with it what is played."""


class BagPlayer(Node):
    """Plays in a thread, or has rosbag2 play where that is installed."""

    def __init__(self) -> None:
        """Opens the bag and begins.

        Raises:
            ValueError: a parameter out of range, a bag that cannot be shown; one line.
        """
        super().__init__('bag_player')
        self._config = parameters.declare(self, PlayConfig)
        self._bag = Bag(self._config.bag)
        self._choice = choose(self._bag, self._config.bag_namespace)
        print(self._choice.told, flush=True)
        self._outlets: dict = {}
        self._playing: Playing | None = None
        self._rosbag2: subprocess.Popen | None = None
        self._ending, self._over = threading.Event(), threading.Event()
        self._thread = NeededThread('playing of the bag', self._play, hopeless=(ValueError,), daemon=True)
        self._thread.start()
        every(self, LOOK_S, self._look)

    def _look(self) -> None:
        if self._over.is_set():
            raise SystemExit(0)
        self._thread.check()

    def _play(self) -> None:
        """What the thread does."""
        watched = {self._choice.namespace + name for name in AWAITED}
        self._await(watched & set(self._choice.played), self.count_subscribers)
        self._refuse_company()
        if rosbag2.available() and {path.parent for path in self._bag.files} == {self._bag.folder}:
            self._have_played()
        else:
            self._play_here()
        self._over.set()

    def _await(self, names: set[str], listeners: Callable[[str], int]) -> None:
        """Waits until all of these topics have listeners, but not for ever."""
        give_up_s = time.monotonic() + PATIENCE_S
        while missing := [name for name in sorted(names) if not listeners(name)]:
            if time.monotonic() > give_up_s:
                print(f'nobody listens to {", ".join(missing)}: played all the same', flush=True)
                return
            self._sleep(LOOK_S)

    def _refuse_company(self) -> None:
        """A run of another host, or nodes that were started by hand, are in no place that a launch holds.

        Nor is another bag in another namespace: of its time there is one in all of a domain.

        Raises:
            ValueError: somebody publishes what is to be played, or a time.
        """
        for name in (*self._choice.played, CLOCK):
            others = self.get_publishers_info_by_topic(name)
            if others:
                who = f'{others[0].node_namespace.rstrip("/")}/{others[0].node_name}'
                raise ValueError(
                    f'{name} has a publisher here already ({who}), and a bag is never played beside a run: '
                    'end that, or set another ROS_DOMAIN_ID'
                )

    def _play_here(self) -> None:
        config = self._config
        self._outlets = publishers_of(self, self._bag, self._choice.played)
        awaited = {name for name in self._choice.played if self.count_subscribers(name)}
        self._await(awaited, lambda name: self._outlets[name].get_subscription_count())
        self._playing = Playing(
            self._bag,
            self._choice.played,
            self._publish,
            rate=config.rate,
            start_offset_s=config.start_offset,
            ticks=ticks_of(self, config.clock_hz),
            turn=self._turn,
            sleep=self._sleep,
        )
        began, played = time.monotonic(), self._playing.once()
        while config.loop:
            played += self._playing.once()
        let_arrive(self._outlets.values())
        took_s = time.monotonic() - began
        print(
            f'{played} messages played in {took_s:.1f} s, at most {1e3 * self._playing.late_s:.0f} ms late',
            flush=True,
        )

    def _publish(self, message: Recorded) -> None:
        self._outlets[message.topic].publish(message.data)

    def _turn(self, _: BagTime) -> None:
        if self._ending.is_set():
            raise Ended

    def _sleep(self, seconds: float) -> None:
        if self._ending.wait(seconds):
            raise Ended

    def _have_played(self) -> None:
        config = self._config
        how = config.rate, config.loop, config.start_offset, config.clock_hz
        self._rosbag2 = rosbag2.start(rosbag2.play_command(self._bag.folder, self._choice.played, *how))
        while (code := self._rosbag2.poll()) is None:
            self._sleep(LOOK_S)
        if code:
            raise RuntimeError(f'ros2 bag play has ended with exit code {code}')

    def destroy_node(self) -> None:
        """Ends what is played."""
        self._ending.set()
        if self._rosbag2 is not None and self._rosbag2.poll() is None:
            self._rosbag2.send_signal(signal.SIGINT)
            self._rosbag2.wait()
        self._thread.join(2.0)
        self._bag.close()
        super().destroy_node()


def main() -> int:
    """Runs the node."""
    return run(BagPlayer)
