"""Actions that hold or compute other actions, or print a line."""

from .. import logging
from ..launch_description import Action
from ..utilities import perform_substitutions
from .configuration import SetLaunchConfiguration


class OpaqueFunction(Action):
    """Call a function with the context; what it returns is visited."""

    def __init__(self, *, function, args=(), **kwargs) -> None:
        super().__init__(**kwargs)
        self.function, self.args = function, tuple(args)

    def execute(self, context):
        return self.function(context, *self.args)


class LogInfo(Action):
    """Print a line."""

    def __init__(self, *, msg, **kwargs) -> None:
        super().__init__(**kwargs)
        self.msg = msg

    def execute(self, context) -> None:
        logging.get_logger('launch.user').info(perform_substitutions(context, self.msg))


class GroupAction(Action):
    """Actions that share a condition; what they set ends with them."""

    def __init__(self, actions, **kwargs) -> None:
        super().__init__(**kwargs)
        self.actions = list(actions)

    def sub_entities(self) -> list:
        return self.actions

    def execute(self, context) -> list:
        context.push_scope()
        return [*self.actions, OpaqueFunction(function=lambda context: context.pop_scope())]


class IncludeLaunchDescription(Action):
    """The entities of another launch file, with values for its arguments."""

    def __init__(self, launch_description_source, *, launch_arguments=(), **kwargs) -> None:
        super().__init__(**kwargs)
        self.source, self.launch_arguments = launch_description_source, tuple(launch_arguments)

    def sub_entities(self) -> list:
        return [self.source.get_launch_description(None)]

    def execute(self, context) -> list:
        arguments = (SetLaunchConfiguration(name, value) for name, value in self.launch_arguments)
        return [*arguments, self.source.get_launch_description(context)]
