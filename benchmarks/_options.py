"""Options of a benchmark: key:=value arguments."""

from ur5_rl_graph import options as graph_options


def options(argv: list[str], **defaults: str | float | int) -> dict:
    """Returns what `ur5_rl_graph.options` makes of the arguments; SystemExit where it refuses one."""
    try:
        return graph_options.options(argv, **defaults)
    except ValueError as error:
        raise SystemExit(f'error: {error}') from None
