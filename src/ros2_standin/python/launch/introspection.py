"""The arguments that a launch file offers, without running it."""

from .actions import DeclareLaunchArgument
from .utilities import describe


def format_arguments(description) -> str:
    """The listing of `ros2 launch --show-args`."""
    listed, conditional = {}, set()
    for argument, is_conditional in _declared(description, False):
        if argument.name not in listed or (argument.name in conditional and not is_conditional):
            listed[argument.name] = argument
            (conditional.add if is_conditional else conditional.discard)(argument.name)
    lines = ["Arguments (pass arguments as '<name>:=<value>'):"]
    for name, argument in listed.items():
        lines += ['', f"    '{name}':{'*' if name in conditional else ''}", f'        {argument.description}']
        if argument.default_value is not None:
            lines.append(f'        (default: {describe(argument.default_value)})')
    if not listed:
        lines += ['', '  No arguments.']
    if conditional:
        lines += ['', '* argument(s) which are only used if specific conditions occur']
    return '\n'.join(lines)


def arguments(description) -> list[DeclareLaunchArgument]:
    """The arguments that an entity and those inside it declare; the first of each name."""
    found = {}
    for argument, _ in _declared(description, False):
        found.setdefault(argument.name, argument)
    return list(found.values())


def _declared(entity, conditional: bool):
    conditional = conditional or entity.condition is not None
    if isinstance(entity, DeclareLaunchArgument):
        yield entity, conditional
    for sub_entity in entity.sub_entities():
        yield from _declared(sub_entity, conditional)
