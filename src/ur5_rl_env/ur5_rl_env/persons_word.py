"""A person's word, without which a real arm does not move: given once in a launch, kept for its restarts.

A file in the run folder names the launch that it was given for; the environment writes it, the arm driver
reads it. A new launch in the same folder has another identity and asks again; so does one whose word was
taken back: by `environment/stop` (of a simulated arm, too), by an emergency stop, by a real arm that a
protective or safeguard stop has held or that was switched off, also where no word was needed to begin.
"""

import json
import time
from pathlib import Path
from typing import Any

from ur5_rl_graph.whole_file import write_json

FILE_NAME = 'confirmed.json'
WAITS = "waits for a person's word (environment/start)"
"""What the arm's state says then."""


class PersonsWord:
    """Whether a person has said that the arm may move.

    Args:
        needed: False for a simulated arm, and where the person said so beforehand (confirm:=false).
        run_folder: where it is kept.
        run: identity of the launch.
        service: full name of the service by which it is given, for the line that asks.

    Raises:
        ValueError: it is needed, but without a folder or a run no other node could hear it.
    """

    def __init__(
        self, needed: bool = False, run_folder: str = '', run: str = '', service: str = '/environment/start'
    ) -> None:
        if needed and not (run_folder and run):
            raise ValueError(
                f"confirm is true, run_folder is '{run_folder}' and run_identity is '{run}': a person's word "
                'is kept in the folder of a run for its launch; give both, to arm_driver and environment, '
                'as a launch does; or leave confirm out where nobody is within reach: starting this node is '
                'the word then'
            )
        self.needed, self._run, self._service = needed, run, service
        self._path = Path(run_folder) / FILE_NAME if run_folder and run else None
        self.kept = self._path is not None
        """Whether the other nodes hear it, so that it can be given again."""
        self._alone: Any = None  # what is known here alone, and the file as it was then

    @property
    def given(self) -> bool:
        """Whether the arm may move."""
        return self._known().get('given', not self.needed) is True

    def give(self) -> None:
        """Takes the word.

        Raises:
            OSError: it cannot be kept for the other node; it is not given.
        """
        self._say({'given': True})

    def take_back(self, by_servo: bool = False) -> None:
        """A person has to say it anew; what the servo has taken back `give_back` gives, too.

        Raises:
            OSError: the other nodes cannot be told; for this one it is taken back nonetheless.
        """
        try:
            self._say({'given': False, 'by_servo': by_servo})
        except OSError:
            self._alone = {'given': False}, self._read()
            if self._path is None:
                raise
            self._path.write_bytes(b'')  # which a full disk does not keep from happening
            self._alone = None

    @property
    def by_servo(self) -> bool:
        """Whether the servo has taken it back, and nobody else since."""
        return self._known().get('by_servo') is True

    def give_back(self) -> None:
        """Gives what the servo has taken back, and nobody else since.

        Raises:
            OSError: it cannot be kept.
        """
        if self.by_servo:
            self.give()

    def _say(self, values: dict[str, bool]) -> None:
        if self._path is None:
            self._alone = values, None
            return
        said_ns = time.time_ns()  # by which what is said anew is known from what was there
        # After a power cut there is another launch; and who stops cannot wait for a disk.
        write_json(self._path, {'run': self._run, 'said_ns': said_ns} | values, durable=False)
        self._alone = None

    def _read(self) -> str | None:
        try:
            return self._path.read_text(encoding='utf-8') if self._path is not None else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return ''

    def _known(self) -> dict[str, Any]:
        """What was said for this launch; a file that is damaged is a word that was taken back."""
        text = self._read()
        if self._alone is not None and self._alone[1] == text:
            return self._alone[0]
        if text is None:
            return {}
        try:
            known = json.loads(text)
            return known if known['run'] == self._run else {}
        except (ValueError, KeyError, TypeError):
            return {'given': False}

    @property
    def request(self) -> str:
        """One line that asks for it."""
        return (
            'the arm waits for your word. When nobody is within its reach: ros2 service call '
            f'{self._service} std_srvs/srv/Trigger. It then moves home and goes on by itself, episode after '
            'episode, until the run ends'
        )
