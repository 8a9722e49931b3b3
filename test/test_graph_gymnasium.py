"""An agent of another library steps the environment of a graph that runs."""

import csv
import json
import signal
import subprocess
import sys

import pytest
from graph_run import ROOT, GraphRun

pytestmark = pytest.mark.graph

AGENT = """
import json
import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

env, other = (gymnasium.make('ur5_rl_gym:UR5-v0', timeout_s=120.0) for _ in range(2))
check_env(env.unwrapped, skip_close_check=True)


def episode(seed):
    # On a busy machine one is aborted now and then.
    while True:
        env.reset(seed=seed)
        rewards, truncated = [], False
        while not truncated:
            _, reward, _, truncated, info = env.step(np.zeros(5, np.float32))
            rewards.append(reward)
        if 'aborted' not in info:
            return info['episode_number'], len(rewards), sum(rewards)


whole = [episode(seed) for seed in (3, 4, 3)]
env.reset()
try:
    other.reset()
    refused = ''
except RuntimeError as error:
    refused = str(error)
other.close()
env.close()
print(json.dumps([whole, refused]))
"""


def test_gymnasiums_checker_passes_seeds_name_targets_and_there_is_one_actor(tmp_path):
    setting = f'setting:={ROOT}/test/smoke.yaml'
    with GraphRun(tmp_path, 'environment.launch.py', setting) as run:
        command = [sys.executable, '-W', 'ignore', '-c', AGENT]
        agent = subprocess.run(command, env=run.environment, capture_output=True, text=True, timeout=600)
        assert agent.returncode == 0, agent.stderr + run.output
        whole, refused = json.loads(agent.stdout.splitlines()[-1])
        run.process.send_signal(signal.SIGINT)
        assert run.end(60) == 0, run.output
        assert run.left() == []
    assert 'Traceback' not in run.output
    assert '1 other actor(s) in this graph: launch it without one' in refused
    with (run.run_folder / 'episodes.csv').open(newline='') as file:
        rows = {int(row['episode']): row for row in csv.DictReader(file)}
    shown = [(rows[number]['target_x'], rows[number]['target_y']) for number, _, _ in whole]
    assert shown[0] == shown[2] != shown[1]
    for number, steps, total in whole:
        assert steps == int(rows[number]['steps']) == 30
        assert total == pytest.approx(float(rows[number]['return']), rel=1e-4)
