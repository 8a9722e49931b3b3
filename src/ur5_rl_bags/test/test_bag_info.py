"""What is printed of a bag; the command line of the real recorder."""

import sys
from pathlib import Path

import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
from bag_messages import bag, messages, write, writer_of

from ur5_rl_bags import rosbag2
from ur5_rl_bags.info import described
from ur5_rl_bags.reader import BagError

INFO = """
Files:             bag_0.mcap
                   bag_1.mcap
Bag size:          {size} KiB
Storage id:        mcap
ROS Distro:        {distro}
Duration:          9.100000000s
Start:             Nov 14 2023 22:13:20.000000000 (1700000000.000000000)
End:               Nov 14 2023 22:13:29.100000000 (1700000009.100000000)
Messages:          22
Topic information: Topic: /camera/image_raw | Type: sensor_msgs/msg/Image | Count: 10 | {cdr}
                   Topic: /episode | Type: ur5_rl_interfaces/msg/Episode | Count: 2 | {cdr}
                   Topic: /joint_states | Type: sensor_msgs/msg/JointState | Count: 10 | {cdr}
{empty}Service:           0
Service information: """
CDR = 'Serialization Format: cdr'
EMPTY = (
    19 * ' ' + 'Topic: /monitor/reward | Type: std_msgs/msg/Float32 | Count: 0 | Serialization Format: cdr\n'
)


@pytest.fixture(autouse=True)
def greenwich(monkeypatch):
    monkeypatch.setenv('TZ', 'UTC')
    monkeypatch.setenv('ROS_DISTRO', 'jazzy')


def size_of(folder):
    return f'{sum(path.stat().st_size for path in folder.iterdir()) / 1024:.1f}'


def test_the_fields_are_those_of_rosbag2_and_a_run_folder_stands_for_its_bag(tmp_path):
    folder = bag(tmp_path / 'bag', messages(10), split_bytes=6_000)
    expected = INFO.format(size=size_of(folder), distro='jazzy', empty=EMPTY, cdr=CDR)
    assert described(folder) == described(tmp_path) == expected
    assert described(folder, names_only=True).split('\n') == [
        '/camera/image_raw',
        '/episode',
        '/joint_states',
        '/monitor/reward',
    ]


def test_without_metadata_the_files_say_it(tmp_path):
    folder = bag(tmp_path / 'bag', messages(10), split_bytes=6_000)
    (folder / 'metadata.yaml').unlink()
    expected = INFO.format(size=size_of(folder), distro='unknown', empty='', cdr=CDR).split('\n')
    said = described(folder).split('\n')
    assert sorted(line[19:] for line in said) == sorted(line[19:] for line in expected)
    assert [line[:19] for line in said] == [line[:19] for line in expected]
    with pytest.raises(BagError):
        described(tmp_path / 'nowhere')


def test_what_a_bag_lacks_is_printed(tmp_path):
    writer = writer_of(tmp_path / 'bag')
    writer.lost['/episode'] += 2
    write(writer, messages(3))
    writer.close()
    assert described(tmp_path / 'bag').endswith('Service information: \nlost_messages: 2 (/episode 2)')


def test_the_command_line_of_the_real_recorder(tmp_path):
    words = rosbag2.command(tmp_path / 'bag', ['/a', '/b'], 512, {'run': 'run_1', 'python': '3.12.3'})
    assert ' '.join(words) == (
        f'ros2 bag record --storage mcap --output {tmp_path}/bag --storage-preset-profile zstd_fast '
        '--max-bag-size 512000000 --disable-keyboard-controls --custom-data run=run_1 python=3.12.3 '
        '--topics /a /b'
    )
    assert rosbag2.free_folder(tmp_path / 'bag') == tmp_path / 'bag'
    (tmp_path / 'bag').mkdir()
    (tmp_path / 'bag_1').mkdir()
    assert rosbag2.free_folder(tmp_path / 'bag') == tmp_path / 'bag_2'
    assert not rosbag2.available() or __import__('rosbag2_py')
