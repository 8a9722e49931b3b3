"""Another reward, size of observations or rule of pairing: what a run with it would have stored."""

import copy
import errno
import json

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from recorded_world import RecordedWorld, written

from ur5_rl_bags import exact_replay, metadata
from ur5_rl_bags.carried import TASK
from ur5_rl_bags.differences import as_received
from ur5_rl_bags.past_environment import Replayed
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.replayer import INPUTS, Replayer
from ur5_rl_bags.rescore import setting_of

STORED = ('transition', 'episode')


def rescored(bag, *words):
    replayer, found = Replayer(setting_of(words)), []
    for topic, receive_ns, message in bag:
        if topic in INPUTS:
            found += replayer.take(topic, receive_ns, lambda message=message: message)
    found += replayer.finish()
    return [
        (what.topic, as_received(what.message))
        for what in found
        if isinstance(what, Replayed) and what.topic in STORED
    ]


def stored(bag):
    return [(topic, message) for topic, _, message in bag if topic in STORED]


@pytest.mark.parametrize(
    'setting',
    [
        {'reward': 'released'},
        {'observation_width': 8, 'observation_height': 6},
        {'action_feedback': 'requested', 'reward': 'released'},
    ],
)
def test_it_is_bit_for_bit_what_a_run_with_that_setting_stores(setting):
    bag = RecordedWorld(seed=4).begin().run(3.0).end()
    other = RecordedWorld(seed=4, task=setting).begin().run(3.0).end()
    words = [f'{name}:={value}' for name, value in setting.items()]
    found = in_order(rescored(bag, *words))
    assert found == in_order(stored(other)) != in_order(stored(bag))
    assert len(found) > 30


def in_order(found):
    """Episodes and transitions apart: of one event the actor's come later than the environment's."""
    return [entry for entry in found if entry[0] == 'episode'] + [e for e in found if e[0] != 'episode']


def test_another_rule_of_pairing_ends_an_episode_where_it_goes_elsewhere_and_joins_the_next():
    world = RecordedWorld().begin().run(0.8).run_to_step(5)
    broken = world.environment.lifecycle.episode.number
    captured = next(at for n in range(1000) if (at := 100.003 + 0.04 * n) > world.now)
    world.deaf_joints = (captured - 0.012, captured + 0.012)  # a gap of 24 or 32 ms around an image
    bag = world.run(3.0).end()
    assert in_order(rescored(bag, 'max_joint_gap_s:=0.04')) == in_order(stored(bag))
    found = rescored(bag, 'max_joint_gap_s:=0.016')
    whole = {message.episode for topic, message in stored(bag) if topic == 'episode'}
    again = {message.episode for topic, message in found if topic == 'episode' and not message.aborted}
    assert again == whole - {broken}
    others = in_order([(t, m) for t, m in found if m.episode != broken])
    assert others == in_order([(t, m) for t, m in stored(bag) if m.episode != broken])
    partly = [m for t, m in found if t == 'transition' and m.episode == broken]
    assert 0 < len(partly) < 10


def test_a_bag_of_it_is_written_and_can_be_read(tmp_path, capsys):
    bag = RecordedWorld().begin().run(1.5).end()
    words = [written(tmp_path / 'bag', bag), 'reward:=released', f'output:={tmp_path / "other"}']
    assert exact_replay.main(words) == 0
    expected = rescored(bag, 'reward:=released')
    assert f'{sum(t == "transition" for t, _ in expected)} transitions and' in capsys.readouterr().out
    with Bag(tmp_path / 'other') as found:
        read = [(m.topic.strip('/'), found.deserialised(m)) for m in found.messages()]
    assert in_order(read) == in_order(expected)
    assert [path.name for path in sorted((tmp_path / 'other').iterdir())] == ['metadata.yaml', 'other_0.mcap']
    assert exact_replay.main(words) == 2
    assert 'which is there already' in capsys.readouterr().err


def test_its_folder_may_be_in_the_home_of_a_person(tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    assert exact_replay.options(['~/bag', 'reward:=released', 'output:=~/x'])[2] == f'{tmp_path}/x'


def test_one_that_is_broken_off_leaves_nothing(tmp_path, monkeypatch):
    bag = RecordedWorld().begin().run(1.5).end()
    folder, taken = written(tmp_path / 'bag', bag, bag, namespaces=('/robot_1/', '/robot_2/')), []

    def take(rescored, *what):
        taken.append(rescored)
        if len({id(each) for each in taken}) == 2:
            raise KeyboardInterrupt
        return whole(rescored, *what)

    whole = exact_replay.Rescored.take
    monkeypatch.setattr(exact_replay.Rescored, 'take', take)
    assert exact_replay.main([folder, 'reward:=released', f'output:={tmp_path / "other"}']) == 130
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


def test_each_robot_of_a_bag_gets_a_folder_of_its_own(tmp_path, capsys):
    bag = RecordedWorld().begin().run(1.5).end()
    folder = written(tmp_path / 'bag', bag, bag, namespaces=('/robot_1/', '/robot_2/'))
    assert exact_replay.main([folder, 'reward:=released', f'output:={tmp_path / "other"}']) == 0
    said = capsys.readouterr().out.splitlines()
    for name in ('robot_1', 'robot_2'):
        (line,) = [line for line in said if line.startswith(f'{tmp_path}/other/{name}: ')]
        assert 'transitions and' in line
        with Bag(tmp_path / 'other' / name) as found:
            assert f'/{name}/transition' in found.topics


def test_one_that_the_disk_does_not_take_leaves_nothing(tmp_path, monkeypatch, capsys):
    bag = written(tmp_path / 'bag', RecordedWorld().begin().run(1.5).end())

    def no_room(*_):
        raise OSError(errno.ENOSPC, 'No space left on device')

    monkeypatch.setattr(metadata, 'write', no_room)
    assert exact_replay.main([bag, 'reward:=released', f'output:={tmp_path / "other"}']) == 2
    assert 'is not complete, for the reason above: nothing of it stays' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ['bag']


def test_a_bag_of_it_says_of_which_task_it_is(tmp_path):
    bag = RecordedWorld(task={'robot_model': 'ur5e', 'action_cycle_s': 0.08}).begin().run(1.5).end()
    words = [written(tmp_path / 'bag', bag), 'reward:=released', f'output:={tmp_path / "other"}']
    assert exact_replay.main(words) == 0
    with Bag(tmp_path / 'other') as found:
        task = json.loads(found.file_of_run(TASK))
    assert (task['robot_model'], task['action_cycle_s'], task['reward']) == ('ur5e', 0.08, 'released')


def test_what_depends_on_a_missing_image_is_left_out(tmp_path, capsys):
    bag = RecordedWorld().begin().run(1.5).end()
    shown = next(m for t, _, m in bag if t == 'observation' and m.step == 5).frame_ids[2]
    bag = [e for e in bag if e[0] != 'camera/image_raw' or e[2].header.stamp.nanosec != shown % 10**9]
    words = [written(tmp_path / 'bag', bag), 'reward:=released', f'output:={tmp_path / "other"}']
    assert exact_replay.main(words) == 0
    assert '; 5 that depend on what is not in the bag are left out' in capsys.readouterr().out


@pytest.mark.parametrize(
    'words, said',
    [
        (['action_cycle_s:=0.08'], 'cannot be changed in what was recorded'),
        (['reward:=mine'], "reward is 'mine'; choose one of: thesis, released"),
        (['max_joint_gap_s:=x'], 'max_joint_gap_s'),
        (['observation_width:=32'], 'an observation cannot be larger than the camera frame'),
    ],
)
def test_what_cannot_be_known_is_refused_in_one_line(tmp_path, capsys, words, said):
    bag = written(tmp_path / 'bag', RecordedWorld().begin().run(0.5).end())
    assert exact_replay.main([bag, *words, f'output:={tmp_path / "other"}']) == 2
    error = capsys.readouterr().err
    assert said in error and error.count('\n') == 1


def test_another_setting_needs_a_folder_and_a_folder_another_setting(tmp_path, capsys):
    for words in (['reward:=released'], [f'output:={tmp_path}']):
        assert exact_replay.main(['bag', *words]) == 2
        assert 'go together' in capsys.readouterr().err


def test_the_record_is_not_changed_by_it():
    bag = RecordedWorld().begin().run(1.0).end()
    before = copy.deepcopy(bag)
    rescored(bag, 'reward:=released')
    assert bag == before
