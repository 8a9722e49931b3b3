"""What a launch consists of: descriptions and actions, visited depth first."""


class LaunchDescriptionEntity:
    """Something that a launch visits; the visit may give further entities to visit at once."""

    condition = None

    def visit(self, context):
        """Do what this entity stands for; returns entities or None."""
        raise NotImplementedError

    def sub_entities(self) -> list:
        """Entities inside, as far as they are known before the launch runs."""
        return []


class Action(LaunchDescriptionEntity):
    """An entity that does something, if its condition holds."""

    def __init__(self, *, condition=None) -> None:
        self.condition = condition

    def visit(self, context):
        if self.condition is None or self.condition.evaluate(context):
            return self.execute(context)
        return None

    def execute(self, context):
        """Do it; returns entities to visit next, or None."""
        raise NotImplementedError


class LaunchDescription(LaunchDescriptionEntity):
    """The entities of one launch file, in order."""

    def __init__(self, initial_entities=None) -> None:
        self.entities = list(initial_entities or [])

    def get_launch_arguments(self) -> list:
        """The arguments that this file and those that it includes declare; the first of each name."""
        from .introspection import arguments

        return arguments(self)

    def visit(self, context):
        return self.entities

    def sub_entities(self) -> list:
        return self.entities


def visit_all(found, context) -> None:
    """Visit entities, and, depth first, everything that a visit gives.

    Args:
        found: an entity, a sequence of them, or None.
        context: of the launch.

    Raises:
        TypeError: something is no entity.
    """
    entities = [found] if isinstance(found, LaunchDescriptionEntity) else found or ()
    for entity in entities:
        if not isinstance(entity, LaunchDescriptionEntity):
            raise TypeError(f'expected a launch action, got {type(entity).__name__} {entity!r}')
        visit_all(entity.visit(context), context)
