"""./ur5rl export of bags in files: what it writes, what it refuses, in one line each."""

import errno
import json
from pathlib import Path

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
import numpy as np
from exported_steps import steps
from full_disk import no_room
from rclpy.serialization import serialize_message
from recorded_world import RecordedWorld, written
from rosbags.rosbag2 import StoragePlugin, Writer
from std_msgs.msg import Float32

from ur5_rl_bags import definitions, exact_replay, share_done
from ur5_rl_bags.bag_contents import Recorded
from ur5_rl_bags.carried import TASK
from ur5_rl_bags.export import __main__ as command
from ur5_rl_bags.export import source
from ur5_rl_bags.export.output import whole_folder
from ur5_rl_bags.metadata import TopicEntry
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.writer import BagWriter
from ur5_rl_graph import messages, topics
from ur5_rl_graph.writing import Writing

ROOT = Path(__file__).resolve().parents[3]

GIVEN = ('action_cycle:=0.04', 'task:=look at it')


@pytest.fixture(scope='module')
def recorded():
    return RecordedWorld().begin().run(2.0).end()


@pytest.fixture
def bag(recorded, tmp_path):
    return written(tmp_path / 'bag', recorded)


def export(bag, folder, *words, kind='npz'):
    return command.main([str(bag), f'format:={kind}', f'output:={folder}', *words])


def of_transitions(sent):
    return [('transition', 10**18 + k, messages.msg_from_transition(step)) for k, step in enumerate(sent)]


def test_all_that_a_bag_holds_is_there(recorded, bag, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(share_done, 'LINE_S', 0.0)
    assert export(bag, tmp_path / 'out', *GIVEN) == 0
    about = json.loads((tmp_path / 'out/metadata.json').read_text())
    ends = [message for name, _, message in recorded if name == 'episode']
    sent = [message for name, _, message in recorded if name == 'transition']
    rows = about['episodes'][: len(ends)]
    assert [row['number'] for row in rows] == [end.episode for end in ends]
    assert [row['return'] for row in rows] == pytest.approx([end.episode_return for end in ends], rel=1e-5)
    assert [row['target'] for row in rows] == [[end.target_x, end.target_y] for end in ends]
    assert {row['end'] for row in rows} == {'time limit'} and about['instruction'] == 'look at it'
    assert sum(row['steps'] for row in about['episodes']) == len(sent)
    arrays = [np.load(tmp_path / 'out' / row['file']) for row in about['episodes']]
    rewards = np.concatenate([each['rewards'] for each in arrays])
    np.testing.assert_array_equal(rewards, np.array([message.reward for message in sent], np.float32))
    printed = capsys.readouterr()
    assert f'{len(about["episodes"])} episodes of {len(sent)} steps are in {tmp_path / "out"}' in printed.out
    assert printed.err.splitlines()[1] == f'{100 // len(sent)} %: 1 of {len(sent)} transitions'


@pytest.mark.parametrize('kind', command.FORMATS)
def test_every_format_is_written_whole(bag, tmp_path, kind):
    assert export(bag, tmp_path / 'out', *GIVEN, kind=kind) == 0
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith('out')] == ['out']


@pytest.mark.parametrize('kind', command.FORMATS)
def test_a_full_disk_is_one_line_and_nothing_half_is_left(bag, tmp_path, capsys, kind):
    with no_room(1000):
        assert export(bag, tmp_path / 'out', *GIVEN, kind=kind) == 2
    error = [line for line in capsys.readouterr().err.splitlines() if '%' not in line]
    assert len(error) == 1 and error[0].startswith('error: ')
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


def test_what_is_there_is_not_touched(bag, tmp_path, capsys):
    (tmp_path / 'out').mkdir()
    assert export(bag, tmp_path / 'out', *GIVEN) == 2
    assert 'out, which is there already' in capsys.readouterr().err
    assert not list((tmp_path / 'out').iterdir()) and not (tmp_path / 'out.part').exists()


def test_a_folder_has_its_name_when_all_is_in_it(tmp_path):
    with whole_folder(tmp_path / 'a/out') as part:
        (part / 'file').write_text('x')
        assert part.name == 'out.part' and not (tmp_path / 'a/out').exists()
        with pytest.raises(ValueError, match='a command that was killed, or one goes on: remove it'):
            with whole_folder(tmp_path / 'a/out'):
                pass
        assert (part / 'file').exists()
    assert (tmp_path / 'a/out/file').read_text() == 'x' and not part.exists()


def test_ctrl_c_leaves_nothing(bag, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(source, 'transitions', interrupted)
    assert export(bag, tmp_path / 'out', *GIVEN) == 130
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


@pytest.mark.parametrize(
    'words, said',
    [
        ([], 'export needs one bag or run, a format and a folder'),
        (['a', 'b', 'format:=npz', 'output:=x'], 'export needs one bag'),
        (['a', 'format:=npz'], 'export needs one bag'),
        (['/nowhere/at/all', 'format:=npz', 'output:=x'], 'not there'),
        (['a', 'format:=npz', 'output:=x', 'speed:=3'], 'is no option'),
    ],
)
def test_words_that_make_no_command_get_one_line(capsys, words, said):
    assert command.main(words) == 2
    error = capsys.readouterr().err
    assert said in error and error.count('\n') == 1


def test_an_unknown_format_is_refused(bag, tmp_path, capsys):
    assert export(bag, tmp_path / 'out', *GIVEN, kind='csv') == 2
    assert "format is 'csv'; choose lerobot, hdf5, npz" in capsys.readouterr().err


def test_a_bag_that_does_not_say_its_cycle_is_asked_for_it(bag, tmp_path, capsys):
    assert export(bag, tmp_path / 'out') == 2
    assert 'does not say the action cycle (parameters.yaml is not in it)' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('number', [errno.ENOSPC, errno.EDQUOT])
def test_a_writer_that_does_not_name_its_file_is_no_matter(tmp_path, number):
    with pytest.raises(OSError, match='out cannot be written .*: free some disk space'):
        with whole_folder(tmp_path / 'out'):
            raise OSError(number, 'Error writing bytes to file. Detail: [errno 28] No space left on device')
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('cycle', ['fast', '0.03', '-1', '0', 'nan'])
def test_a_cycle_that_cannot_be_is_refused(bag, tmp_path, capsys, cycle):
    assert export(bag, tmp_path / 'out', f'action_cycle:={cycle}') == 2
    said = capsys.readouterr().err
    assert said.startswith(f"error: action_cycle is '{cycle}' (") and 'damaged' not in said


def test_parameters_beside_the_bag_count(recorded, tmp_path):
    """As with rosbag2, which attaches nothing."""
    text = '/**:\n  ros__parameters: {task: tracking, action_cycle_s: 0.08}\n'
    (tmp_path / 'parameters.yaml').write_text(text + '/a/environment:\n  ros__parameters: {episode_s: 2.0}\n')
    (tmp_path / 'run.json').write_text('{"seed": 5}')
    with Bag(written(tmp_path / 'bag', recorded)) as bag:
        about = source.about(bag, {'task': '', 'action_cycle': ''})
    assert (about.task.task, about.task.action_cycle_s, about.task.episode_s) == ('tracking', 0.08, 2.0)
    assert about.run == {'seed': 5} and about.instruction == source.INSTRUCTIONS['tracking']


@pytest.mark.parametrize('task', [b'', b'{"task": "tracking", "episode_s": 3.0, "action_cycle_s": 0.04}'])
def test_what_is_in_the_bag_goes_before_what_lies_beside_it(tmp_path, task):
    """And what is said of the environment before what is said of every node."""
    with Bag(ROOT / 'bags/reaching_small') as shipped:
        attached = {name: shipped.file_of_run(name) for name in ('run.json', 'parameters.yaml')}
    every, own = 'task: tracking, episode_s: 2.0', 'episode_s: 3.0'
    text = f'/environment: {{ros__parameters: {{{own}}}}}\n/**: {{ros__parameters: {{{every}}}}}\n'
    (tmp_path / 'parameters.yaml').write_text(text)
    (tmp_path / 'run.json').write_text('{"seed": 5}')
    folder = tmp_path / 'bag'
    writer = BagWriter(folder, 10**9, Writing())
    writer.attach('run.json', attached['run.json'], 1)
    if task:
        writer.attach(TASK, task, 1)
    sent = of_transitions(steps(1, 2))
    kind = definitions.name_of(topics.TRANSITION.type)
    writer.declare(TopicEntry('/transition', kind, []))
    for _, received, message in sent:
        writer.add(Recorded('/transition', received, received, serialize_message(message)))
    writer.close_chunk()
    writer.hand_over()
    writer.close()
    with Bag(folder) as bag:
        about = source.about(bag, {'task': '', 'action_cycle': ''})
    assert about.run == json.loads(attached['run.json']) and about.run['seed'] == 1
    assert (about.task.task, about.task.episode_s) == ('tracking', 3.0)


def test_the_shipped_bag_says_of_itself_what_it_is():
    with Bag(ROOT / 'bags/reaching_small') as bag:
        about = source.about(bag, {'task': '', 'action_cycle': ''})
    assert (about.steps_per_s, about.task.observation_width, about.task.reward) == (25, 80, 'thesis')
    assert about.run['architecture'] == 'evaluate' and about.recorded_with['numpy'] == '2.2.6'
    assert about.instruction == source.INSTRUCTIONS['reaching']


def test_a_bag_of_another_reward_is_exported_with_the_task_that_it_names(tmp_path):
    """Whatever the parameters say of the run in whose folder it lies; where there are none, too."""
    bag = RecordedWorld(task={'action_cycle_s': 0.08}).begin().run(1.5).end()
    words = [written(tmp_path / 'bag', bag), 'reward:=released', f'output:={tmp_path / "other"}']
    assert exact_replay.main(words) == 0
    for parameters in ('', '/**:\n  ros__parameters: {reward: thesis, task: tracking}\n'):
        if parameters:
            (tmp_path / 'parameters.yaml').write_text(parameters)
            (tmp_path / 'run.json').write_text('{"task": "tracking", "seed": 5}')
        with Bag(tmp_path / 'other') as found:
            about = source.about(found, {'task': '', 'action_cycle': ''})
        task = about.task
        assert (task.reward, task.action_cycle_s, task.task) == ('released', 0.08, 'reaching')
        assert about.run == {}, 'the run in whose folder it lies is another one'


@pytest.mark.parametrize('text', ['a: [', 'a', '/**: 3', '/**: {ros__parameters: {action_cycle_s: soon}}'])
def test_damaged_parameters_are_one_line(recorded, tmp_path, capsys, text):
    (tmp_path / 'parameters.yaml').write_text(text)
    (tmp_path / 'run.json').write_text('{}')
    assert export(written(tmp_path / 'bag', recorded), tmp_path / 'out') == 2
    error = capsys.readouterr().err
    assert 'parameters.yaml is damaged' in error and error.count('\n') == 1


def test_two_robots_are_chosen_between(recorded, tmp_path, capsys):
    folder = written(tmp_path / 'bag', recorded, recorded, namespaces=('/robot_1/', '/robot_2/'))
    assert export(folder, tmp_path / 'out', *GIVEN) == 2
    assert 'tells of /robot_1, /robot_2: name one of them' in capsys.readouterr().err
    assert export(folder, tmp_path / 'out', *GIVEN, 'namespace:=/robot_3') == 2
    assert "namespace is '/robot_3'; " in capsys.readouterr().err
    assert export(folder, tmp_path / 'out', *GIVEN, 'namespace:=robot_2') == 0


def test_a_bag_without_transitions_says_what_is_there(recorded, tmp_path, capsys):
    folder = written(tmp_path / 'bag', [entry for entry in recorded if entry[0] != 'transition'])
    assert export(folder, tmp_path / 'out', *GIVEN) == 2
    assert 'lacks /transition; there is /arm/velocity_command' in capsys.readouterr().err


def test_a_bag_without_a_beginning_of_an_episode_holds_none(tmp_path, capsys):
    folder = written(tmp_path / 'bag', of_transitions(steps(1, 5)[2:]))
    assert export(folder, tmp_path / 'out', *GIVEN) == 2
    error = capsys.readouterr().err
    assert 'holds no episode with its beginning: transitions left out: 3 of episodes whose ' in error
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


def test_transitions_that_contradict_themselves_are_counted(tmp_path, capsys):
    sent = of_transitions([*steps(1, 4, ending='time limit'), *steps(2, 3)])
    sent[2][2].height += 1
    assert export(written(tmp_path / 'bag', sent), tmp_path / 'out', *GIVEN) == 0
    said = '2 episodes of 5 steps are in '
    out = capsys.readouterr().out
    assert said in out and 'left out: 1 behind a missing step, 1 that cannot be read' in out


def test_frames_of_two_sizes_are_refused(tmp_path, capsys):
    sent = of_transitions([*steps(1, 3), *steps(2, 3, shape=(2, 2, 3))])
    assert export(written(tmp_path / 'bag', sent), tmp_path / 'out', *GIVEN) == 2
    assert 'frames of episode 2 are (2, 2, 3), those before it (4, 6, 3)' in capsys.readouterr().err
    assert not (tmp_path / 'out').exists()


def test_a_bag_of_another_program_in_sqlite3_is_exported(recorded, tmp_path):
    """As rosbags writes it, without attachments."""
    ours = written(tmp_path / 'ours', recorded)
    writer = Writer(tmp_path / 'theirs', version=9, storage_plugin=StoragePlugin.SQLITE3)
    with Bag(ours) as bag, writer as out:
        connections = {}
        for name in ('/transition', '/episode'):
            kind, text = bag.topics[name].type, bag.topics[name].definition
            connections[name] = out.add_connection(name, kind, msgdef=text, rihs01='unknown')
        for message in bag.messages(list(connections)):
            out.write(connections[message.topic], message.receive_time_ns, message.data)
    for folder, name in ((ours, 'a'), (tmp_path / 'theirs', 'b')):
        assert export(folder, tmp_path / name, *GIVEN) == 0
    one, two = (sorted(path.name for path in (tmp_path / name).iterdir()) for name in 'ab')
    assert one == two
    for name in one[:-1]:
        with np.load(tmp_path / 'a' / name) as mine, np.load(tmp_path / 'b' / name) as others:
            for array in mine.files:
                np.testing.assert_array_equal(mine[array], others[array])


def test_a_bag_that_was_re_scored_is_exported(recorded, tmp_path, capsys):
    bag = written(tmp_path / 'bag', recorded)
    assert exact_replay.main([bag, 'reward:=released', f'output:={tmp_path / "other"}']) == 0
    assert export(tmp_path / 'other', tmp_path / 'a', *GIVEN) == export(bag, tmp_path / 'b', *GIVEN) == 0
    mine, others = (np.load(tmp_path / name / 'episode_000000.npz') for name in 'ab')
    np.testing.assert_array_equal(mine['frames'], others['frames'])
    assert not np.array_equal(mine['rewards'], others['rewards'])


def test_a_topic_of_that_name_and_another_type_is_said(tmp_path, capsys):
    writer = BagWriter(tmp_path / 'bag', 10**9, Writing())
    writer.declare(TopicEntry('/transition', 'std_msgs/msg/Float32', []))
    writer.add(Recorded('/transition', 1, 1, serialize_message(Float32(data=1.0))))
    writer.close_chunk()
    writer.hand_over()
    writer.close()
    assert export(tmp_path / 'bag', tmp_path / 'out', *GIVEN) == 2
    said = '/transition is std_msgs/msg/Float32, and should be ur5_rl_interfaces/msg/Transition'
    assert said in capsys.readouterr().err
