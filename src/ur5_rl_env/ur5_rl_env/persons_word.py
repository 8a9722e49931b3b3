"""A person's word, without which a real arm does not move: given once in a launch, kept for its restarts.

A file in the run folder names the launch that it was given for; the environment writes it, the arm driver
reads it. A new launch in the same folder has another identity and asks again; so does one whose word was
taken back: by `environment/stop` (of a simulated arm, too), by an emergency stop, by a real arm that was
stopped or switched off by other means than ours.
"""

import json
from pathlib import Path

from ur5_rl_graph.whole_file import write_json

FILE_NAME = 'confirmed.json'


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
        self._taken_back = False  # and it could not be kept for the other nodes
        self._path = Path(run_folder) / FILE_NAME if run_folder and run else None

    @property
    def given(self) -> bool:
        """Whether the arm may move."""
        return not self._taken_back and self._kept()

    def _kept(self) -> bool:
        try:
            kept = json.loads(self._path.read_text(encoding='utf-8')) if self._path is not None else {}
            if kept['run'] == self._run:
                return kept['given'] is True
        except (OSError, ValueError, KeyError, TypeError):
            pass
        return not self.needed

    def give(self) -> None:
        """Takes the word.

        Raises:
            OSError: it cannot be kept for the other node; it is not given.
        """
        if self._path is not None:
            write_json(self._path, {'run': self._run, 'given': True})
        self._taken_back = False

    def take_back(self) -> None:
        """A person has to say it anew.

        Raises:
            OSError: the other nodes cannot be told; for this one it is taken back nonetheless.
        """
        self._taken_back = True
        if self._path is None:
            return
        if self.needed:
            self._path.unlink(missing_ok=True)  # which a full disk does not keep from happening
        else:
            write_json(self._path, {'run': self._run, 'given': False})
        self._taken_back = False

    @property
    def request(self) -> str:
        """One line that asks for it."""
        return (
            'the arm waits for your word. When nobody is within its reach: ros2 service call '
            f'{self._service} std_srvs/srv/Trigger. It then moves home and goes on by itself, episode after '
            'episode, until the run ends'
        )
