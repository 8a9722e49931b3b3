"""The real launch file, for short runs: what comes out, what Ctrl-C leaves, what killed nodes lose."""

import csv
import json
import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest
import yaml
from graph_run import ROOT, GraphRun, require_ros
from mcap.reader import make_reader
from safetensors import safe_open

from run_reading import identity, outcome, show_timeline
from run_reading.report import facts, making
from ur5_rl_bags import metadata
from ur5_rl_bags.exact_replay import replay
from ur5_rl_bags.reader import Bag

pytestmark = pytest.mark.graph
require_ros()

SMOKE = f'setting:={ROOT / "test/smoke.yaml"}'
STEPS = 30
"""Of an episode there: 1.2 s."""
LAUNCH = 'async_sac_2.launch.py'
IN_A_BAG = (
    *('joint_states', 'arm/status', 'arm/velocity_command', 'arm/executed_command', 'camera/image_raw'),
    *('target', 'target_start', 'action', 'transition', 'episode', 'cycle_timing', 'parameter_events'),
)
SPANS = {
    *(('environment', name) for name in ('observe', 'command', 'reset')),
    *(('actor', name) for name in ('act', 'transition', 'load')),
    *(('buffer_sampler', name) for name in ('store', 'sample')),
    *(('learner', name) for name in ('handover', 'update', 'weights', 'checkpoint')),
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline='') as file:
        return list(csv.DictReader(file))


def spans(folder: Path) -> set[tuple[str, str]]:
    """The kinds of work that the run has told of."""
    return {(row['component'], row['span']) for row in rows(folder / 'spans.csv')}


def assert_complete(folder: Path, begun: int = 1) -> None:
    """Everything that a run folder must hold.

    On a busy machine a recorder and an environment, of which one has just begun, may find each other late.
    Then the cycles of an episode are missed, at most as often as one of them has begun.
    """
    episodes = [row for row in rows(folder / 'episodes.csv') if row['aborted'] == '0']
    assert len(episodes) > begun
    assert all(int(row['steps']) == STEPS for row in episodes)
    cycles = STEPS * (len(episodes) - begun)
    assert len(rows(folder / 'cycle_timing.csv')) >= cycles
    assert json.loads((folder / 'timing.json').read_text())['cycles'] >= cycles
    assert (folder / 'learning_curve.png').read_bytes().startswith(b'\x89PNG')
    assert any((folder / 'tensorboard').iterdir())
    configuration = yaml.safe_load((folder / 'configuration.yaml').read_text())
    assert configuration['/learner']['ros__parameters']['batch_size'] == 8
    assert configuration['/environment']['ros__parameters']['task'] == 'reaching'
    with safe_open(folder / 'checkpoints/learner.safetensors', 'numpy') as checkpoint:
        assert checkpoint.get_tensor('updates') > 0


def assert_ended_in_order(output: str) -> None:
    """Arm at rest, program stopped, client gone, controller ended; and the client has found nothing wrong."""
    said = [line.partition('robot controller: ')[2] for line in output.splitlines()]
    ends = ('program ended', 'control client closed', 'ended; ')
    program, *after = [line for line in said if line.startswith(ends)][-3:]
    # Where a machine keeps the client from its core for 48 ms, the controller has not waited for it.
    assert re.match('program ended: (stopped by the client; the arm is at rest|watchdog: )', program), output
    assert [line.partition(';')[0] for line in after] == ['control client closed its connection', 'ended'], (
        output
    )
    assert 'xception' not in output and 'Traceback' not in output


def summary(folder: Path) -> dict:
    return json.loads((folder / 'summary.json').read_text())


def test_run_by_itself_whose_recorder_dies_at_its_end_and_which_is_resumed(tmp_path, monkeypatch):
    deadly = tmp_path / 'deadly'
    (deadly / 'matplotlib').mkdir(parents=True)
    (deadly / 'matplotlib/__init__.py').write_text('import os\nos._exit(9)\n')
    with monkeypatch.context() as at_first:
        at_first.setenv('PYTHONPATH', os.pathsep.join([str(deadly), os.environ.get('PYTHONPATH', '')]))
        with GraphRun(tmp_path, LAUNCH, SMOKE, 'duration:=10', 'seed:=3') as run:
            assert run.end(300) == 0, run.output
            assert run.left() == []
    folder, before = run.run_folder, summary(run.run_folder)
    assert outcome.doubt(before, {'duration': 10.0}) == ''
    assert run.output.count('the duration of 10 s is over') >= 2, run.output
    assert 'learning_curve.png was not drawn: the recorder died' in run.output
    # On a busy machine an episode may be aborted, an image be late, the sampler be found after first steps.
    assert not before['lost'].keys() & {'messages refused', 'protective stops', 'spans'}
    assert 'lost or dropped: ' in run.output
    assert_ended_in_order(run.output)

    with GraphRun(tmp_path, LAUNCH, SMOKE) as again:
        assert again.end(60) != 0
    assert f'which holds a run: resume:={folder} goes on with one that learns' in again.output
    assert 'process started' not in again.output and summary(folder) == before

    ended = finished(folder)
    monkeypatch.setenv('MPLBACKEND', 'module://matplotlib_inline.backend_inline')
    with GraphRun(tmp_path, LAUNCH, 'duration:=0', resume=True) as run:
        wait_for_learning(run, before['updates'])
        run.wait_until(lambda: finished(folder) > max(ended, 2), 'three episodes, one of them new')
        run.wait_until(lambda: spans(folder) >= SPANS, 'spans of every kind')  # told once a second
        shared = run.shared_memory()
        run.process.send_signal(signal.SIGINT)
        assert run.end(150) == 0, run.output
        assert run.left() == [] and len(shared) >= 5
    assert_complete(folder, begun=2)
    after = summary(folder)
    assert all(after[name] > before[name] for name in ('elapsed_s', 'steps', 'updates', 'episodes'))
    learner = rows(folder / 'learner.csv')
    assert int(learner[-1]['weights_version']) > int(learner[0]['weights_version'])
    episodes = [int(row['episode']) for row in rows(folder / 'episodes.csv')]
    assert episodes == sorted(set(episodes)) and int(rows(folder / 'episodes.csv')[-1]['total_steps']) > 100
    assert json.loads((folder / 'run.json').read_text())['seed'] == 3
    assert 'learner: resumes' in run.output and 'buffer_sampler: 0 transitions' not in run.output
    assert 'Traceback' not in run.output
    assert show_timeline.main([str(folder)]) == 0
    assert making.make(folder) == []
    told = facts.read(folder)
    assert told.planned_ms == 40.0 and len(identity.origins(told.about)) == 1 and 'lost' in told.summary
    # In DDS; who is ended in it (`teardown`, `hung`) leaves its segment.
    hung = run.output.count('] Timeout (') + run.output.count(', exit code -14,')
    assert len([path for path in shared if path.exists()]) <= hung


def assert_frames_connected(run: GraphRun) -> None:
    """tf leads from every frame that a message names to base_link; the markers are drawn in such frames."""

    def heard(topic: str, *field: str):
        text = run.ros2('topic', 'echo', '--once', '--full-length', topic, *field)
        return yaml.safe_load(text.partition('---')[0])

    parent = {
        transform['child_frame_id']: transform['header']['frame_id']
        for topic in ('/tf_static', '/tf')
        for transform in heard(topic)['transforms']
    }
    named = {heard(f'/{topic}', '--field', 'header')['frame_id'] for topic in ('joint_states', 'target')}
    named.add(heard('/camera/camera_info', '--field', 'header')['frame_id'])
    named |= {marker['header']['frame_id'] for marker in heard('/markers_static')['markers']}
    assert named == {'base_link', 'monitor', 'camera_optical_frame'}
    for frame in named:
        while frame != 'base_link':
            frame = parent[frame]


COMPONENTS = (
    *('arm_driver: arm', 'camera: frames', 'environment: synchronisation', 'environment: action cycle'),
    *('buffer_sampler: sampler', 'learner: learner', 'run_recorder: recorder', 'run_recorder: disk'),
)


def assert_shown(run: GraphRun) -> None:
    """What people look at is there again after it was killed."""
    wanted = {'watchdog_trips', 'frames per s', 'updates', 'total_steps', 'free [GB]', 'behind [s]'}

    def heard_of_all() -> bool:
        told = yaml.safe_load_all(run.ros2('topic', 'echo', '--once', '--full-length', '/diagnostics'))
        statuses = {status['name']: status for status in next(told)['status']}
        assert tuple(statuses) == COMPONENTS
        assert {status['hardware_id'] == 'ur5 simulated' for status in statuses.values()} == {True, False}
        return wanted <= {pair['key'] for status in statuses.values() for pair in status['values']}

    run.wait_until(heard_of_all, f'diagnostics with {wanted}')
    picture = run.ros2('topic', 'echo', '--once', '--field', 'width', 'monitor/network_view')
    assert picture.split()[0] == str(4 * 160)


def test_ctrl_c_leaves_a_complete_folder_and_no_process(tmp_path):
    with GraphRun(tmp_path, LAUNCH, SMOKE, 'duration:=0', 'monitor:=true') as run:
        run.wait_for(r'episode ([2-9]|\d\d+) ', 120)  # a line tells of the newest
        wait_for_learning(run)
        run.wait_until(lambda: finished(run.run_folder) > 1, 'two episodes')
        run.kill('network_view')
        run.kill('diagnostics')
        if run.processes('/live_view '):
            run.kill('live_view')
        else:  # its viewer is not installed, or its port is taken
            assert re.search(r'live_view.*the run goes on without it', run.output), run.output
        wanted = {'/observation', '/mini_batch', '/policy_weights', '/joint_states'}
        # Discovery takes its time on a busy machine: a list may be incomplete.
        run.wait_until(lambda: wanted <= set(run.ros2('topic', 'list').split()), f'list of {wanted}')
        assert_frames_connected(run)
        assert_shown(run)
        run.process.send_signal(signal.SIGINT)
        run.end(150)
        assert run.left() == []
    assert_complete(run.run_folder)
    assert 'is complete' in run.output
    assert_ended_in_order(run.output)


def test_every_killed_node_comes_back_and_the_run_goes_on(tmp_path):
    nodes = [
        'learner',
        'bag_recorder',  # it goes on with a file of its own while the next ones are killed
        'actor',
        'buffer_sampler',
        'environment',
        'arm_driver',
        'target_monitor',
        'robot_cell',
        'run_recorder',
    ]
    with GraphRun(tmp_path, LAUNCH, SMOKE, 'duration:=0', 'record:=true') as run:
        wait_for_learning(run)
        second = run.run_folder / 'bag/bag_1.mcap'
        for node in nodes:
            before = finished(run.run_folder)
            run.kill(node)
            after = f'an episode after {node} was killed'
            run.wait_until(lambda before=before: finished(run.run_folder) > before, after)
            if node == 'bag_recorder':
                run.wait_until(lambda: size(second) > 0, f'{second}')
        for node in ('environment', 'bag_recorder', 'run_recorder'):
            assert run.begun(node) == 2 + run.lost_by_dds(node)
        killed = len(run.output)
        run.process.send_signal(signal.SIGTERM)
        run.end(150)
        assert run.left() == []
    assert_ended_in_order(run.output[killed:])
    begun = run.begun('environment')
    assert_complete(run.run_folder, begun=begun + run.begun('run_recorder') - 1)
    assert 'learner: resumes' in run.output
    assert_recorded(run)
    assert 2 <= assert_replayed(run.run_folder) <= begun


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def assert_recorded(run: GraphRun) -> None:
    """The bag of a run whose recorder was killed once, and whose other nodes were, too."""
    said, folder = [], run.run_folder / 'bag'
    with Bag(folder, said.append) as bag:
        topics = {name for name, topic in bag.topics.items() if topic.count}
        recorded = Counter(type(bag.deserialised(message)).__name__ for message in bag.messages())
        files = bag.files
    assert 2 <= len(files) <= run.begun('bag_recorder')
    assert topics >= {f'/{name}' for name in IN_A_BAG} and '/observation' not in topics
    assert recorded['Transition'] >= STEPS and recorded['Image'] >= 50 and recorded['JointState'] >= 250
    assert said == [], 'the recorder that came back has completed the file of the one before'
    about = metadata.read(folder)
    assert about.message_count == recorded.total() and about.custom_data['revision']
    assert 'bag_0.mcap was not closed' in about.custom_data['gaps']
    assert f'bag {folder}: {recorded.total()} messages of' in run.output
    with files[-1].open('rb') as file:
        attached = {attachment.name: attachment.data for attachment in make_reader(file).iter_attachments()}
    assert attached['run.json'] == (run.run_folder / 'run.json').read_bytes()
    assert attached['configuration.yaml'] == (run.run_folder / 'configuration.yaml').read_bytes()


def assert_replayed(folder: Path) -> int:
    """The bag of the run is lived again without a difference. Returns how many environments lived in it."""
    with Bag(folder) as bag:
        again = replay(bag, '/')
    said = list(again.report())
    assert said[-1] == 'no difference', '\n'.join(said)
    compared, complete = again.comparison.compared, finished(folder)
    assert compared['episode'] >= 0.5 * complete, compared
    assert compared['transition'] >= 0.4 * STEPS * complete, compared
    return len(again.replayer.lives)


def finished(folder: Path) -> int:
    """Episodes that ended by the time limit."""
    path = folder / 'episodes.csv'
    return sum(row['aborted'] == '0' for row in rows(path)) if path.exists() else 0


def wait_for_learning(run: GraphRun, updates: int = 0) -> None:
    """Waits for more updates, a checkpoint and the learner's parameters: its start takes its time."""
    folder = run.run_folder
    checkpoint = folder / 'checkpoints/learner.safetensors'

    def learned() -> bool:
        path = folder / 'learner.csv'
        return path.exists() and any(int(row['updates'] or 0) > updates for row in rows(path))

    def saved() -> bool:
        if not checkpoint.exists():
            return False
        with safe_open(checkpoint, 'numpy') as kept:
            return kept.get_tensor('updates') > updates

    def known() -> bool:
        path = folder / 'configuration.yaml'
        return path.exists() and '/learner:' in path.read_text(encoding='utf-8')

    run.wait_until(learned, f'more than {updates} updates')
    run.wait_until(saved, f'checkpoint of more than {updates} updates')
    run.wait_until(known, 'parameters of the learner')


@pytest.mark.parametrize(
    ('arguments', 'sentence'),
    [
        (['task:=juggling'], 'juggling'),
        (['resume:=/nowhere'], 'resume is /nowhere; there is no such folder'),
        (['setting:=enormous'], "setting is 'enormous'; choose baseline"),
        (['robot_ip:=192.0.2.1'], 'needs a real one: camera:=0'),
        (['robot_ip:=192.0.2.1', 'camera:=0'], 'a blank monitor: display:=:0, or display:=none where'),
    ],
)
def test_bad_argument_gets_one_line_and_starts_nothing(tmp_path, arguments, sentence):
    with GraphRun(tmp_path, LAUNCH, *arguments) as run:
        assert run.end(150) != 0
        assert sum(sentence in line for line in run.output.splitlines()) == 1, run.output
        assert 'Traceback' not in run.output
        assert 'process started' not in run.output


def test_parameter_out_of_range_ends_the_launch_with_its_limits(tmp_path):
    setting = tmp_path / 'wrong.yaml'
    setting.write_text((ROOT / 'test/smoke.yaml').read_text() + '    critic_rate: 5.0\n')
    with GraphRun(tmp_path, LAUNCH, f'setting:={setting}') as run:
        run.end(150)
        assert run.left() == []
        assert 'critic_rate' in run.output and '0.1' in run.output
        assert 'Traceback' not in run.output


def test_busy_port_of_the_simulated_controller_ends_the_launch(tmp_path):
    with GraphRun(tmp_path, LAUNCH, SMOKE, hold_port=30004) as run:
        assert run.end(150) != 0
        assert run.left() == []
        assert run.output.count('its last line says why') == 1
        assert any('30004' in line and 'robot_cell' in line for line in run.output.splitlines()), run.output
        assert 'Traceback' not in run.output
