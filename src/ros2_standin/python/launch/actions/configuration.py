"""Actions that declare and set arguments and the environment."""

from ..launch_description import Action
from ..utilities import normalize_to_list_of_substitutions, perform_substitutions


class DeclareLaunchArgument(Action):
    """An argument of the launch file: name, default, description, choices."""

    def __init__(self, name: str, *, default_value=None, description=None, choices=None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.name, self.choices = name, choices
        self.default_value = (
            None if default_value is None else normalize_to_list_of_substitutions(default_value)
        )
        if choices and isinstance(default_value, str) and default_value not in choices:
            raise RuntimeError(f"argument '{name}': default '{default_value}' is not one of {list(choices)}")
        if description is None:
            self.description = f'One of: {list(choices)}' if choices else 'no description given'
        else:
            self.description = description
            if choices:
                dot = '' if description.endswith('.') else '.'
                self.description += f'{dot} Valid choices are: {list(choices)}'

    def execute(self, context) -> None:
        values = context.launch_configurations
        context.known_arguments.add(self.name)
        if self.name not in values:
            if self.default_value is None:
                raise RuntimeError(
                    f"argument '{self.name}' ({self.description}) is required; give {self.name}:=VALUE"
                )
            values[self.name] = perform_substitutions(context, self.default_value)
        if self.choices and values[self.name] not in self.choices:
            raise RuntimeError(
                f"argument '{self.name}': '{values[self.name]}' is not one of {list(self.choices)}"
            )


class SetLaunchConfiguration(Action):
    """Set a launch configuration."""

    def __init__(self, name, value, **kwargs) -> None:
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def execute(self, context) -> None:
        name = perform_substitutions(context, self.name)
        context.launch_configurations[name] = perform_substitutions(context, self.value)


class SetEnvironmentVariable(Action):
    """Set a variable of the environment that processes inherit."""

    def __init__(self, name, value, **kwargs) -> None:
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def execute(self, context) -> None:
        name = perform_substitutions(context, self.name)
        context.environment[name] = perform_substitutions(context, self.value)
