"""Freed memory is used again: what comes in megabytes costs no page faults each time."""

import os
import subprocess
import sys

FAULTS = """
import resource
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(10):
        [bytearray(5_000_000) for _ in range(4)]  # as a message, its bytes and its array
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
"""
NODE = f"""
{FAULTS}
from ur5_rl_graph import main
def make():
    faults()
    print(faults())
    raise ValueError('measured')
main.run(make)
"""
PAGES = 10 * 4 * 5_000_000 // 4096


def count(code):
    env = os.environ | {'PYTHONPATH': os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, '-c', code], env=env, capture_output=True, text=True)
    return int(done.stdout)


def test_a_node_faults_in_its_megabytes_once():
    assert count(f'{FAULTS}faults(); print(faults())') > 0.9 * PAGES  # else there is nothing to keep
    assert count(NODE) < 0.1 * PAGES
