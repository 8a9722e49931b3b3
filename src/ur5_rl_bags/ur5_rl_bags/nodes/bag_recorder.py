"""Node that records the bag of a run, and is never in its way."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from ur5_rl_bags import rosbag2
from ur5_rl_bags.bag_config import MB, BagConfig
from ur5_rl_bags.bag_queue import Attachment, Queue, fill
from ur5_rl_bags.listening import Listening
from ur5_rl_bags.selection import selected
from ur5_rl_bags.writer import BagWriter
from ur5_rl_graph import parameters, run_files
from ur5_rl_graph.main import run
from ur5_rl_graph.needed_thread import NeededThread
from ur5_rl_graph.node import Node
from ur5_rl_graph.provenance import provenance
from ur5_rl_graph.run_config import RunConfig
from ur5_rl_graph.steady import every
from ur5_rl_graph.writing import Writing

LOOK_S = 0.05
"""Time between two looks at the subscriptions."""
QUIET_S, LAST_S = 0.5, 5.0
"""At its end it goes on until nothing has come for so long, and no longer than that: the others end, too."""
DISK_S = 10.0
"""A disk that takes nothing for so long at the end is not waited for."""
ATTACHED = (run_files.IDENTITY, run_files.PARAMETERS, run_files.CONFIGURATION)
"""Files of the run folder that are put into the bag, anew when they change."""
NICENESS = 5
"""It gives way to whatever learns or acts."""


class BagRecorder(Node):
    """Takes what comes on the topics of a run and hands it to the thread that writes."""

    def __init__(self) -> None:
        """Begins to record, with the real rosbag2 where that is installed."""
        super().__init__('bag_recorder')
        os.nice(NICENESS)
        self._config = parameters.declare(self, BagConfig)
        self._folder = Path(self._config.run_folder) / run_files.BAG
        self._notes = provenance() | {'run': RunConfig.of(self).run_identity}
        self._rosbag2: subprocess.Popen | None = None
        if rosbag2.available():
            self._start_rosbag2()
            every(self, 1.0, self._watch_rosbag2)
            return
        self._begin()
        every(self, LOOK_S, self._look)
        every(self, 1.0, self._tick)

    def _begin(self) -> None:
        self._queue = Queue(self._config.bag_queue_mb * MB)
        self._listening = Listening(self, self._queue.lose)
        self._known: set[str] = set()  # topics that the writer knows
        self._defaults = {}
        for topic in selected(self._config.record):
            name = self._listening.subscribe(topic.name, topic.type, topic.qos)
            self._defaults[name] = topic.qos
        self._read: dict[str, tuple[int, int]] = {}  # time and size of what was attached
        self._full = False
        self._writer: BagWriter | None = None
        self._written = threading.Event()
        self._thread = NeededThread('writing of the bag', self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        """What the thread does; reading what is in the folder already may take its time."""
        self._writer = BagWriter(self._folder, self._config.bag_file_mb * MB, Writing(), self._say)
        self._writer.notes |= self._notes
        fill(self._queue, self._writer)
        self._written.set()

    def _look(self) -> None:
        for message in self._listening.take():
            self._put(message)

    def _put(self, message) -> None:
        if message.topic not in self._known:
            self._declare(message.topic)
        if not self._queue.put(message) and not self._full:
            self._full = True
            self._say('the disk takes less than is recorded: messages are left out of the bag, and counted')

    def _declare(self, name: str) -> None:
        self._known.add(name)
        self._queue.put(self._listening.entry(name, self._defaults[name]))

    def _tick(self) -> None:
        self._thread.check()
        for name in self._listening.topics:
            if name not in self._known and self._listening.publishers(name):
                self._declare(name)  # without a message: the bag says that there was none
        self._attach()

    def _attach(self) -> None:
        for name in ATTACHED:
            self._attach_file(Path(self._config.run_folder) / name)

    def _attach_file(self, path: Path) -> None:
        try:
            about = path.stat()
            if self._read.get(path.name) == (about.st_mtime_ns, about.st_size):
                return
            data = path.read_bytes()
        except OSError:
            return  # not there yet, or the disk is gone: of no other use here
        self._read[path.name] = (about.st_mtime_ns, about.st_size)
        self._queue.put(Attachment(path.name, data, time.time_ns()))

    def _start_rosbag2(self) -> None:
        names = [self.resolve_topic_name(topic.name) for topic in selected(self._config.record)]
        folder = rosbag2.free_folder(self._folder)
        self._rosbag2 = rosbag2.start(rosbag2.command(folder, names, self._config.bag_file_mb, self._notes))

    def _watch_rosbag2(self) -> None:
        code = self._rosbag2 and self._rosbag2.poll()
        if code is not None:
            print(f'error: ros2 bag record has ended with exit code {code}', file=sys.stderr, flush=True)
            raise SystemExit(1)

    def _say(self, text: str) -> None:
        print(text, flush=True)

    def _take_the_rest(self) -> None:
        """Takes what the others say as they end."""
        began = heard = time.monotonic()
        while time.monotonic() - heard < QUIET_S and time.monotonic() - began < LAST_S:
            messages = self._listening.take()
            for message in messages:
                self._put(message)
                heard = time.monotonic()
            time.sleep(LOOK_S)
        for message in self._listening.rest():
            self._put(message)

    def destroy_node(self) -> None:
        """Completes the bag and says what it is."""
        if self._rosbag2 is not None:
            self._rosbag2.send_signal(signal.SIGINT)
            self._rosbag2.wait()
        else:
            self._take_the_rest()
            self._attach()
            self._queue.close()
            self._thread.join(DISK_S)
            self._say(self._summary())
        super().destroy_node()

    def _summary(self) -> str:
        if not self._written.is_set() or self._writer is None:
            left = f'the disk has not taken {self._queue.left().total()} messages in {DISK_S:.0f} s'
            return f'bag {self._folder} is not complete: {left}'
        return self._writer.summary()


def main() -> int:
    """Runs the node."""
    return run(BagRecorder)
