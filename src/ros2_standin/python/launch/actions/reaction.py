"""Actions around events."""

from ..launch_description import Action


class RegisterEventHandler(Action):
    """Start handling events; the last one that was registered is asked first."""

    def __init__(self, event_handler, **kwargs) -> None:
        super().__init__(**kwargs)
        self.event_handler = event_handler

    def execute(self, context) -> None:
        context.event_handlers.insert(0, self.event_handler)


class EmitEvent(Action):
    """Emit an event."""

    def __init__(self, *, event, **kwargs) -> None:
        super().__init__(**kwargs)
        self.event = event

    def execute(self, context) -> None:
        context.service.emit_event(self.event)
