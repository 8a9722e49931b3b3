"""How much memory is left, of a machine and of a container, as the kernel's files say it."""

import pytest

from ur5_rl_graph import free_memory

MACHINE = 'MemTotal: 9000 kB\nMemFree: 100 kB\nMemAvailable:    4000 kB\nBuffers: 7 kB\n'
WHOLE = 1024.0 * 4000
STAT = 'anon 7\nfile 600000\nworkingset_inactive_file 1\ninactive_file 500000\nactive_file 100000\n'


@pytest.mark.parametrize(
    ('group', 'expected'),
    [
        ({}, WHOLE),  # no container, or its outermost group
        ({'max': 'max\n', 'current': '1000\n', 'stat': STAT}, WHOLE),
        ({'max': '3000000\n', 'current': '1000000\n', 'stat': STAT}, 2_500_000.0),
        ({'max': '9000000000\n', 'current': '1000000\n', 'stat': STAT}, WHOLE),  # more than the machine has
        ({'max': '3000000\n', 'stat': STAT}, WHOLE),
        ({'max': '', 'current': '', 'stat': STAT}, WHOLE),
    ],
)
def test_the_smaller_of_what_machine_and_container_have_left_counts(group, expected, tmp_path, monkeypatch):
    folder = tmp_path / 'sys/fs/cgroup'
    folder.mkdir(parents=True)
    for name, text in group.items():
        (folder / f'memory.{name}').write_text(text, encoding='utf-8')
    (tmp_path / 'proc').mkdir()
    (tmp_path / 'proc/meminfo').write_text(MACHINE, encoding='utf-8')
    monkeypatch.setattr(free_memory, 'Path', lambda name: tmp_path / name.lstrip('/'))
    assert free_memory.available_memory() == expected
