"""Health of a container: whether the newest run in results/ still acts. Standard library only.

A run that is paused or waits for a person's word does not act either: unhealthy says that one should look.
"""

import sys
import time
from pathlib import Path

RESULTS = Path(__file__).resolve().parents[1] / 'results'
LONGEST_S = 60.0  # between two action cycles; a reset takes 3 s, what the recorder keeps back some more


def verdict(results: Path, now_s: float) -> tuple[bool, str]:
    """Returns whether the newest run acts, and a line on it.

    Args:
        results: the folder of run folders, and of campaigns, which hold some.
        now_s: time since the epoch [s].
    """
    found = [path for run in ('*', '*/*') for path in results.glob(f'{run}/cycle_timing.csv')]
    written = {path.parent.relative_to(results): path.stat().st_mtime for path in found}
    if not written:
        return False, f'no run in {results} has acted yet'
    name = max(written, key=written.__getitem__)
    ago_s = now_s - written[name]
    return (
        ago_s <= LONGEST_S,
        f'{name} recorded its last action cycle {ago_s:.0f} s ago (limit {LONGEST_S:.0f})',
    )


if __name__ == '__main__':
    acts, line = verdict(RESULTS, time.time())
    print(line)
    sys.exit(not acts)
