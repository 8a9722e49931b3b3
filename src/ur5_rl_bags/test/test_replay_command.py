"""./ur5rl replay of a bag in files: what it prints, and its exit code."""

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from recorded_world import RecordedWorld, written

from ur5_rl_bags import exact_replay, share_done
from ur5_rl_bags.comparison import KEYS
from ur5_rl_bags.replayer import INPUTS


@pytest.fixture(scope='module')
def recorded():
    return RecordedWorld().begin().run(1.5).end()


def without(messages, *names):
    return [entry for entry in messages if entry[0] not in names]


def test_a_bag_without_a_difference(recorded, tmp_path, capsys):
    assert exact_replay.main([written(tmp_path, recorded)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert '/environment: 1 life, 1.5 s replayed in' in lines[0] and 'times as fast as it was' in lines[0]
    observations = sum(name == 'observation' for name, _, _ in recorded)
    assert f'observation: {observations} of {observations} compared' in lines
    assert lines[-1] == 'no difference'


@pytest.mark.parametrize('words', [[], ['reward:=released', 'output:={}/out']])
def test_a_long_replay_says_how_far_it_is(recorded, tmp_path, capsys, monkeypatch, words):
    monkeypatch.setattr(share_done, 'LINE_S', 0.0)
    assert exact_replay.main([written(tmp_path, recorded), *(word.format(tmp_path) for word in words)]) == 0
    lines = capsys.readouterr().err.splitlines()
    of = len([entry for entry in recorded if entry[0] in INPUTS or (not words and entry[0] in KEYS)])
    assert lines[-1] == f'{100 * (of - 1) // of} %: {of - 1} of {of} messages' and len(lines) == of


def test_differences_are_listed_with_time_and_cause(recorded, tmp_path, capsys):
    index = next(
        i for i, e in enumerate(recorded) if e[0] == 'camera/image_raw' and e[1] > recorded[0][1] + 6e8
    )
    name, received, message = recorded[index]
    other = type(message)(
        **{field: getattr(message, field) for field in message.get_fields_and_field_types()}
    )
    other.data = bytes(message.data[:-1]) + bytes([message.data[-1] ^ 1])
    bag = [*recorded[:index], (name, received, other), *recorded[index + 1 :]]
    assert exact_replay.main([written(tmp_path, bag)]) == 1
    out = capsys.readouterr().out
    assert 'differences; the first cause: pixels of camera/image_raw' in out
    assert ' s  observation 1/' in out and ' frames: recorded 255, replayed 254 at ' in out


def test_two_robots_in_one_bag_are_replayed_each_in_its_namespace(recorded, tmp_path, capsys):
    folder = written(tmp_path, recorded, recorded, namespaces=('/robot_1/', '/robot_2/'))
    assert exact_replay.main([folder]) == 0
    out = capsys.readouterr().out
    assert '/robot_1/environment: 1 life' in out and '/robot_2/environment: 1 life' in out


@pytest.mark.parametrize(
    'lacks, said',
    [
        (['environment/journal'], 'lacks /environment/journal; there is /arm/velocity_command, '),
        (['camera/image_raw', 'joint_states'], 'lacks /camera/image_raw, /joint_states; there is '),
    ],
)
def test_a_bag_that_lacks_what_is_needed_gets_one_line_and_code_2(recorded, tmp_path, capsys, lacks, said):
    assert exact_replay.main([written(tmp_path, without(recorded, *lacks))]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count('\n') == 1


def test_a_bag_that_begins_after_all_that_is_known_gets_code_2(recorded, tmp_path, capsys):
    first = next(i for i, entry in enumerate(recorded) if entry[0] == 'environment/journal')
    late = [e for i, e in enumerate(recorded) if e[0] != 'environment/journal' or i > first]
    assert exact_replay.main([written(tmp_path, late)]) == 2
    printed = capsys.readouterr()
    assert 'of the journal are not in the bag' in printed.out
    assert 'nothing of / can be compared' in printed.err


@pytest.mark.parametrize('arguments', [[], ['a', 'b'], ['/nowhere']])
def test_no_bag_gets_one_line_and_code_2(capsys, arguments):
    assert exact_replay.main(arguments) == 2
    assert capsys.readouterr().err.startswith('error: ')


def test_ctrl_c_is_no_traceback(recorded, tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(exact_replay, 'replay', interrupted)
    assert exact_replay.main([written(tmp_path, recorded)]) == 130
