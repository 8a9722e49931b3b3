"""What bags may be learned from, and what of them is stored."""

import dataclasses
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
import experience_bags as made
from experience_bags import NODES, bag, joint_state, journal, transitions
from rclpy.serialization import serialize_message
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from std_msgs.msg import String

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.past import FOLDER, new_buffer, open_past
from offline_learning import beginning
from offline_learning.experience import Experience, fill
from ur5_rl_bags import definitions, share_done
from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.reader import Bag
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import topics
from ur5_rl_graph.messages import msg_from_transition
from ur5_rl_graph.settings import configuration
from ur5_rl_graph.topics import Topic
from ur5_rl_interfaces.msg import Journal

TASK = configuration(NODES, 'learner', TaskConfig)


def stored(folder, paths, task=TASK):
    """The transitions of the buffer that bags have filled, and what was said of it."""
    with Experience(paths, task) as experience:
        replay = new_buffer(folder, experience.count, made.HEIGHT, made.WIDTH)
        found = fill(replay, experience)
    records = replay.records[replay.records['seq'] > 0]
    records = records[np.argsort(records['seq'])].copy()
    frames = replay.frames.pixels[replay.frames.slots(records['frames'])].copy()
    replay.close()
    return records, frames, found


def test_a_long_reading_says_how_far_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(share_done, 'LINE_S', 0.0)
    stored(tmp_path / 'r', [bag(tmp_path / 'bag', transitions(), joint_state(), journal())])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 24 and lines[12] == '50 %: 12 of 24 transitions'


def test_a_buffer_holds_what_the_actor_sent_pixel_for_pixel(tmp_path):
    sent = transitions()
    records, frames, found = stored(tmp_path / 'r', [bag(tmp_path / 'bag', sent, joint_state(), journal())])
    assert str(found) == '24 transitions'
    known = {n: p for t in sent for n, p in zip(t.new_frame_ids.tolist(), t.new_frames, strict=True)}
    for transition, record, pictures in zip(sent, records, frames, strict=True):
        assert (record['reward'], record['step']) == (transition.reward, transition.step)
        np.testing.assert_array_equal(record['proprio'], transition.proprio)
        np.testing.assert_array_equal(record['executed_action'], transition.executed_action)
        for place, frame_id in np.ndenumerate(transition.frame_ids):
            np.testing.assert_array_equal(pictures[place], known[int(frame_id)])


def test_several_bags_and_a_namespace_are_one_experience(tmp_path):
    first = bag(tmp_path / 'a', transitions())
    second = bag(tmp_path / 'b', transitions(5, 1), namespace='/lab/robot_1/')
    assert stored(tmp_path / 'r', [first, second])[2].stored == 24 + 5


@pytest.mark.parametrize('plugin', [StoragePlugin.MCAP, StoragePlugin.SQLITE3], ids=['mcap', 'sqlite3'])
def test_bags_that_others_wrote_are_learned_from_but_for_a_message_that_is_damaged(tmp_path, plugin):
    store = get_typestore(Stores.ROS2_JAZZY)
    kind = 'ur5_rl_interfaces/msg/Transition'
    store.register(get_types_from_msg(definitions.full_text(kind).partition('=' * 80)[0], kind))
    with Writer(tmp_path / 'theirs', version=9, storage_plugin=plugin) as writer:
        connection = writer.add_connection('/transition', kind, typestore=store)
        for number, each in enumerate(transitions()):
            data = serialize_message(msg_from_transition(each))
            writer.write(connection, made.BEGIN_NS + number, data[: 50 if number == 23 else None])
    found = stored(tmp_path / 'r', [tmp_path / 'theirs'])[2]
    assert (found.stored, found.lost) == (23, 1) and 'a message of /transition is damaged' in found.why


def test_what_names_frames_that_are_not_there_is_left_out_and_counted(tmp_path):
    sent = transitions()
    records, _, found = stored(tmp_path / 'r', [bag(tmp_path / 'bag', sent[1:])])
    # The second of an episode names all of the first one's frames, the fourth only its last.
    assert (found.stored, found.lost) == (24 - 4, 3)
    assert 'frames that it names are not in the bag before it' in str(found)
    assert records['reward'].min() == 5.0


def test_a_transition_that_is_not_finite_is_left_out_and_counted(tmp_path):
    sent = transitions()
    sent[3] = sent[3]._replace(reward=float('nan'))
    found = stored(tmp_path / 'r', [bag(tmp_path / 'bag', sent)])[2]
    # its frame is then missing in those that follow
    assert found.lost >= 1 and found.stored + found.lost == 24


def test_a_bag_of_which_nothing_can_be_learned_is_refused(tmp_path):
    sent = [t._replace(reward=float('inf')) for t in transitions(3, 1)]
    with pytest.raises(BagError, match='none of 3 transitions can be learned from: .*not finite'):
        stored(tmp_path / 'r', [bag(tmp_path / 'bag', sent)])


def test_filling_ends_where_it_is_told_to(tmp_path):
    asked = iter([False, False, True])
    with Experience([bag(tmp_path / 'bag', transitions())], TASK) as experience:
        replay = new_buffer(tmp_path / 'r', experience.count, made.HEIGHT, made.WIDTH)
        assert fill(replay, experience, lambda: next(asked)).stored == 2
        replay.close()


def test_of_a_file_that_was_cut_off_the_whole_chunks_are_learned_from(tmp_path, capsys):
    folder = bag(tmp_path / 'bag', transitions())
    file = folder / 'bag_0.mcap'
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 2 // 3])
    found = stored(tmp_path / 'r', [folder])[2]
    assert 0 < found.stored < 24 and 'was not closed' in capsys.readouterr().err


def test_a_bag_of_which_no_transition_can_be_read_is_refused(tmp_path, monkeypatch):
    def deserialised(self, recorded):
        raise BagError('damaged')

    folder = bag(tmp_path / 'bag', transitions(3, 1))
    monkeypatch.setattr(Bag, 'deserialised', deserialised)
    with pytest.raises(BagError, match='none of the first 500 messages of /transition can be read'):
        Experience([folder], TASK)


WRONG_TYPE = Topic('transition', String, topics.TRANSITION.qos)
OTHER = joint_state(['joint_a1', 'joint_a2'])
NAMELESS = Journal(entries=['["start", 1.0, 1, {}]'])
SLOW = 2 * made.CYCLE_NS


@pytest.mark.parametrize(
    ('found', 'beside', 'sentence'),
    [
        (
            {},
            [OTHER],
            'is of another robot: /joint_states has joint_a1, joint_a2; needed are shoulder_pan_joint',
        ),
        (
            {'height': 36, 'width': 64},
            [],
            'holds frames of 64x36 pixels, needed are 32x18: .*observation_width:=32',
        ),
        ({'height': 9, 'width': 16}, [], r"holds frames of 16x9 pixels, needed are 32x18: choose [\w' ]*$"),
        ({'cycle_ns': SLOW}, [], 'has an action cycle of 0.080 s, needed is 0.040 s'),
        (
            {},
            [journal(reward='released')],
            'another setting: reward released there, thesis here; .*reward:=NAME',
        ),
        ({}, [(topics.JOURNAL, NAMELESS)], '/environment/journal does not say of which task it is: learn'),
        ({}, [journal(action_cycle_s=0.08)], 'another setting: action_cycle_s 0.08 there, 0.04 here'),
        ({}, [journal(camera_period_s=0.02)], 'another setting: camera_period_s 0.02 there, 0.04 here'),
    ],
)
def test_a_bag_of_something_else_is_refused_in_one_line(tmp_path, found, beside, sentence):
    with pytest.raises(BagError, match=sentence) as raised:
        Experience([bag(tmp_path / 'bag', transitions(**found), *beside)], TASK)
    assert str(raised.value).startswith(str(tmp_path / 'bag')) and '\n' not in str(raised.value)


@pytest.mark.parametrize(('beside', 'arm'), [([], 'ur5'), ([{}], 'ur5'), ([{'robot_model': 'ur5e'}], 'ur5e')])
def test_what_one_arm_has_lived_another_does_not_learn_from(tmp_path, beside, arm):
    """A bag that does not say which arm it was is of the one that there has always been."""
    folder = bag(tmp_path / 'bag', transitions(), *(journal(**values) for values in beside))
    for model in ('ur5', 'ur5e'):
        task = dataclasses.replace(TASK, robot_model=model)
        if model == arm:
            Experience([folder], task)
            continue
        with pytest.raises(BagError, match=f'another setting: robot_model {arm} there, {model} here; choose'):
            Experience([folder], task)


def test_a_bag_that_was_made_of_another_says_its_task_without_a_journal(tmp_path):
    about = {'robot_model': 'ur5e', 'reward': 'released'}
    folder = bag(tmp_path / 'bag', transitions(), task=json.dumps(about).encode())
    Experience([folder], dataclasses.replace(TASK, **about)).__exit__()
    with pytest.raises(
        BagError, match='robot_model ur5e there, ur5 here; reward released there, thesis here'
    ):
        Experience([folder], TASK)
    for damaged in (b'[]', b'[1]', b'{', b'7', b'null'):
        folder = bag(tmp_path / damaged.hex(), transitions(), task=damaged)
        with pytest.raises(BagError, match='its task.json is damaged'):
            Experience([folder], TASK)


def test_a_bag_without_transitions_or_with_others_by_that_name_is_refused(tmp_path):
    with pytest.raises(BagError, match='lacks /transition; there is /joint_states'):
        Experience([bag(tmp_path / 'a', [], joint_state())], TASK)
    with pytest.raises(BagError, match=r'/transition is std_msgs/msg/String; learning needs ur5_rl_interf'):
        Experience([bag(tmp_path / 'b', [], (WRONG_TYPE, String(data='x')))], TASK)


def test_late_actions_do_not_make_another_action_cycle(tmp_path):
    late = range(3, 24, 3)  # a third of all
    Experience([bag(tmp_path / 'bag', transitions(late=late))], TASK).__exit__()


# --- replay:= of a launch ---


def config_of(folder):
    return configuration(NODES, 'buffer_sampler', BufferSamplerConfig, run_folder=str(folder), random_steps=0)


def test_a_run_begins_with_what_the_bags_hold(tmp_path, monkeypatch):
    bag(tmp_path / 'a', transitions())
    bag(tmp_path / 'b', transitions(5, 1))
    monkeypatch.chdir(tmp_path)
    text = beginning.check('a, b', NODES)
    assert text == f'{tmp_path}/a,{tmp_path}/b'
    (tmp_path / 'run' / FOLDER).mkdir(parents=True)
    (tmp_path / 'run' / FOLDER / 'replay.json').write_text('of a start that was broken off')
    assert beginning.bring(text, NODES, tmp_path / 'run').startswith(
        'the run begins with 29 transitions of /'
    )
    past, _ = open_past(config_of(tmp_path / 'run'))
    assert len(past) == 29 and past.frames.capacity == len(past.frames) + 1, 'no larger than it is'
    past.close()


def test_a_run_without_bags_does_not_begin_with_those_of_a_start_that_was_broken_off(tmp_path):
    assert beginning.bring(str(bag(tmp_path / 'bag', transitions())), NODES, tmp_path / 'run')
    assert beginning.bring('', NODES, tmp_path / 'run') == ''
    assert open_past(config_of(tmp_path / 'run')) == (None, [])


def test_a_run_that_is_stopped_while_bags_are_read_does_not_begin_and_leaves_nothing(tmp_path):
    asked = itertools.chain([False, False], itertools.repeat(True))
    text = str(bag(tmp_path / 'bag', transitions()))
    with pytest.raises(RuntimeError, match='^stopped while .*: nothing was started$'):
        beginning.bring(text, NODES, tmp_path / 'run', lambda: next(asked))
    assert not (tmp_path / 'run' / FOLDER).exists()


@pytest.mark.parametrize('text', ['nowhere', ' , ', 'a,nowhere'])
def test_what_a_run_cannot_begin_with_is_refused_by_the_name_of_the_argument(tmp_path, monkeypatch, text):
    bag(tmp_path / 'a', transitions())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="^replay is '.*(is not there|names no bag)"):
        beginning.check(text, NODES)


def test_a_share_of_one_transition_is_refused_before_anything_is_read(tmp_path):
    nodes = {'/**': NODES['/**'] | {'batch_size': 1, 'replay_share': 0.5}}
    with pytest.raises(ValueError, match='replay_share is 0.5 and batch_size 1'):
        beginning.check(str(tmp_path / 'nowhere'), nodes)


def test_a_run_that_cannot_be_filled_leaves_no_buffer(tmp_path):
    sent = [t._replace(reward=float('inf')) for t in transitions(3, 1)]
    folder = bag(tmp_path / 'bag', sent)
    with pytest.raises(ValueError, match='not finite'):
        beginning.bring(str(folder), NODES, tmp_path / 'run')
    assert not (tmp_path / 'run' / FOLDER).exists()


def test_a_launch_without_bags_does_not_load_what_reads_them():
    code = 'import sys; from offline_learning import beginning; print("ur5_rl_bags.reader" in sys.modules)'
    environment = {**os.environ, 'PYTHONPATH': ':'.join(sys.path)}
    done = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True)
    assert done.stdout == 'False\n', done.stderr
