"""Shares of processor time, from counters by hand."""

import pytest

from run_recorder.processors import Processors

THEN = 'cpu  100 10 20 1000 5 1 2 50 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n'


def write(root, path, text):
    path = root / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')


def shares(root, now):
    write(root, 'proc/stat', THEN)
    processors = Processors(root)
    write(root, 'proc/stat', f'cpu  {now} 0 0\n')
    return processors.shares()


def test_shares_are_those_since_the_start(tmp_path):
    found = shares(tmp_path, '130 20 25 1030 10 2 3 60')  # 30 10 5 30 5 1 1 10
    assert found.processors_busy_fraction == pytest.approx(47 / 92)
    assert found.processors_stolen_fraction == pytest.approx(10 / 92)
    assert str(found).endswith(
        '51 % busy, 10.9 % taken by the host of this virtual machine: the timing above suffers from it'
    )


def test_nothing_is_said_where_nothing_was_taken(tmp_path):
    found = shares(tmp_path, '150 10 20 1050 5 1 2 50')
    assert str(found) == 'processors: 50 % busy, 0.0 % taken by the host of this virtual machine'


def test_no_time_has_gone_by(tmp_path):
    assert shares(tmp_path, '100 10 20 1000 5 1 2 50') == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ('own', 'place'),
    [
        ('0::/user.slice/a:b\n', 'sys/fs/cgroup/user.slice/a:b'),
        ('0::/\n', 'sys/fs/cgroup'),  # a container
        ('9:name=systemd:/x\n4:cpu,cpuacct:/a/b\n0::/x\n', 'sys/fs/cgroup/cpu/a/b'),
        ('2:cpuacct,cpu:/docker/12\n', 'sys/fs/cgroup/cpu'),  # of the host, which a container does not see
        ('', 'sys/fs/cgroup'),
    ],
)
def test_a_limit_that_held_programs_back_is_told(tmp_path, own, place):
    def limit(periods, throttled):
        counters = f'nr_periods {periods}\nnr_throttled {throttled}\nthrottled_usec 5\nnr_bursts 0\n'
        write(tmp_path, f'{place}/cpu.stat', counters)

    write(tmp_path, 'proc/self/cgroup', own)
    write(tmp_path, 'sys/fs/cgroup/cpu.stat', 'usage_usec 7\n')
    write(tmp_path, 'proc/stat', THEN)
    limit(100, 10)
    processors = Processors(tmp_path)
    assert processors.shares().processors_throttled_fraction == 0.0
    limit(300, 60)
    found = processors.shares()
    assert found.processors_throttled_fraction == 0.25
    assert str(found).endswith(
        'held back by the limit of this container in 25.0 % of its periods: the timing above suffers from it'
    )
