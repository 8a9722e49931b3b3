"""The action that runs a process: start, output, restart, the ladder of signals at the end."""

import os
import shlex
import signal

from .. import logging
from ..child_process import ChildProcess
from ..events.process import ProcessExited, ProcessStarted
from ..launch_description import Action
from ..substitutions import LaunchConfiguration
from ..utilities import perform_substitutions

_SIGTERM_TIMEOUT = LaunchConfiguration('sigterm_timeout', default='5')
_SIGKILL_TIMEOUT = LaunchConfiguration('sigkill_timeout', default='5')
_LADDER = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_NOT_FOUND = 127  # the exit code, as of a shell, of a restart that failed
_REACTION_S = 0.04  # what handlers of an exit may take until a restart is announced


class ExecuteProcess(Action):
    """Run a command until it ends; its lines are printed behind '[name-number] '."""

    def __init__(
        self,
        *,
        cmd,
        output: str,
        name=None,
        prefix='',
        additional_env=None,
        sigterm_timeout=_SIGTERM_TIMEOUT,
        respawn: bool = False,
        respawn_delay: float = 0.0,
        **kwargs,
    ) -> None:
        """Describe the process.

        Args:
            cmd: list of arguments, each text or substitutions.
            output: 'screen'; there is no other place for its lines here.
            name: label of its lines, default the command's file name.
            prefix: words put before the command.
            additional_env: variables on top of the inherited environment.
            sigterm_timeout: time [s] from SIGINT to SIGTERM at the end; text or substitutions.
            respawn: start it again whenever it ends.
            respawn_delay: time [s] before that.
            **kwargs: condition.

        Raises:
            ValueError: another output.
        """
        super().__init__(**kwargs)
        if output != 'screen':
            raise ValueError(f"output is '{output}'; the stand-in has 'screen' only")
        self._cmd, self._prefix, self._label = list(cmd), prefix, name
        self._additional_env, self._sigterm_timeout = dict(additional_env or {}), sigterm_timeout
        self._respawn, self._respawn_delay_s = respawn, respawn_delay
        self._child = self._service = self._timer = None
        self._level = 0  # how many signals of the ladder have been sent
        self._starts = 0
        self._ending = False  # by itself, while the launch goes on

    @property
    def process_details(self) -> dict | None:
        """The fields of an event of this process, None before its start."""
        if self._child is None:
            return None
        return {'name': self.name, 'cmd': self._command, 'pid': self._child.pid}

    @property
    def group(self) -> int | None:
        """The group of the process and its descendants, None while there is none."""
        running = self._child is not None and self._child.returncode is None
        return self._child.pid if running else None

    def command(self, context) -> list[str]:
        """The whole command line in this context."""
        prefix = shlex.split(perform_substitutions(context, self._prefix))
        return prefix + [perform_substitutions(context, part) for part in self._cmd]

    def execute(self, context) -> None:
        if self._service is not None:
            raise RuntimeError(f'{self.name}: the same action is used twice; make one for each process')
        if context.is_shutdown:
            return
        self._service = context.service
        self._command = self.command(context)
        label = self._command[0] if self._label is None else perform_substitutions(context, self._label)
        self.name = f'{os.path.basename(label)}-{self._service.next_process_number()}'
        self._log = logging.get_logger(self.name)
        added = self._additional_env.items()
        self._environment = {'PYTHONUNBUFFERED': '1'} | dict(context.environment)
        self._environment |= {name: perform_substitutions(context, value) for name, value in added}
        timeouts = (self._sigterm_timeout, _SIGKILL_TIMEOUT)
        self._seconds = [float(perform_substitutions(context, value)) for value in timeouts]
        self._service.begin_busy(self)
        # Only after everything was visited: an error in a launch file starts nothing.
        self._service.loop.call_soon(self._start)

    def _start(self) -> None:
        if self._service.is_shutting_down:
            self._service.end_busy(self)
            return
        self._timer = None
        self._starts += 1
        try:
            self._child = ChildProcess(
                self._command, env=self._environment, loop=self._service.loop, on_line=self._print
            )
        except OSError as error:
            self._log.error(f'cannot start {shlex.join(self._command)}: {error}')
            if self._child is not None:  # a restart: the program may be away for a moment
                self._exited(_NOT_FOUND)
                return
            self._service.fail()
            self._service.end_busy(self)
            return
        self._log.info(f'process started with pid [{self._child.pid}]')
        self._service.emit_event(ProcessStarted(**self.process_details))

    def _print(self, line: str) -> None:
        logging.output.info('[%s] %s', self.name, line)

    def poll(self) -> None:
        """Look whether the process has ended."""
        if self._child is None or self._child.returncode is not None or not self._child.poll():
            return
        code = self._child.returncode
        if code == 0:
            self._log.info(f'process has finished cleanly [pid {self._child.pid}]')
        else:
            command = ' '.join(self._command)
            self._log.error(f"process has died [pid {self._child.pid}, exit code {code}, cmd '{command}'].")
        self._cancel_timer()
        self._exited(code)

    def _exited(self, code: int) -> None:
        self._service.emit_event(ProcessExited(returncode=code, **self.process_details))
        if self._respawn and not self._ending and not self._service.is_shutting_down:
            # Whoever heard of the end may shut everything down: otherwise there is something to announce.
            self._service.loop.call_later(min(self._respawn_delay_s, _REACTION_S), self._announce_restart)
            self._timer = self._service.loop.call_later(self._respawn_delay_s, self._start)
            return
        if code != 0 and not (self._ending or self._service.is_shutting_down):
            self._service.fail()
        self._service.end_busy(self)

    def _announce_restart(self) -> None:
        if not (self._ending or self._service.is_shutting_down):
            self._log.warning(f'starting again in {self._respawn_delay_s:g} s (restart {self._starts})')

    def stop(self, level: int) -> None:
        """Go up the ladder to a level: 1 SIGINT, 2 SIGTERM, 3 SIGKILL; time goes further by itself."""
        if self._child is None or self._child.returncode is not None:
            if self._timer is not None:  # it waits for its restart
                self._cancel_timer()
                self._service.end_busy(self)
            return
        if level <= self._level:
            return
        self._level = level
        self._cancel_timer()
        number = _LADDER[level - 1]
        self._log.info(f"sending signal '{number.name}' to process[{self.name}]")
        if number == signal.SIGKILL:
            self._service.fail()
        self._child.send_signal(number)
        self._child.send_signal(signal.SIGCONT)  # a stopped process could not even end
        if level < len(_LADDER):
            self._timer = self._service.loop.call_later(self._seconds[level - 1], self._escalate, level)

    def _escalate(self, level: int) -> None:
        self._timer = None
        after = f'{self._seconds[level - 1]:g} s after {_LADDER[level - 1].name}'
        self._log.error(f'process[{self.name}] has not ended {after}')
        self.stop(level + 1)

    def end_if(self, matches) -> None:
        """Begin the ladder if a function of this action says so."""
        if matches(self):
            self._ending = True
            self.stop(1)

    def kill(self) -> None:
        """End at once, at the end of a launch that broke off."""
        self.send(signal.SIGKILL)

    def send(self, number: int) -> None:
        """Signal the process and its descendants."""
        if self._child is not None:
            self._child.send_signal(number)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
