"""What config/fastdds.xml makes of the middleware that is installed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from own_domain import own_domain

pytest.importorskip('rclpy')
pytestmark = pytest.mark.graph

PROFILE = Path(__file__).resolve().parents[1] / 'config/fastdds.xml'
CODE = """
import pathlib, re, rclpy
rclpy.init()
node = rclpy.create_node('one')
maps = pathlib.Path('/proc/self/maps').read_text()
for path in set(re.findall(r'/dev/shm/fastrtps_[0-9a-f]+$', maps, re.MULTILINE)):
    print(pathlib.Path(path).stat().st_size)
rclpy.shutdown()
"""


@pytest.mark.parametrize('profile', [None, PROFILE])
def test_the_shared_memory_of_a_process_has_the_size_that_the_profile_says(profile):
    wanted = int(re.search(r'<segment_size>(\d+)<', PROFILE.read_text(encoding='utf-8'))[1])
    environment = {
        **os.environ,
        'ROS_DOMAIN_ID': str(own_domain()),
        'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST',
        'RMW_IMPLEMENTATION': 'rmw_fastrtps_cpp',
    }
    environment.pop('FASTRTPS_DEFAULT_PROFILES_FILE', None)
    if profile:
        environment['FASTRTPS_DEFAULT_PROFILES_FILE'] = str(profile)
    done = subprocess.run([sys.executable, '-c', CODE], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    size = max(map(int, done.stdout.split()))
    assert (size >= wanted) == bool(profile)
    assert wanted > 8 * 640 * 480 * 3, 'pictures of a camera fit'
