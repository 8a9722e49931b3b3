"""The state of a running launch: configurations, environment, handlers, the current file."""

import os
from types import SimpleNamespace


class LaunchContext:
    """What actions, conditions and substitutions see of the launch.

    Attributes:
        launch_configurations: values of arguments and of what SetLaunchConfiguration set.
        environment: this process' environment, which children inherit.
        known_arguments: names that were declared or read, to find mistyped ones.
        launch_file: path of the launch file whose entities are being visited.
        service: the LaunchService that runs this context, None outside of a run.
    """

    def __init__(self, *, argv=None, noninteractive: bool = False) -> None:
        self.argv = list(argv or [])
        self.noninteractive = noninteractive
        self.launch_configurations = {}
        self.environment = os.environ
        self.known_arguments = set()
        self.launch_file = None
        self.locals = SimpleNamespace()
        self.event_handlers = []
        self.service = None
        self._scopes = []

    @property
    def is_shutdown(self) -> bool:
        """Whether the launch is ending."""
        return self.service is not None and self.service.is_shutting_down

    def perform_substitution(self, substitution) -> str:
        """The substitution's text."""
        return substitution.perform(self)

    def register_event_handler(self, handler) -> None:
        """Put a handler before the others."""
        self.event_handlers.insert(0, handler)

    def unregister_event_handler(self, handler) -> None:
        """Take a handler away."""
        self.event_handlers.remove(handler)

    def emit_event_sync(self, event) -> None:
        """Queue an event for the handlers."""
        self.service.emit_event(event)

    def push_scope(self) -> None:
        """Remember configurations and environment."""
        self._scopes.append((dict(self.launch_configurations), dict(self.environment)))

    def pop_scope(self) -> None:
        """Go back to the configurations and environment last remembered."""
        configurations, environment = self._scopes.pop()
        # The dictionaries stay the same objects: others hold them.
        self.launch_configurations.clear()
        self.launch_configurations.update(configurations)
        if dict(self.environment) != environment:
            self.environment.clear()
            self.environment.update(environment)
