"""A recorded run is lived again bit for bit; what differs is what was changed, and what follows from it."""

import copy
import json

import numpy as np
import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')
from recorded_world import RecordedWorld

from ur5_rl_bags.comparison import KEYS
from ur5_rl_bags.exact_replay import Replay
from ur5_rl_bags.life import Life
from ur5_rl_bags.past_environment import PastWord, Replayed
from ur5_rl_bags.replayer import INPUTS, Replayer
from ur5_rl_bags.sensor_messages import SensorMessages
from ur5_rl_env.persons_word import PersonsWord
from ur5_rl_env.readiness import ArmState
from ur5_rl_graph import random_streams
from ur5_rl_graph.messages import ns_from_time

JOURNAL, IMAGE, JOINTS = INPUTS


def replay(bag):
    again = Replay({topic for topic, _, _ in bag})
    for topic, receive_ns, message in bag:
        if topic in INPUTS or topic in KEYS:
            again.take(topic, receive_ns, lambda message=message: message)
    again.finish()
    return again


def differences(again):
    return {(d.topic, *d.key, d.field) for d in again.comparison.differences}


def said(again):
    return list(again.report())


@pytest.fixture(scope='module')
def recorded():
    """The bag of a run of some episodes; do not change its messages."""
    return RecordedWorld().begin().run(3.0).end()


def changed(bag, index, change):
    """The bag with a changed copy of one message."""
    topic, receive_ns, message = bag[index]
    message = copy.deepcopy(message)
    change(message)
    return [*bag[:index], (topic, receive_ns, message), *bag[index + 1 :]]


def observation(bag, episode, step):
    return next(m for t, _, m in bag if t == 'observation' and (m.episode, m.step) == (episode, step))


def index_of(bag, topic, stamp_ns):
    return next(
        i for i, (t, _, m) in enumerate(bag) if t == topic and ns_from_time(m.header.stamp) == stamp_ns
    )


def entries(bag):
    """(index of the message, index of the entry, the entry) of all of the journal."""
    for i, (topic, _, message) in enumerate(bag):
        if topic == JOURNAL:
            for j, text in enumerate(message.entries):
                yield i, j, json.loads(text)


def test_a_run_is_replayed_without_a_difference(recorded):
    again = replay(recorded)
    assert said(again)[-1] == 'no difference', said(again)
    counts = again.comparison.compared
    assert counts['observation'] >= 33 and counts['transition'] >= 30 and counts['episode'] >= 3
    assert counts == again.comparison.replayed_count and set(counts) == set(KEYS)
    assert not again.comparison.outside
    assert all(message.target_x and message.target_y for topic, _, message in recorded if topic == 'episode')


@pytest.mark.parametrize(
    'task',
    [
        {'task': 'tracking', 'action_feedback': 'requested', 'reward': 'released'},
        {'observation_width': 8, 'observation_height': 6},
        {'action_cycle_s': 0.12, 'episode_s': 1.2},
    ],
)
def test_other_tasks_are_replayed_as_well(task):
    again = replay(RecordedWorld(seed=1, task=task).begin().run(3.0).end())
    assert said(again)[-1] == 'no difference', said(again)
    assert again.comparison.compared['transition'] >= 8


def test_observations_that_are_not_recorded_are_compared_by_their_digests(recorded):
    bag = [entry for entry in recorded if entry[0] != 'observation']
    again = replay(bag)
    assert said(again)[-1] == 'no difference'
    assert again.comparison.compared['observation'] == again.comparison.replayed_count['observation']


def test_one_changed_pixel_shows_in_the_observations_of_its_image_and_in_nothing_else(recorded):
    shown = observation(recorded, 2, 5)
    image = index_of(recorded, IMAGE, shown.frame_ids[2])

    def darken(message):
        message.data[0] ^= 1  # a corner, of white: no part of the target

    bag = changed(recorded, image, darken)
    pixels = {('observation', 2, k, 'frames') for k in (5, 6, 7)}
    carried = {('transition', 2, 4, 'new_frames')}
    assert differences(replay(bag)) == pixels | carried
    first = replay(bag).comparison.differences[0]
    assert (first.key, first.cause) == ((2, 5), 'pixels of camera/image_raw')
    assert first.text.endswith('1 of 1296')
    bag = [entry for entry in bag if entry[0] != 'observation']
    pixels = {('observation', 2, k, 'pixels') for k in (5, 6, 7)}
    assert differences(replay(bag)) == pixels | carried


def test_one_changed_pixel_of_the_target_changes_the_reward_too(recorded):
    shown = observation(recorded, 2, 5)
    image = index_of(recorded, IMAGE, shown.frame_ids[2])

    def another_red(message):
        message.data[(4 * 16 + 8) * 3 : (4 * 16 + 8) * 3 + 3] = type(message.data)('B', (0, 0, 201))

    found = differences(replay(changed(recorded, image, another_red)))
    assert found == (
        {('observation', 2, k, 'frames') for k in (5, 6, 7)}
        | {('transition', 2, 4, 'new_frames'), ('transition', 2, 4, 'reward')}
        | {('observation', 2, 5, 'reward'), ('episode', 2, 'episode_return')}
    )


def test_one_changed_joint_shows_where_it_was_interpolated_and_in_nothing_else(recorded):
    shown = observation(recorded, 2, 5)
    stamps = [ns_from_time(m.header.stamp) for t, _, m in recorded if t == JOINTS]
    later = next(stamp for stamp in stamps if stamp >= shown.frame_ids[2])

    def turn(message):
        message.position[0] += 1e-3

    found = differences(replay(changed(recorded, index_of(recorded, JOINTS, later), turn)))
    assert found == {
        ('observation', 2, 5, 'proprio'),
        ('observation', 2, 5, 'reward'),
        ('transition', 2, 4, 'proprio'),
        ('transition', 2, 4, 'reward'),
        ('transition', 2, 5, 'proprio'),
        ('episode', 2, 'episode_return'),
    }
    unused = next(stamp for stamp in stamps if stamp > later)
    assert not differences(replay(changed(recorded, index_of(recorded, JOINTS, unused), turn)))


def test_one_changed_time_of_an_action_shows_in_its_command_and_the_timing_of_its_step(recorded):
    place = next((i, j) for i, j, e in entries(recorded) if e[0] == 'action' and e[3:5] == [2, 4])

    def later(message):
        entry = json.loads(message.entries[place[1]])
        entry[1] += 0.001
        entry[2] += 1_000_000
        message.entries[place[1]] = json.dumps(entry)

    bag = changed(recorded, place[0], later)
    command = next(
        ns_from_time(m.header.stamp)
        for t, _, m in recorded
        if t == 'arm/velocity_command'
        and ns_from_time(m.header.stamp) > ns_from_time(observation(recorded, 2, 4).header.stamp)
    )
    found = differences(replay(bag))
    assert {
        ('arm/velocity_command', command, ''),
        ('cycle_timing', 2, 5, 'response_ms'),
        ('cycle_timing', 2, 5, 'image_to_command_ms'),
    } <= found
    # the arm's report names the command that was sent: in the replay there is none on the other one
    reported = {(topic, field) for topic, *_, field in found} - {('arm/velocity_command', '')}
    assert reported <= {
        ('cycle_timing', 'response_ms'),
        ('cycle_timing', 'image_to_command_ms'),
        ('observation', 'executed_action'),
        ('observation', 'action_changed'),
        ('observation', 'proprio'),
        ('transition', 'executed_action'),
        ('transition', 'action_changed'),
        ('transition', 'proprio'),
        ('episode', 'changed_steps'),
        ('episode', 'unreported_steps'),
    }
    assert {key[1] for key in found if key[0] != 'arm/velocity_command'} == {2}


def test_one_changed_time_of_an_observation_shows_in_it_and_in_both_of_its_cycles(recorded):
    place = next((i, j) for i, j, e in entries(recorded) if e[0] == 'observation' and e[3:5] == [2, 5])
    before = place[0], place[1] - 1  # the tick that it answers

    def later(message):
        entry = json.loads(message.entries[before[1]])
        assert entry[0] == 'tick'
        entry[1] += 0.00001
        entry[2] += 10_000
        message.entries[before[1]] = json.dumps(entry)

    found = differences(replay(changed(recorded, before[0], later)))
    assert found == {
        ('observation', 2, 5, 'stamp'),
        ('transition', 2, 4, 'stamp'),
        ('cycle_timing', 2, 5, 'stamp'),
        ('cycle_timing', 2, 5, 'cycle_ms'),
        ('cycle_timing', 2, 5, 'lateness_ms'),
        ('cycle_timing', 2, 5, 'image_age_ms'),
        ('cycle_timing', 2, 5, 'joint_age_ms'),
        ('cycle_timing', 2, 6, 'cycle_ms'),
        ('cycle_timing', 2, 6, 'response_ms'),
    }


@pytest.mark.parametrize(
    'topic, field, change',
    [
        ('observation', 'reward', lambda m: setattr(m, 'reward', m.reward + 1e-6)),
        ('observation', 'truncated', lambda m: setattr(m, 'truncated', not m.truncated)),
        ('cycle_timing', 'overrun', lambda m: setattr(m, 'overrun', not m.overrun)),
        ('transition', 'action', lambda m: m.action.__setitem__(2, -m.action[2])),
        ('transition', 'frame_ids', lambda m: m.frame_ids.__setitem__(0, m.frame_ids[0] + 1)),
        ('episode', 'text', lambda m: setattr(m, 'text', 'else')),
        ('arm/velocity_command', 'velocity', lambda m: m.velocity.__setitem__(0, 1e-9)),
        ('target_start', 'stamp', lambda m: setattr(m.header.stamp, 'nanosec', m.header.stamp.nanosec + 1)),
    ],
)
def test_one_changed_field_of_what_was_published_is_the_only_difference(recorded, topic, field, change):
    index = [i for i, entry in enumerate(recorded) if entry[0] == topic][1]
    bag = changed(recorded, index, change)
    assert differences(replay(bag)) == {(topic, *KEYS[topic](bag[index][2]), field)}


def test_the_replay_never_reads_what_it_reproduces(recorded):
    def replayed(bag):
        replayer, found = Replayer(), []
        for topic, receive_ns, message in bag:
            if topic in INPUTS:
                found += replayer.take(topic, receive_ns, lambda message=message: message)
        found += replayer.finish()
        return [(r.at, r.topic, r.message) for r in found if isinstance(r, Replayed)]

    scrambled = []
    for topic, receive_ns, message in recorded:
        message = copy.deepcopy(message)
        if topic == JOURNAL:
            kept = [json.loads(text) for text in message.entries]
            for entry in kept:
                if entry[0] == 'observation':
                    entry[3:] = [77, 88, '0' * 16, '1' * 16]
            message.entries = [json.dumps(entry) for entry in kept]
        elif topic not in INPUTS:
            continue
        scrambled.append((topic, receive_ns, message))
    assert replayed(scrambled) == replayed(recorded)
    assert len(replayed(recorded)) > 100


def test_the_environment_killed_and_restarted_goes_on_in_a_journal_of_its_own(tmp_path):
    world = RecordedWorld(folder=tmp_path).begin().run(1.0).run_to_step(6)
    world.kill()
    world.run(0.5)
    bag = world.begin().run(2.0).end()
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    assert len(again.replayer.lives) == 2
    numbers = [message.episode for topic, _, message in bag if topic == 'episode']
    assert numbers == sorted(set(numbers)) and again.comparison.compared['episode'] == len(numbers)
    lost = again.comparison.outside  # what came out after its journal was published for the last time
    assert lost <= 3 and again.comparison.compared['observation'] >= 20


def test_what_a_killed_environment_published_last_is_not_taken_for_what_the_next_one_publishes():
    """Both begin the same episode, with the same target: the journal of the first does not tell of it."""
    world = RecordedWorld(config={'reset_timeout_s': 1.0}).begin().run(0.5).run_to_step(8)
    while world.environment.lifecycle.episode:
        world.run(0.001)
    asked = [message for topic, _, message in world.bag if topic == 'target_start']
    world.kill()
    bag = world.run(0.3).begin().run(1.0).end()
    starts = [message for topic, _, message in bag if topic == 'target_start']
    assert starts[0].seed == asked[0].seed == starts[len(asked)].seed
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    assert again.comparison.outside >= 2


def test_the_actor_dead_and_back_makes_no_difference():
    world = RecordedWorld(config={'action_timeout_s': 0.3}).begin().run(1.0).run_to_step(4)
    world.kill_actor()
    world.run(1.0)
    world.actor_lives = True
    bag = world.run(2.0).end()
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    aborted = [message for topic, _, message in bag if topic == 'episode' and message.aborted]
    assert len(aborted) == 1 and 'no action for' in aborted[0].text


def test_an_actor_that_begins_anew_in_an_episode_carries_all_frames_once_more():
    world = RecordedWorld().begin().run_to_step(4).run(0.02)
    world._adder._sent = set()  # as after a transition that reached nobody
    again = replay(world.run(1.0).end())
    assert said(again)[-1] == 'no difference', said(again)
    assert again.comparison.anew == 1


def test_faults_of_the_arm_and_a_clock_that_was_set_are_replayed():
    world = RecordedWorld().begin().run(1.0).run_to_step(4)
    world.set_arm(ArmState.PROTECTIVE_STOP, 'a test')
    world.run(0.3)
    world.set_arm(ArmState.READY)
    world.run(1.0).run_to_step(7)
    world.set_ns = -60_000_000_000
    bag = world.run(2.0).end()
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    causes = [message.text for topic, _, message in bag if topic == 'episode' and message.aborted]
    assert any('protective stop' in cause for cause in causes) and any('clock' in cause for cause in causes)


def test_what_a_person_asked_for_and_the_word_that_the_arm_may_move_are_replayed(tmp_path):
    word = PersonsWord(True, str(tmp_path), 'a run')
    world = RecordedWorld(config={'confirm': True}, word=word).begin().run(0.5)
    world.ask('reset').run(0.3)  # refused: there is no word yet
    assert not any(topic == 'target_start' for topic, _, _ in world.bag)
    world.ask('start').run(1.0).run_to_step(3).ask('stop').run(0.5)
    world.ask('start').run(1.0).run_to_step(6).ask('reset')
    bag = world.run(1.0).end()
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    causes = [message.text for topic, _, message in bag if topic == 'episode' and message.aborted]
    assert causes == ['stopped by request', 'reset by request']
    assert again.comparison.compared == again.comparison.replayed_count


def test_a_word_of_the_past_is_what_was_read_then():
    word = PastWord()
    word.answers.extend([False, True, False])
    assert not word.given
    word.give()
    with pytest.raises(OSError):
        word.give()


def test_an_image_that_the_environment_missed_is_not_awaited(recorded):
    world = RecordedWorld().begin()
    stamp = observation(recorded, 2, 5).frame_ids[2]
    world.deaf.add((IMAGE, stamp))
    again = replay(world.run(3.0).end())
    assert said(again)[-1] == 'no difference', said(again)


def test_of_an_image_that_the_recorder_missed_only_what_shows_it_is_not_compared(recorded):
    stamp = observation(recorded, 2, 5).frame_ids[2]
    bag = [entry for i, entry in enumerate(recorded) if i != index_of(recorded, IMAGE, stamp)]
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    assert f'the image of {1e-9 * stamp:.3f} s is not in the bag' in said(again)[0]
    assert '1 images that the environment took are not in the bag' in said(again)
    assert +again.comparison.partly == {'observation': 3, 'transition': 4, 'episode': 1}

    def spoil(message):
        message.reward += 1.0
        message.frames[0] ^= 1
        message.frame_ids[0] += 1

    index = next(i for i, e in enumerate(bag) if e[0] == 'observation' and KEYS[e[0]](e[2]) == (2, 5))
    found = differences(replay(changed(bag, index, spoil)))
    assert found == {('observation', 2, 5, 'frame_ids')}, 'pairing is compared all the same'


def test_of_joint_states_that_the_recorder_missed_only_what_shows_them_is_not_compared(recorded):
    shown = observation(recorded, 2, 5)
    stamps = [ns_from_time(m.header.stamp) for t, _, m in recorded if t == JOINTS]
    later = next(stamp for stamp in stamps if stamp >= shown.frame_ids[2])
    bag = [entry for i, entry in enumerate(recorded) if i != index_of(recorded, JOINTS, later)]
    again = replay(bag)
    assert said(again)[-1] == 'no difference', said(again)
    assert +again.comparison.partly == {'observation': 1, 'transition': 2, 'episode': 1}


def test_a_replay_needs_no_more_memory_for_a_longer_bag(recorded):
    again = Replay({topic for topic, _, _ in recorded})
    for topic, receive_ns, message in recorded:
        if topic in INPUTS or topic in KEYS:
            again.take(topic, receive_ns, lambda message=message: message)
    life = next(iter(again.replayer.lives.values()))
    assert not life._entries and len(again.replayer._images._by_stamp) <= 3
    waiting = [*again.comparison._replayed.values(), *again.comparison._recorded.values()]
    assert sum(len([*each.rest()]) for each in waiting) <= 10


def test_sensor_messages_are_given_once_and_not_kept_for_ever():
    kept = SensorMessages()
    for number in range(100):
        kept.add(number, 1_000_000_000 * number, f'message {number}')
    assert 79 in kept and 78 not in kept and kept.take(78) is None
    assert kept.take(79) == 'message 79' and 79 not in kept
    kept.add(99, 99_000_000_000, 'another of this stamp')
    assert [kept.take(99) for _ in range(3)] == ['message 99', 'another of this stamp', None]


@pytest.mark.parametrize('gone', [slice(0, 1), slice(20, 40)])
def test_after_a_gap_in_the_journal_it_goes_on_with_a_reset(gone):
    bag = RecordedWorld(task={'reset_s': 3.0}).begin().run(24.0).end()
    journals = [i for i, entry in enumerate(bag) if entry[0] == JOURNAL]
    lost = set(journals[gone])  # the very beginning, or the end of the first episode
    again = replay([entry for i, entry in enumerate(bag) if i not in lost])
    assert said(again)[-1] == 'no difference', said(again)
    assert 'of the journal are not in the bag' in said(again)[0]
    whole = sum(entry[0] == 'episode' for entry in bag)
    assert again.comparison.outside and whole - 3 <= again.comparison.compared['episode'] < whole


@pytest.mark.parametrize(
    ('config', 'needed_s'), [({'max_stamp_age_s': 3.0}, 3.0), ({'max_stamp_age_s': 0.5}, 2.04)]
)
def test_after_a_gap_a_reset_is_entered_as_soon_as_all_that_is_remembered_is_from_after_it(config, needed_s):
    """Joint states of `max_stamp_age_s`, and 50 times between two images; there is a reset every 0.6 s."""
    bag = RecordedWorld(config=config).begin().run(8.0).end()
    journals = [i for i, entry in enumerate(bag) if entry[0] == JOURNAL]
    lost = set(journals[20:30])
    again = replay([entry for i, entry in enumerate(bag) if i not in lost])
    assert said(again)[-1] == 'no difference', said(again)
    began_s = json.loads(bag[journals[30]][2].entries[0])[1]
    _, (entered, _) = next(iter(again.replayer.lives.values())).covered
    assert needed_s <= entered.now - began_s < needed_s + 0.7


@pytest.mark.parametrize('lost', [False, True])
def test_a_seed_that_was_set_while_it_ran_is_replayed_also_where_the_journal_of_then_is_lost(lost):
    world = RecordedWorld(config={'max_stamp_age_s': 0.5, 'max_stamp_ahead_s': 0.5}).begin().run_to_step(2)
    bag = world.seed(9).ask('reset').run(9.0).end()
    journals = [(i, entry[2].entries) for i, entry in enumerate(bag) if entry[0] == JOURNAL]
    until = max(i for i, entries in journals if any('"seed"' in text[:7] for text in entries))
    again = replay(
        [entry for i, entry in enumerate(bag) if not (lost and entry[0] == JOURNAL and i <= until)]
    )
    assert said(again)[-1] == 'no difference', said(again)
    seeds = [m.seed for topic, _, m in bag if topic == 'target_start' and m.start_stamp]
    assert seeds[1:] == [
        random_streams.number(9, random_streams.Stream.TARGETS, count) for count in range(1, len(seeds))
    ]
    assert len(seeds) > 2


def test_after_a_gap_as_many_images_are_awaited_as_the_environment_remembers_times_of():
    """A camera that leaves out every second image is told from the stated one by the newest 50 of them."""
    world = RecordedWorld(config={'max_stamp_age_s': 0.5, 'max_stamp_ahead_s': 0.5}).begin()
    world.camera_every_s = 0.080
    bag = world.run(12.0).end()
    journals = [i for i, entry in enumerate(bag) if entry[0] == JOURNAL]
    lost = set(journals[60:66])
    again = replay([entry for i, entry in enumerate(bag) if i not in lost])
    assert said(again)[-1] == 'no difference', said(again)
    began_s = json.loads(bag[journals[66]][2].entries[0])[1]
    _, (entered, _) = next(iter(again.replayer.lives.values())).covered
    assert 4.0 <= entered.now - began_s < 5.0


@pytest.mark.parametrize(
    ('images', 'joint_states', 'seconds', 'enters'),
    [(51, 50, 2.5, True), (50, 50, 2.5, False), (51, 49, 2.5, False), (51, 50, 2.49, False)],
)
def test_what_must_have_come_since_a_gap_before_a_reset_is_entered(images, joint_states, seconds, enters):
    noted = RecordedWorld(config={'max_stamp_age_s': 2.5}).begin().environment.journal.take().entries
    _, _, stamp, values = next(entry for entry in map(json.loads, noted) if entry[0] == 'start')
    kinds = [('image', [7])] * images + [('joint_states', [8])] * joint_states
    entries = [[kind, 10.0, stamp, *what] for kind, what in kinds]
    entries.append(['reset', 10.0 + seconds, stamp, values | {'token': 1, 'absent': []}])
    life = Life(SensorMessages(), SensorMessages())
    life.add(1, [json.dumps(entry) for entry in entries], 0)
    assert not list(life.advance(None))
    assert bool(life.covered) == enters


def test_messages_of_the_journal_that_come_twice_count_once(recorded):
    journals = [entry for entry in recorded if entry[0] == JOURNAL]
    again = replay([*recorded[:400], *journals[:3], *recorded[400:]])
    assert said(again)[-1] == 'no difference'


def test_what_comes_a_second_late_is_awaited(recorded):
    """A recorder may take images after the journal that names them, and outputs before or after it."""
    late = sorted(recorded, key=lambda entry: entry[1] + (1_000_000_000 if entry[0] != JOURNAL else 0))
    again = replay(late)
    assert said(again)[-1] == 'no difference'
    assert again.comparison.compared == again.comparison.replayed_count


def test_a_journal_of_another_revision_is_refused_in_one_line(recorded):
    i, j, _ = next(place for place in entries(recorded) if place[2][0] == 'start')

    def unknown(message):
        entry = json.loads(message.entries[j])
        entry[3]['task']['gravity'] = 1
        message.entries[j] = json.dumps(entry)

    with pytest.raises(ValueError, match='gravity.*replay with the revision that recorded it'):
        replay(changed(recorded, i, unknown))


def test_numbers_of_a_message_are_as_narrow_as_its_fields(recorded):
    rewards = [message.reward for topic, _, message in recorded if topic == 'observation']
    assert rewards == np.float32(rewards).tolist()
