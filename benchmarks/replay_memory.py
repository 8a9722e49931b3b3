"""Disk space of a stored transition at 160x90, from files really written, and the time to open them again."""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from _options import options_in_range, refusals

from buffer_sampler.replay import Replay
from cost_profile.sampling import fill


def main(argv: Sequence[str]) -> int:
    """Prints a table and the figures as JSON."""
    with refusals():
        given = options_in_range(argv, transitions=10_000, height=90, width=160)
    count = given['transitions']
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = {'capacity': count, 'height': given['height'], 'width': given['width']}
        replay = Replay(folder, **size)
        began = time.perf_counter()
        fill(replay, count)
        append_ms = 1e3 * (time.perf_counter() - began) / count
        replay.close()
        files = sorted(folder.iterdir())
        apparent = sum(path.stat().st_size for path in files)
        blocks = sum(512 * path.stat().st_blocks for path in files)
        began = time.perf_counter()
        replay = Replay(folder, **size)
        open_ms = 1e3 * (time.perf_counter() - began)
        stored = len(replay)
        print(f'{"file":18} {"size MB":>9} {"on disk MB":>11}')
        for path in files:
            status = path.stat()
            print(f'{path.name:18} {status.st_size / 1e6:9.2f} {512 * status.st_blocks / 1e6:11.2f}')
        replay.close()
    print(f'{stored} transitions stored: {blocks / stored:.0f} bytes each on the disk')
    print(f'append {append_ms:.3f} ms each; open again {open_ms:.0f} ms')
    figures = {
        'bytes_per_transition': round(max(apparent, blocks) / stored, 1),
        'transitions': stored,
        'append_ms': round(append_ms, 4),
        'open_ms': round(open_ms, 1),
    }
    print(json.dumps(figures))
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
