"""Actions around events."""

from ..events import Shutdown as ShutdownEvent
from ..launch_description import Action
from ..utilities import perform_substitutions


class RegisterEventHandler(Action):
    """Start handling events."""

    def __init__(self, event_handler, **kwargs) -> None:
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def sub_entities(self) -> list:
        return self.event_handler.sub_entities()

    def execute(self, context) -> None:
        context.register_event_handler(self.event_handler)


class EmitEvent(Action):
    """Emit an event."""

    def __init__(self, *, event, **kwargs) -> None:
        super().__init__(**kwargs)
        self.event = event

    def execute(self, context) -> None:
        context.emit_event_sync(self.event)


class Shutdown(Action):
    """End the launch."""

    def __init__(self, *, reason='reason not given', **kwargs) -> None:
        super().__init__(**kwargs)
        self.reason = reason

    def execute(self, context) -> None:
        context.emit_event_sync(ShutdownEvent(reason=perform_substitutions(context, self.reason)))
