"""Options of a command: key:=value arguments."""


def options(argv: list[str], **defaults: str | float | int) -> dict:
    """Returns `key:=value` (or key=value) arguments, each of the type of its default.

    Raises:
        ValueError: an unknown key, or a value of another type.
    """
    out = dict(defaults)
    known = ', '.join(f'{key}:={value}' for key, value in defaults.items())
    for argument in argv:
        key, _, value = argument.replace(':=', '=', 1).partition('=')
        try:
            out[key] = type(defaults[key])(value)
        except (KeyError, ValueError):
            raise ValueError(f'{argument!r} is no option; options and defaults: {known}') from None
    return out
