"""The action that runs a process: start, output, restart, the ladder of signals at the end."""

import os
import shlex
import signal

from .. import logging
from ..child_process import ChildProcess
from ..event_handlers import OnProcessExit
from ..events.process import ProcessExited, ProcessStarted
from ..launch_description import Action
from ..substitutions import LaunchConfiguration
from ..utilities import describe, normalize_to_list_of_substitutions, perform_substitutions, to_bool

_SIGTERM_TIMEOUT_S = LaunchConfiguration('sigterm_timeout', default=5)
_SIGKILL_TIMEOUT_S = LaunchConfiguration('sigkill_timeout', default=5)
_LADDER = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_REACTION_S = 0.04  # what handlers of an exit may take until a restart is announced


class ExecuteProcess(Action):
    """Run a command until it ends; its lines are printed behind '[name-number] '."""

    def __init__(
        self,
        *,
        cmd,
        name=None,
        cwd=None,
        env=None,
        additional_env=None,
        prefix=None,
        shell: bool = False,
        output='log',
        emulate_tty: bool = False,
        log_cmd: bool = False,
        sigterm_timeout=_SIGTERM_TIMEOUT_S,
        sigkill_timeout=_SIGKILL_TIMEOUT_S,
        respawn=False,
        respawn_delay: float | None = None,
        respawn_max_retries: int = -1,
        on_exit=None,
        **kwargs,
    ) -> None:
        """Describe the process.

        Args:
            cmd: list of arguments, each text or substitutions.
            name: label of its lines, default the command's file name.
            cwd: working folder.
            env: environment instead of the inherited one.
            additional_env: variables on top of it.
            prefix: words put before the command.
            shell: join the command and give it to /bin/sh.
            output: 'screen', 'both' or 'full' (all lines on the screen), 'log' (stderr on the screen, stdout
                in launch.log only), 'own_log' (launch.log only); or a dict of these per stream.
            emulate_tty: has no effect: processes write to pipes, Python ones unbuffered.
            log_cmd: print the command at the start.
            sigterm_timeout: time [s] from SIGINT to SIGTERM at the end.
            sigkill_timeout: time [s] from SIGTERM to SIGKILL.
            respawn: start it again whenever it ends.
            respawn_delay: time [s] before that.
            respawn_max_retries: how often; negative: always.
            on_exit: actions, or a function (event, context) that gives some, for each time it ends.
            **kwargs: condition.
        """
        super().__init__(**kwargs)
        self.cmd = [normalize_to_list_of_substitutions(part) for part in cmd]
        self._label, self._cwd, self._env, self._additional_env = name, cwd, env, additional_env
        self._prefix, self._shell, self._log_cmd = prefix, shell, log_cmd
        self._output = os.environ.get('OVERRIDE_LAUNCH_PROCESS_OUTPUT', output)
        self._timeouts = (sigterm_timeout, sigkill_timeout)
        self._respawn, self._respawn_delay_s, self._retries = (
            respawn,
            respawn_delay or 0.0,
            respawn_max_retries,
        )
        self._on_exit = on_exit
        self._child = self._service = self._timer = None
        self._level = 0  # how many signals of the ladder have been sent
        self._starts = 0
        self._ending = False  # by itself, while the launch goes on

    @property
    def process_details(self) -> dict | None:
        """The fields of an event of this process, None before its start."""
        return None if self._child is None else self._event_fields()

    @property
    def return_code(self) -> int | None:
        """The exit code, None before the end."""
        return None if self._child is None else self._child.returncode

    def sub_entities(self) -> list:
        return OnProcessExit(on_exit=self._on_exit).sub_entities()

    def describe(self) -> str:
        return f'{type(self).__name__} {" ".join(describe(part) for part in self.cmd)}'

    def command(self, context) -> list[str]:
        """The whole command line in this context."""
        prefix = shlex.split(perform_substitutions(context, self._prefix)) if self._prefix else []
        return prefix + [perform_substitutions(context, part) for part in self.cmd]

    def execute(self, context) -> None:
        if self._service is not None:
            raise RuntimeError(f'{self.describe()}: the same action is used twice; make one for each process')
        if context.is_shutdown:
            return
        self._service, self._context = context.service, context
        self._command = self.command(context)
        label = self._command[0] if self._label is None else perform_substitutions(context, self._label)
        self.name = f'{os.path.basename(label)}-{self._service.next_process_number()}'
        self._log = logging.get_logger(self.name)
        self._folder = None if self._cwd is None else perform_substitutions(context, self._cwd)
        self._environment = self._resolved_environment(context)
        self._seconds = [_seconds(context, value) for value in self._timeouts]
        self._on_screen = _screen_streams(context, self._output)
        if not isinstance(self._respawn, bool):
            self._respawn = to_bool(perform_substitutions(context, self._respawn))
        if self._on_exit is not None:
            context.register_event_handler(OnProcessExit(target_action=self, on_exit=self._on_exit))
        self._service.begin_busy(self)
        # Only after everything was visited: an error in a launch file starts nothing.
        self._service.loop.call_soon(self._start)

    def _resolved_environment(self, context) -> dict:
        environment = dict(context.environment)
        if self._env is not None:
            environment = {}
        environment.setdefault('PYTHONUNBUFFERED', '1')
        for names in (self._env, self._additional_env):
            for name, value in (names or {}).items():
                environment[perform_substitutions(context, name)] = perform_substitutions(context, value)
        return environment

    def _start(self) -> None:
        if self._service.is_shutting_down:
            self._service.end_busy(self)
            return
        self._timer = None
        self._starts += 1
        if self._log_cmd:
            self._log.info(f"cmd='{shlex.join(self._command)}', cwd='{self._folder}'")
        try:
            self._child = ChildProcess(
                ' '.join(self._command) if self._shell else self._command,
                cwd=self._folder,
                env=self._environment,
                shell=self._shell,
                loop=self._service.loop,
                on_line=self._print,
            )
        except OSError as error:
            self._log.error(f'cannot start {shlex.join(self._command)}: {error}')
            self._service.fail()
            self._service.end_busy(self)
            return
        self._log.info(f'process started with pid [{self._child.pid}]')
        self._service.emit_event(ProcessStarted(**self._event_fields()))

    def _print(self, stream: str, line: str) -> None:
        logging.get_output_logger(stream in self._on_screen).info('[%s] %s', self.name, line)

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
        self._service.emit_event(ProcessExited(returncode=code, **self._event_fields()))
        again = (
            self._respawn
            and not self._ending
            and not self._service.is_shutting_down
            and (self._retries < 0 or self._starts <= self._retries)
        )
        if again:
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

    def _event_fields(self) -> dict:
        return {
            'action': self,
            'name': self.name,
            'cmd': self._command,
            'cwd': self._folder,
            'env': self._environment,
            'pid': self._child.pid,
        }

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
        if self._child is not None:
            self._child.send_signal(signal.SIGKILL)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _seconds(context, value) -> float:
    return float(value if isinstance(value, (int, float)) else perform_substitutions(context, value))


def _screen_streams(context, output) -> set:
    """The streams whose lines go to the screen."""
    if isinstance(output, dict):
        return {stream for stream, kind in output.items() if kind in ('screen', 'both', 'full')}
    kind = perform_substitutions(context, output)
    streams = {'screen': {'stdout', 'stderr'}, 'both': {'stdout', 'stderr'}, 'full': {'stdout', 'stderr'}}
    streams |= {'log': {'stderr'}, 'own_log': set()}
    if kind not in streams:
        raise ValueError(f"output '{kind}' is not one of {sorted(streams)}")
    return streams[kind]
