"""The run of a launch: one event loop that visits, starts, watches and ends."""

import asyncio
import collections
import os
import signal
import traceback

from . import logging
from .child_process import going_on_again
from .events import Shutdown
from .events.process import ProcessExited, ShutdownProcess
from .launch_context import LaunchContext
from .launch_description import visit_all

_ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class LaunchService:
    """Runs launch descriptions until nothing is left to do or something ends them.

    The exit code is 0 for a launch that ended by itself or by Ctrl-C. It is 1 after an error in the launch,
    a process that failed and thereby ended it, a process that had to be killed, SIGTERM or SIGHUP.
    """

    def __init__(self, *, argv=None, noninteractive: bool = False, debug: bool = False) -> None:
        """Describe the run.

        Args:
            argv: arguments of the launch; one that nothing reads gives a warning.
            noninteractive: changes nothing here.
            debug: show tracebacks of errors.
        """
        self.context = LaunchContext(argv=argv)
        self.context.service = self
        self.is_shutting_down = False
        self.loop = None
        self.log = logging.get_logger('launch')
        self._debug = debug
        self._descriptions = []
        self._events = collections.deque()
        self._current_event = None
        self._busy = []  # processes, which keep the launch alive
        self._stop_level = 0
        self._exit_code = 0
        self._process_number = 0

    def include_launch_description(self, description) -> None:
        """Add what run() is to visit."""
        self._descriptions.append(description)

    def run(self) -> int:
        """Visit everything, wait for the end, return the exit code; all processes are gone then."""
        self.loop = asyncio.new_event_loop()
        folder = logging.start(self._debug)
        if folder is not None:
            self.log.info(f'log file: {folder}/launch.log (ros2 stand-in)')
        for number in _ENDING_SIGNALS:
            if (
                signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT
            ):  # nohup keeps its meaning
                self.loop.add_signal_handler(number, self._on_signal, number)
        self.loop.add_signal_handler(signal.SIGCHLD, self._each_busy, 'poll')
        if signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN:
            self.loop.add_signal_handler(signal.SIGTSTP, self._stand_still)
        try:
            self.loop.call_soon(self._guarded, self._begin)
            self.loop.run_forever()
        finally:
            self._each_busy('kill')
            logging.stop()  # before the loop, which hears the signal of a screen that goes away just now
            self.loop.close()
        return self._exit_code

    def shutdown(self, reason: str) -> None:
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
        """Keep the launch alive until the process ends: end_busy(action)."""
        self._busy.append(action)

    def end_busy(self, action) -> None:
        """The process has ended, and is not started again."""
        self._busy.remove(action)
        self.loop.call_soon(self._check_idle)

    def next_process_number(self) -> int:
        """1, 2, 3 ... in the order of the launch."""
        self._process_number += 1
        return self._process_number

    def fail(self) -> None:
        """Remember that something went wrong: the exit code becomes 1."""
        self._exit_code = 1

    # The loop.

    def _begin(self) -> None:
        visit_all(self._descriptions, self.context)
        given = {argument.split(':=')[0] for argument in self.context.argv}
        for name in sorted(given - self.context.known_arguments):
            self.log.warning(f"argument '{name}' is not used by this launch (see --show-args)")
        self.loop.call_soon(self._check_idle)

    def _handle_next_event(self) -> None:
        event = self._current_event = self._events.popleft()
        try:
            for handler in tuple(self.context.event_handlers):
                if type(event) is handler.kind:
                    visit_all(handler.handle(event, self.context), self.context)
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
        else:
            self.shutdown(reason='idle')

    def _on_signal(self, number: int) -> None:
        name = signal.Signals(number).name
        self._stop_level = min(self._stop_level + 1, 3)
        if number != signal.SIGINT:
            self.fail()
        if self._stop_level == 1:
            self.log.warning(f'{name}: ending all processes')
            self.emit_event(Shutdown(reason=name))
        else:
            self.log.warning(
                f'{name} again: {"terminating" if self._stop_level == 2 else "killing"} what is left'
            )
        self._stop_all(self._stop_level)

    def _stand_still(self) -> None:
        """Ctrl-Z: all processes stand still as long as this one, as in the terminal's own group."""
        with going_on_again([action.group for action in self._busy if action.group is not None]):
            self._each_busy('send', signal.SIGSTOP)
            os.kill(os.getpid(), signal.SIGSTOP)
            self._each_busy('send', signal.SIGCONT)

    def _stop_all(self, level: int) -> None:
        self._each_busy('stop', level)

    def _each_busy(self, method: str, *arguments) -> None:
        for action in tuple(self._busy):
            getattr(action, method)(*arguments)
