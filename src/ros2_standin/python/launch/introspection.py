"""What a launch file offers, without running it: its arguments and its entities."""

from .actions import DeclareLaunchArgument
from .launch_description import LaunchDescriptionEntity
from .utilities import describe


def format_arguments(description) -> str:
    """The listing of `ros2 launch --show-args`."""
    arguments, conditional = {}, set()
    for argument, is_conditional in _arguments(description, False):
        if argument.name not in arguments or (argument.name in conditional and not is_conditional):
            arguments[argument.name] = argument
            (conditional.add if is_conditional else conditional.discard)(argument.name)
    lines = ["Arguments (pass arguments as '<name>:=<value>'):"]
    for name, argument in arguments.items():
        lines += ['', f"    '{name}':{'*' if name in conditional else ''}", f'        {argument.description}']
        if argument.default_value is not None:
            lines.append(f'        (default: {describe(argument.default_value)})')
    if not arguments:
        lines += ['', '  No arguments.']
    if conditional:
        lines += ['', '* argument(s) which are only used if specific conditions occur']
    return '\n'.join(lines)


def format_description(entity: LaunchDescriptionEntity, depth: int = 0) -> str:
    """The entities as an indented tree."""
    condition = '' if entity.condition is None else f' [{type(entity.condition).__name__}]'
    lines = ['    ' * depth + entity.describe() + condition]
    lines += [format_description(sub_entity, depth + 1) for sub_entity in entity.sub_entities()]
    return '\n'.join(lines)


def arguments(description) -> list[DeclareLaunchArgument]:
    """The arguments that an entity and those inside it declare; the first of each name."""
    found = {}
    for argument, _ in _arguments(description, False):
        found.setdefault(argument.name, argument)
    return list(found.values())


def _arguments(entity, conditional: bool):
    conditional = conditional or entity.condition is not None
    if isinstance(entity, DeclareLaunchArgument):
        yield entity, conditional
    for sub_entity in entity.sub_entities():
        yield from _arguments(sub_entity, conditional)
