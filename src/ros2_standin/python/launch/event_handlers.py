"""What a launch file does when something happens."""

from .events import Shutdown
from .events.process import ProcessExited, ProcessStarted

__all__ = ['EventHandler', 'OnProcessExit', 'OnProcessStart', 'OnShutdown']


class EventHandler:
    """Entities (or a function giving them) for every event that matches."""

    def __init__(self, *, matcher, entities=None, handle_once: bool = False) -> None:
        self.matches, self.entities, self.handle_once = matcher, entities, handle_once

    def handle(self, event, context):
        """The entities to visit for this event."""
        context.locals.event = event
        if self.handle_once:
            context.unregister_event_handler(self)
        return self.entities(event, context) if callable(self.entities) else self.entities

    def sub_entities(self) -> list:
        """Entities known before the event."""
        if self.entities is None or callable(self.entities):
            return []
        return self.entities if isinstance(self.entities, (list, tuple)) else [self.entities]


class _OnProcess(EventHandler):
    """Handles one kind of event of one process, of those that a function picks, or of any."""

    def __init__(self, event_class, target_action, entities, **kwargs) -> None:
        def matcher(event) -> bool:
            if not isinstance(event, event_class):
                return False
            if target_action is None or event.action is target_action:
                return True
            return callable(target_action) and target_action(event.action)

        super().__init__(matcher=matcher, entities=entities, **kwargs)


class OnProcessExit(_OnProcess):
    """Handles the end of a process."""

    def __init__(self, *, target_action=None, on_exit, **kwargs) -> None:
        super().__init__(ProcessExited, target_action, on_exit, **kwargs)


class OnProcessStart(_OnProcess):
    """Handles the start of a process."""

    def __init__(self, *, target_action=None, on_start, **kwargs) -> None:
        super().__init__(ProcessStarted, target_action, on_start, **kwargs)


class OnShutdown(EventHandler):
    """Handles the end of the launch."""

    def __init__(self, *, on_shutdown, **kwargs) -> None:
        super().__init__(matcher=lambda event: isinstance(event, Shutdown), entities=on_shutdown, **kwargs)
