"""Makes a film of episodes: python -m ur5_rl_video RUN|CHECKPOINT|BAG [name:=value ...]."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ur5_rl_graph.command import command, words_and_options
from ur5_rl_graph.options import Defaults

OPTIONS: Defaults = {
    'episodes': 3,
    'task': '',
    'setting': '',
    'seed': 12345,
    'checkpoint': '',
    'namespace': '',
    'output': '',
}
MOST = 1000
"""The largest number of episodes."""


@command
def main(argv: Sequence[str]) -> int:
    """Makes the film; returns the exit code."""
    words, chosen = words_and_options(argv, **OPTIONS)
    if len(words) != 1:
        raise ValueError('video needs one run, checkpoint or bag: ./ur5rl video RUN|CHECKPOINT|BAG')
    if not 1 <= chosen['episodes'] <= MOST:
        raise ValueError(f'episodes is {chosen["episodes"]}; allowed is 1 to {MOST}')
    film(Path(words[0]), chosen)
    return 0


def film(path: Path, chosen: dict) -> None:
    """Writes the film of what `path` leads to.

    Raises:
        ValueError, OSError: nothing that can be shown, an output that is there, a full disk, no OpenGL.
    """
    from ur5_rl_video import sources
    from ur5_rl_video.shooting import shoot  # which chooses an OpenGL, and fails where there is none

    source = sources.find(path, chosen, lambda line: print(f'note: {line}', flush=True))
    base = Path(chosen['output']) if chosen['output'] else default_output(path, source.name)
    if not base.parent.is_dir():
        raise ValueError(f'output is {base}, and there is no folder {base.parent}')
    for written in shoot(source, base, Path(chosen['checkpoint'] or source.name).stem):
        print(f'{written}: {written.stat().st_size / 1e6:.1f} MB', flush=True)


def default_output(path: Path, name: str) -> Path:
    """Returns the base of the files: in the folder of a run, beside its bag, else in the present folder."""
    from ur5_rl_video.sources import run_of

    if run_of(path):
        return path / 'video'
    return path.parent / f'video_{path.name}' if run_of(path.parent) else Path(f'video_{name}')


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
