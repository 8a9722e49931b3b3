"""Options of a benchmark: key:=value arguments."""


def options(argv: list[str], **defaults: str | float | int) -> dict:
    """Returns `key:=value` (or key=value) arguments, each of the type of its default.

    Raises:
        SystemExit: an unknown key, or a value of another type.
    """
    out = dict(defaults)
    known = ', '.join(f'{key}:={value}' for key, value in defaults.items())
    for argument in argv:
        key, _, value = argument.replace(':=', '=').partition('=')
        try:
            out[key] = type(defaults[key])(value)
        except (KeyError, ValueError):
            raise SystemExit(f'error: {argument!r} is no option; options and defaults: {known}') from None
    return out
