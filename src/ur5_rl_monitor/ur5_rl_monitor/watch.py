"""Opens a live view: beside a run that goes on, or of one that is over.

python -m ur5_rl_monitor.watch [RUN|BAG] [name:=value ...]
"""

import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from ur5_rl_graph.command import command
from ur5_rl_graph.options import options
from ur5_rl_graph.parameter_text import text_of
from ur5_rl_monitor.live_view_config import LiveViewConfig

SERVED = {name: getattr(LiveViewConfig, name) for name in ('address', 'port', 'memory_mb')}
LIVE = {'namespace': ''} | SERVED
RECORDED = {'checkpoint': '', 'setting': ''} | LIVE


@command
def main(argv: Sequence[str]) -> int:
    """Shows until Ctrl-C; returns the exit code."""
    paths = [word for word in argv if ':=' not in word]
    words = [word for word in argv if ':=' in word]
    if len(paths) > 1:
        raise ValueError(f'one RUN or BAG is shown at a time, not {", ".join(paths)}')
    chosen = options(words, **(RECORDED if paths else LIVE))
    config = LiveViewConfig(browser=True, **{name: chosen[name] for name in SERVED})
    if not paths:
        return watch(chosen)
    with contextlib.suppress(KeyboardInterrupt):
        from ur5_rl_monitor import watch_recorded  # brings torch, which is not for a busy machine

        watch_recorded.view(Path(paths[0]), config, chosen)
    return 0


def watch(chosen: dict) -> int:
    """Becomes the node that shows a run beside it."""
    from ur5_rl_monitor.nodes import live_view  # its imports are no part of reading the words

    values = {'browser': True} | {name: chosen[name] for name in SERVED}
    parameters = [word for name, value in values.items() for word in ('-p', f'{name}:={text_of(value)}')]
    inside = chosen['namespace'].strip('/')
    sys.argv[1:] = ['--ros-args', *(['-r', f'__ns:=/{inside}'] if inside else []), *parameters]
    return live_view.main()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
