"""./ur5rl export: the episodes of a bag in a format that other programs read."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.export import source
from ur5_rl_bags.export.episodes import episodes
from ur5_rl_bags.export.output import whole_folder
from ur5_rl_bags.reader import Bag
from ur5_rl_graph.command import command, words_and_options

FORMATS = ('lerobot', 'hdf5', 'npz')


def writer_of(kind: str) -> type:
    """Returns the class that writes a format; only its own library is imported.

    Raises:
        ValueError: there is no such format, or its library is missing.
    """
    try:
        if kind == 'lerobot':
            from ur5_rl_bags.export.lerobot import LeRobotDataset

            return LeRobotDataset
        if kind == 'hdf5':
            from ur5_rl_bags.export.hdf5 import Hdf5File

            return Hdf5File
    except ModuleNotFoundError as error:
        raise ValueError(
            f'format is {kind}, which needs {error.name}: pip install the one of tools/requirements.txt'
        ) from None
    if kind == 'npz':
        from ur5_rl_bags.export.npz import NpzFiles

        return NpzFiles
    raise ValueError(f"format is '{kind}'; choose {', '.join(FORMATS)}")


def export(bag: Bag, given: dict[str, str]) -> str:
    """Writes the episodes of a bag; returns what was written, in one line.

    Raises:
        ValueError: the bag or an option is not as it should be; one line.
        OSError: the disk.
    """
    make, folder = writer_of(given['format']), Path(given['output'])
    namespace = source.namespace_of(bag, given['namespace'])
    about = source.about(bag, given)
    left_out: Counter = Counter()
    steps = count = 0
    shape: tuple[int, ...] = ()
    with whole_folder(folder) as part:
        writer = make(part, about)
        transitions = source.transitions(bag, namespace, left_out)
        for episode in episodes(transitions, source.summaries(bag, namespace), left_out):
            if (shape := shape or episode.frames.shape[1:]) != episode.frames.shape[1:]:
                raise BagError(
                    f'{bag.folder}: frames of episode {episode.number} are {episode.frames.shape[1:]}, those '
                    f'before it {shape}: two bags, one for each size, can be exported'
                )
            writer.add(episode)
            count, steps = count + 1, steps + len(episode)
        if not count:
            raise BagError(f'{bag.folder} holds no episode with its beginning: {_counted(left_out)}')
        writer.close()
    text = f'{count} episodes of {steps} steps are in {folder}'
    return f'{text}; {_counted(left_out)}' if left_out else text


def _counted(left_out: Counter) -> str:
    found = ', '.join(f'{count} {why}' for why, count in sorted(left_out.items()))
    return f'transitions left out: {found}'


def options_of(arguments: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Returns the bag and the options.

    Raises:
        ValueError: these are not the words of the command; one line.
    """
    asked = dict.fromkeys(('format', 'output', 'namespace', 'task', 'action_cycle'), '')
    bags, given = words_and_options(arguments, **asked)
    if len(bags) != 1 or not given['format'] or not given['output']:
        raise ValueError(
            'export needs one bag or run, a format and a folder: '
            f'./ur5rl export BAG format:={"|".join(FORMATS)} output:=FOLDER'
        )
    return bags[0], given


@command
def main(arguments: Sequence[str]) -> int:
    """Exports a bag. Returns 0: done, 2: it cannot be, 130: Ctrl-C; nothing half is left."""
    path, given = options_of(arguments)
    with Bag(path) as bag:
        print(export(bag, given))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
