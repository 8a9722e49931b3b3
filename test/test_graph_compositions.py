"""The other compositions of the same nodes, for short runs: Seq-SAC, Async-SAC-1, an evaluation."""

import csv
import json
import re
import signal
from dataclasses import asdict

import pytest
import yaml
from graph_run import ROOT, GraphRun, require_ros

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import save_checkpoint
from sac_learner.learner import SacLearner
from ur5_rl_graph import declared

pytestmark = pytest.mark.graph
require_ros()

AGENT = AgentConfig(
    crop_width=76, crop_height=42, channels=4, strides=(2, 2, 1, 1), hidden_width=16, batch_size=8
)


@pytest.fixture
def smoke(tmp_path):
    """The argument that names the setting of tests, with few random steps."""
    path = tmp_path / 'smoke.yaml'
    text = (ROOT / 'test/smoke.yaml').read_text()
    path.write_text(re.sub('random_steps: .*', 'random_steps: 20', text))
    return f'setting:={path}'


def rows(path):
    if not path.exists():
        return []
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


def order_of_work(folder):
    """Names of the spans in the order of their beginning, from the first update on.

    Where every component has told: each reports once a second, heard late at first and on a busy machine.
    """
    work = ('transition', 'store', 'sample', 'update', 'act')
    told = [row for row in rows(folder / 'spans.csv') if row['span'] in work]
    table = sorted((float(row['start_s']), row['span'], row['component']) for row in told)
    newest = {component: start for start, _, component in table}
    oldest = {component: start for start, _, component in reversed(table)}
    since, until = (max(oldest.values()), min(newest.values())) if len(newest) == 3 else (0.0, 0.0)
    order = [name for start, name, _ in table if since <= start < until]
    return ' '.join(order[order.index('update') :]) if 'update' in order else ''


def parameters(folder, node):
    return yaml.safe_load((folder / 'configuration.yaml').read_text())[f'/{node}']['ros__parameters']


def test_seq_sac_updates_before_it_acts_and_comes_back_when_killed(tmp_path, smoke):
    with GraphRun(tmp_path, 'seq_sac.launch.py', smoke, 'duration:=0', 'action_cycle:=0.08') as run:
        run.wait_until(lambda: order_of_work(run.run_folder).count('update') > 20, '20 updates')
        order = order_of_work(run.run_folder)
        assert len(run.processes('/process ')) == 1
        assert run.processes('sac_learner/learner buffer_sampler/buffer_sampler sac_learner/actor')
        run.kill('learner')  # it is one with actor and sampler
        run.wait_for('learner: resumes', 300)
        episodes = len(rows(run.run_folder / 'episodes.csv'))
        run.wait_until(lambda: len(rows(run.run_folder / 'episodes.csv')) > episodes + 1, 'further episodes')
        run.process.send_signal(signal.SIGINT)
        run.end(150)
        assert run.left() == []
    assert 'Traceback' not in run.output
    sampler = parameters(run.run_folder, 'buffer_sampler')
    assert (sampler['governor'], sampler['slots']) == ('exactly', 1)
    assert parameters(run.run_folder, 'environment')['action_cycle_s'] == 0.08
    last = '( update act| update)'  # the last observation of an episode needs no action
    assert re.fullmatch(f'update( act)?( transition store sample{last})*( transition.*)?', order), order


def test_async_sac_1_samples_and_updates_in_turn_beside_the_interaction(tmp_path, smoke):
    with GraphRun(tmp_path, 'async_sac_1.launch.py', smoke, 'duration:=0') as run:
        run.wait_for(r'updates [1-9]\d+ ', 300)
        assert run.processes('buffer_sampler/buffer_sampler sac_learner/learner')
        assert run.ros2('param', 'set', '/buffer_sampler', 'governor', 'exactly')
        assert run.ros2('param', 'set', '/buffer_sampler', 'updates_per_step', '2.0')
        run.wait_until(lambda: waited(run.run_folder), 'action that waited for two updates')
        assert run.ros2('param', 'set', '/buffer_sampler', 'governor', 'at_most')
        run.process.send_signal(signal.SIGINT)
        run.end(150)
        assert run.left() == []
    assert 'Traceback' not in run.output
    order = [name for name in order_of_work(run.run_folder).split() if name in ('sample', 'update')]
    assert order == ['update', 'sample'] * (len(order) // 2) + ['update'] * (len(order) % 2)


def waited(folder):
    return 'transition store sample update sample update act' in order_of_work(folder)


def test_evaluation_ends_by_itself_and_records_its_returns(tmp_path, smoke):
    path = tmp_path / 'learner.safetensors'
    save_checkpoint(path, SacLearner(AGENT, 0).get_state(), asdict(AGENT))
    with GraphRun(tmp_path, 'evaluate.launch.py', smoke, f'checkpoint:={path}', 'episodes:=2') as run:
        assert run.end(120) == 0, run.output
        assert run.left() == []
    assert 'Traceback' not in run.output
    assert not run.output.count('learner-') and not run.output.count('buffer_sampler-')
    found = json.loads((run.run_folder / 'evaluation.json').read_text())
    assert len(found['returns']) == 2
    assert f'evaluation: mean return {found["mean"]:.1f}, sd {found["sd"]:.1f} over 2 episodes' in run.output
    actor = parameters(run.run_folder, 'actor')
    assert (actor['deterministic'], actor['random_steps']) == (True, 0)
    evaluating = ('actor', 'arm_driver', 'environment', 'robot_cell', 'run_recorder', 'target_monitor')
    for node in (*evaluating, 'robot_state_publisher'):
        of_ros = {'use_sim_time', 'start_type_description_service'}
        own = parameters(run.run_folder, node).keys() - of_ros - {'run_identity', 'run_started_s'}
        assert own == declared.fields(node).keys(), node


@pytest.mark.parametrize(
    ('launch', 'arguments', 'sentence'),
    [
        (
            'evaluate',
            ['checkpoint:=/nowhere/at/all'],
            "checkpoint is '/nowhere/at/all'; /nowhere/at/all is not there: give checkpoint:=",
        ),
        ('seq_sac', ['action_cycle:=fast'], "action_cycle is 'fast'; give seconds, such as 0.08"),
        ('seq_sac', ['action_cycle:=0.05'], 'choose 0.048 or 0.056'),
        ('seq_sac', ['durration:=5'], "there is no argument 'durration'; the nearest is duration"),
        ('async_sac_1', ['setting:=enormous'], "setting is 'enormous'; choose baseline"),
    ],
)
def test_bad_argument_gets_one_line_and_starts_nothing(tmp_path, launch, arguments, sentence):
    with GraphRun(tmp_path, f'{launch}.launch.py', *arguments) as run:
        assert run.end(150) != 0
        assert sum(sentence in line for line in run.output.splitlines()) == 1, run.output
        assert 'Traceback' not in run.output
        assert 'process started' not in run.output


@pytest.mark.parametrize(
    ('launch', 'arguments', 'sentence'),
    [
        ('evaluate', ['checkpoint:={other}'], 'channels 3 there, 4 here; choose its own setting'),
        ('seq_sac', ['init:={other}'], 'choose its own setting'),
    ],
)
def test_a_checkpoint_of_another_setting_starts_nothing(tmp_path, smoke, launch, arguments, sentence):
    other = tmp_path / 'other.safetensors'
    config = AgentConfig(crop_width=76, crop_height=42, channels=3, strides=(2, 2, 1, 1), hidden_width=16)
    save_checkpoint(other, SacLearner(config, 0).get_state(), asdict(config))
    arguments = [argument.format(other=other) for argument in arguments]
    with GraphRun(tmp_path, f'{launch}.launch.py', smoke, *arguments) as run:
        assert run.end(150) != 0
        assert run.left() == []
        assert sentence in run.output
        assert 'process started' not in run.output, 'the launch refuses it itself'
        assert 'Traceback' not in run.output
