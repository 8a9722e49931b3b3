"""The run of a launch: one event loop that visits, starts, watches and ends."""

import asyncio
import collections
import signal
import traceback

from . import logging
from .events import Shutdown
from .events.process import ProcessExited, ShutdownProcess
from .launch_context import LaunchContext
from .launch_description import LaunchDescription, as_entities, visit_all

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class LaunchService:
    """Runs launch descriptions until nothing is left to do or something ends them.

    The exit code is 0 for a launch that ended by itself or by Ctrl-C. It is 1 after an error in the launch,
    a process that failed and thereby ended it, a process that had to be killed, SIGTERM or SIGHUP.
    """

    def __init__(self, *, argv=None, noninteractive: bool = False, debug: bool = False) -> None:
        self.context = LaunchContext(argv=argv, noninteractive=noninteractive)
        self.context.service = self
        self.is_shutting_down = False
        self.loop = None
        self.log = logging.get_logger('launch')
        self._debug = debug
        self._description = LaunchDescription()
        self._events = collections.deque()
        self._current_event = None
        self._busy = []  # started actions that keep the launch alive: processes and timers
        self._at_end = []
        self._stop_level = 0
        self._exit_code = 0
        self._process_number = 0

    def include_launch_description(self, description) -> None:
        """Add what run() is to visit."""
        self._description.add_action(description)

    def run(self, *, shutdown_when_idle: bool = True) -> int:
        """Visit everything, wait for the end, return the exit code; all processes are gone then."""
        self.loop = asyncio.new_event_loop()
        self._shutdown_when_idle = shutdown_when_idle
        folder = logging.start(self._debug)
        self.log.info(f'log file: {folder}/launch.log (ros2 stand-in)')
        for number in _ENDING_SIGNALS:
            if (
                signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT
            ):  # nohup keeps its meaning
                self.loop.add_signal_handler(number, self._on_signal, number)
        self.loop.add_signal_handler(signal.SIGCHLD, self._each_busy, 'poll')
        try:
            self.loop.call_soon(self._guarded, self._begin)
            self.loop.run_forever()
        finally:
            self._each_busy('kill')
            for clean_up in self._at_end:
                clean_up()
            self.loop.close()
            logging.stop()
        return self._exit_code

    def shutdown(self, reason: str = 'LaunchService.shutdown() called') -> None:
        """End the launch: tell the handlers, then every process."""
        self.emit_event(Shutdown(reason=reason))

    # What actions call while the launch runs.

    def emit_event(self, event) -> None:
        """Queue an event; a Shutdown also ends the launch."""
        cause = self._current_event
        if isinstance(event, ShutdownProcess) and isinstance(cause, ProcessExited):
            self._exit_code = int(cause.returncode != 0) or self._exit_code
        if isinstance(event, Shutdown):
            if self.is_shutting_down:
                return
            self.is_shutting_down = True
            if isinstance(cause, ProcessExited):
                self.log.info(f'process[{cause.process_name}] was required: ending all processes')
                self._exit_code = int(cause.returncode != 0) or self._exit_code
        self._events.append(event)
        self.loop.call_soon(self._guarded, self._handle_next_event)

    def begin_busy(self, action) -> None:
        """Keep the launch alive until end_busy(action); the action has poll(), stop(level) and kill()."""
        self._busy.append(action)

    def end_busy(self, action) -> None:
        """The action is done."""
        self._busy.remove(action)
        self.loop.call_soon(self._check_idle)

    def next_process_number(self) -> int:
        """1, 2, 3 ... in the order of the launch."""
        self._process_number += 1
        return self._process_number

    def call_at_end(self, function) -> None:
        """Call a function when the launch has ended."""
        self._at_end.append(function)

    def fail(self) -> None:
        """Remember that something went wrong: the exit code becomes 1."""
        self._exit_code = 1

    def guarded_visit(self, entities) -> None:
        """Visit entities later than the others; an error ends the launch."""
        self._guarded(lambda: [visit_all(entity, self.context) for entity in as_entities(entities)])

    # The loop.

    def _begin(self) -> None:
        visit_all(self._description, self.context)
        given = {argument.split(':=')[0] for argument in self.context.argv}
        for name in sorted(given - self.context.known_arguments):
            self.log.warning(f"argument '{name}' is not used by this launch (see --show-args)")
        self.loop.call_soon(self._check_idle)

    def _handle_next_event(self) -> None:
        event = self._current_event = self._events.popleft()
        try:
            for handler in tuple(self.context.event_handlers):
                if handler.matches(event):
                    for entity in as_entities(handler.handle(event, self.context)):
                        visit_all(entity, self.context)
        finally:
            self._current_event = None
            if isinstance(event, ShutdownProcess):
                for action in tuple(self._busy):
                    action.end_if(event.process_matcher)
            if isinstance(event, Shutdown):
                self._stop_all(max(self._stop_level, 1))
            self.loop.call_soon(self._check_idle)

    def _guarded(self, function) -> None:
        """An exception of the launch file's code ends the launch with one line."""
        try:
            function()
        except Exception as error:
            self.log.error(str(error) or type(error).__name__)
            if self._debug:
                self.log.error(traceback.format_exc())
            self.fail()
            self.shutdown(reason=str(error))

    def _check_idle(self) -> None:
        if self._busy or self._events:
            return
        if self.is_shutting_down:
            self.loop.stop()
        elif self._shutdown_when_idle:
            self.shutdown(reason='idle')

    def _on_signal(self, number: int) -> None:
        name = signal.Signals(number).name
        self._stop_level = min(self._stop_level + 1, 3)
        if number != signal.SIGINT:
            self.fail()
        if self._stop_level == 1:
            self.log.warning(f'{name}: ending all processes')
            self.emit_event(Shutdown(reason=name, due_to_sigint=number == signal.SIGINT))
        else:
            self.log.warning(
                f'{name} again: {"terminating" if self._stop_level == 2 else "killing"} what is left'
            )
        self._stop_all(self._stop_level)

    def _stop_all(self, level: int) -> None:
        self._each_busy('stop', level)

    def _each_busy(self, method: str, *arguments) -> None:
        for action in tuple(self._busy):
            getattr(action, method)(*arguments)
