"""Actions that hold, delay or compute other actions."""

from .. import logging
from ..launch_description import Action
from ..launch_description_sources import PythonLaunchDescriptionSource
from ..utilities import perform_substitutions
from .configuration import SetLaunchConfiguration


class OpaqueFunction(Action):
    """Call a function with the context; what it returns is visited."""

    def __init__(self, *, function, args=None, kwargs=None, **action_kwargs) -> None:
        super().__init__(**action_kwargs)
        self.function, self.args, self.kwargs = function, list(args or []), dict(kwargs or {})

    def execute(self, context):
        return self.function(context, *self.args, **self.kwargs)

    def describe(self) -> str:
        return f'OpaqueFunction {getattr(self.function, "__name__", self.function)}'


class LogInfo(Action):
    """Print a line."""

    def __init__(self, *, msg, **kwargs) -> None:
        super().__init__(**kwargs)
        self.msg = msg

    def execute(self, context) -> None:
        logging.get_logger('launch.user').info(perform_substitutions(context, self.msg))


class GroupAction(Action):
    """Actions that share a condition; scoped, what they set ends with them."""

    def __init__(
        self, actions, *, scoped: bool = True, forwarding: bool = True, launch_configurations=None, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.actions, self.scoped, self.forwarding = list(actions), scoped, forwarding
        self.launch_configurations = dict(launch_configurations or {})
        if not forwarding and not scoped:
            raise ValueError('GroupAction: forwarding=False needs scoped=True')

    def sub_entities(self) -> list:
        return self.actions

    def execute(self, context) -> list:
        kept = {
            perform_substitutions(context, name): perform_substitutions(context, value)
            for name, value in self.launch_configurations.items()
        }
        if not self.scoped:
            context.launch_configurations.update(kept)
            return self.actions
        context.push_scope()
        if not self.forwarding:
            context.launch_configurations.clear()
        context.launch_configurations.update(kept)
        return [*self.actions, OpaqueFunction(function=lambda context: context.pop_scope())]


class IncludeLaunchDescription(Action):
    """The entities of another launch file, with values for its arguments."""

    def __init__(self, launch_description_source, *, launch_arguments=None, **kwargs) -> None:
        super().__init__(**kwargs)
        if not isinstance(launch_description_source, PythonLaunchDescriptionSource):
            launch_description_source = PythonLaunchDescriptionSource(launch_description_source)
        self.source, self.launch_arguments = launch_description_source, tuple(launch_arguments or ())

    def sub_entities(self) -> list:
        description = self.source.try_load_without_context()
        return [] if description is None else [description]

    def execute(self, context) -> list:
        outer_file = context.launch_file
        description = self.source.get_launch_description(context)
        arguments = [SetLaunchConfiguration(name, value) for name, value in self.launch_arguments]

        def enter(context, path) -> None:
            context.launch_file = path

        return [
            *arguments,
            OpaqueFunction(function=enter, args=[self.source.location]),
            description,
            OpaqueFunction(function=enter, args=[outer_file]),
        ]

    def describe(self) -> str:
        return f'IncludeLaunchDescription {self.source.describe()}'


class TimerAction(Action):
    """Actions after a time [s]."""

    def __init__(self, *, period, actions, cancel_on_shutdown: bool = True, **kwargs) -> None:
        super().__init__(**kwargs)
        self.period, self.actions, self.cancel_on_shutdown = period, list(actions), cancel_on_shutdown
        self._timer = None

    def sub_entities(self) -> list:
        return self.actions

    def execute(self, context) -> None:
        is_number = isinstance(self.period, (int, float))
        period_s = float(self.period if is_number else perform_substitutions(context, self.period))
        self._service, self._launch_file = context.service, context.launch_file
        self._service.begin_busy(self)
        self._timer = self._service.loop.call_later(period_s, self._fire, context)

    def cancel(self) -> None:
        """Do not run the actions any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._service.end_busy(self)

    def poll(self) -> None:
        """Nothing to look at: the loop's timer calls."""

    def stop(self, level: int) -> None:
        """The launch ends."""
        if self.cancel_on_shutdown or level > 1:
            self.cancel()

    def end_if(self, matches) -> None:
        """A timer is no process."""

    kill = cancel

    def _fire(self, context) -> None:
        self._timer = None
        context.launch_file = self._launch_file
        self._service.guarded_visit(self.actions)
        self._service.end_busy(self)
