"""The state of a running launch: configurations, environment, handlers."""

import os


class LaunchContext:
    """What actions, conditions and substitutions see of the launch.

    Attributes:
        argv: arguments of the launch, as they were given.
        launch_configurations: values of arguments and of what SetLaunchConfiguration set.
        environment: this process' environment, which children inherit.
        known_arguments: names that were declared or read, to find mistyped ones.
        event_handlers: the last one that was registered first.
        service: the LaunchService that runs this context, None outside of a run.
    """

    def __init__(self, *, argv=None) -> None:
        self.argv = list(argv or [])
        self.launch_configurations = {}
        self.environment = os.environ
        self.known_arguments = set()
        self.event_handlers = []
        self.service = None
        self._scopes = []

    @property
    def is_shutdown(self) -> bool:
        """Whether the launch is ending."""
        return self.service is not None and self.service.is_shutting_down

    def push_scope(self) -> None:
        """Remember configurations and environment."""
        self._scopes.append((dict(self.launch_configurations), dict(self.environment)))

    def pop_scope(self) -> None:
        """Go back to the configurations and environment last remembered."""
        # The dictionaries stay the same objects: others hold them.
        for held, remembered in zip(
            (self.launch_configurations, self.environment), self._scopes.pop(), strict=True
        ):
            held.clear()
            held.update(remembered)
