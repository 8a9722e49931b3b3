"""The sampler without ROS: when it makes a mini-batch, for whom, and what it tells the actor."""

import itertools
import os
from dataclasses import replace

import numpy as np
import pytest

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.frame_store import INDEX
from buffer_sampler.mapped_file import checksums
from buffer_sampler.opening import open_replay
from buffer_sampler.replay import RECORD
from buffer_sampler.serving import Done, NamedBatch, Serving, Status, UpdatedStep, Wants
from buffer_sampler.slots import SharedMemoryError, SlotReader
from ur5_rl_graph.data import ANY_STEP, FramesAt
from ur5_rl_graph.say import Say
from ur5_rl_graph.writing import Writing

START = 5  # random steps
OURS = 77


class World:
    """A sampler, the time, and what it has sent."""

    def __init__(self, folder, **changes):
        self.config = BufferSamplerConfig(
            run_folder=str(folder),
            capacity=100,
            random_steps=START,
            batch_size=4,
            observation_height=9,
            observation_width=16,
            crop_height=8,
            crop_width=12,
            slots=3,
        )
        self.config = replace(self.config, **changes)
        self.now_s, self.listened = 10.0, True
        self.said_of_disk = []
        self.open()

    def open(self):
        """Begins the life of a sampler."""
        replay, self.found = open_replay(self.config)
        self.writing = Writing(self.said_of_disk.append, itertools.count(step=20).__next__)
        self.serving = Serving(replay, self.config, OURS, self.now_s, self.writing)
        self.batches, self.steps, self.lines, self.status = [], [], [], None
        self.do(self.serving.begin())

    def close(self):
        self.serving.replay.close()
        self.serving.pool.close()

    def do(self, outputs):
        """What a shell does, `make` as often as there is something to make."""
        while outputs:
            for output in outputs:
                match output:
                    case NamedBatch():
                        self.batches.append(output)
                        self.serving.took(0.5)
                    case UpdatedStep(step):
                        self.steps.append(step)
                    case Status():
                        self.status = output
                    case Say():
                        self.lines.append(output)
            outputs = self.serving.make(self.listened, self.now_s)

    def send(self, transitions):
        for transition in transitions:
            self.do(self.serving.on_transition(transition) or self.make())

    def make(self):
        return self.serving.make(self.listened, self.now_s)

    def say(self, learner_id, batch=None, updates=0, **fields):
        if batch is not None:
            fields |= {'sampler_id': batch.sampler_id, 'batch_id': batch.batch_id}
        self.do(self.serving.on_done(Done(learner_id, updates, **fields), self.now_s) or self.make())

    def second(self):
        self.do(self.serving.on_second(self.now_s))
        return self.status

    def set(self, **parameters):
        self.do(self.serving.on_parameters(parameters) or self.make())


@pytest.fixture
def world(tmp_path):
    world = World(tmp_path)
    yield world
    world.close()


def test_mini_batches_wait_for_the_learner_the_random_steps_and_the_governor(world, experience):
    transitions = list(experience.run(START + 10))
    world.send(transitions[: START + 1])
    assert not world.batches, 'no learner yet'
    world.say(7)
    assert [batch.batch_id for batch in world.batches] == [1], 'one step is paid for'
    assert world.batches[0][:1] + world.batches[0][2:3] == (OURS, 7)
    assert world.batches[0].total_steps == START + 1
    world.send(transitions[START + 1 :])
    assert [batch.batch_id for batch in world.batches] == [1, 2, 3], 'there are three slots'
    assert {batch.slot.index for batch in world.batches} == {0, 1, 2}
    world.say(7, world.batches[1], updates=2)
    assert len(world.batches) == 5, 'the word on the second frees the first as well'


def test_one_mini_batch_is_made_at_a_time(world, experience):
    world.serving.on_done(Done(7, 0), world.now_s)
    for transition in experience.run(START + 10):
        world.serving.on_transition(transition)
    assert [len(world.make()) for _ in range(4)] == [1, 1, 1, 0]


def test_nothing_is_made_of_an_empty_buffer_or_for_nobody(tmp_path, experience):
    world = World(tmp_path, random_steps=0, updates_per_step=0.0)
    world.say(7)
    assert not world.batches
    world.listened = False
    world.send(experience.run(3))
    assert not world.batches
    world.listened = True
    world.second()
    assert len(world.batches) == 3, 'a subscription makes no event of its own'
    world.close()


@pytest.mark.parametrize('threads', [1, 3])
def test_images_are_copied_by_as_many_threads_as_are_set(tmp_path, threads):
    world = World(tmp_path, threads=threads)
    assert world.serving._sampler._threads == threads
    world.close()


def test_a_slot_holds_what_was_stored(world, experience):
    transitions = {t.reward: t for t in experience.run(START + 3)}
    world.send(transitions.values())
    world.say(7)
    arrays = world.batches[0].slot.views
    for b in range(4):
        transition = transitions[float(arrays.reward[b])]
        np.testing.assert_array_equal(arrays.proprio[:, b], transition.proprio)
        np.testing.assert_array_equal(arrays.action[b], transition.executed_action)


def test_the_action_that_is_learned_from_is_the_parameters(tmp_path, experience):
    world = World(tmp_path, action_feedback='requested')
    transitions = {t.reward: t for t in experience.run(START + 1)}
    world.send(transitions.values())
    world.say(7)
    arrays = world.batches[0].slot.views
    for b in range(4):
        np.testing.assert_array_equal(arrays.action[b], transitions[float(arrays.reward[b])].action)
    world.close()


def test_a_learner_without_access_gets_the_data_in_full_and_the_one_after_it_does_not(world, experience):
    world.send(experience.run(START + 9))
    world.say(7)
    world.say(7, world.batches[-1], wants=Wants.DATA)
    assert [batch.wants for batch in world.batches] == [Wants.IMAGES] * 3 + [Wants.DATA] * 3
    world.say(8)
    assert world.batches[-1].wants is Wants.IMAGES
    world.say(9, wants=Wants.DATA)
    assert world.batches[-1].wants is Wants.DATA, 'its first word says so'
    world.do(
        world.serving.on_done(Done(10, 0, sampler_id=OURS + 1, wants=Wants.DATA), world.now_s) or world.make()
    )
    assert world.batches[-1].wants is Wants.IMAGES, 'what it said of another memory is not of this one'


def test_a_learner_that_keeps_the_frames_is_told_where_images_lie(world, experience):
    world.send(experience.run(START + 9))
    world.say(7, wants=Wants.PLACES)
    batch = world.batches[-1]
    frames = world.serving.replay.frames
    assert batch.frames == (FramesAt(str(world.serving.replay.folder), frames.newest),)
    numbers = batch.slot.places.images.frames
    assert (numbers >= 1).all() and (numbers <= frames.newest).all()
    world.do(world.serving.on_done(Done(8, 0, OURS + 1, wants=Wants.PLACES), world.now_s) or world.make())
    assert world.batches[-1].wants is Wants.PLACES, 'also after the sampler before'
    world.say(8, world.batches[-1], wants=Wants.IMAGES)
    assert (world.batches[-1].wants, world.batches[-1].frames) == (Wants.IMAGES, ())


def test_a_number_that_nobody_knows_asks_for_images():
    assert Wants(7) is Wants.IMAGES


def test_a_new_learner_gets_the_slots_of_a_dead_one(world, experience):
    world.send(experience.run(START + 20))
    world.say(7)
    assert len(world.batches) == 3
    last_word = world.batches[-1]
    world.say(8)
    assert [batch.learner_id for batch in world.batches] == [7, 7, 7, 8, 8, 8]
    world.say(7, last_word)
    assert len(world.batches) == 6, 'the dead one has no say any more'


def test_mini_batches_that_never_arrived_are_replaced_in_new_memory(world, experience):
    world.send(experience.run(START + 20))
    world.say(7)
    path, token = world.serving.pool.path, world.serving.pool.token
    before = [part.copy() for part in world.batches[0].slot.views]
    world.now_s += 59.0
    world.second()
    assert len(world.batches) == 3
    world.now_s += 1.0
    world.second()
    assert len(world.batches) == 6 and world.serving.pool.token != token
    silent = 'no word from the learner on 3 mini-batches for 60 s; sends new ones'
    assert world.lines == [Say('info', silent)]
    for part, expected in zip(world.batches[0].slot.views, before, strict=True):
        np.testing.assert_array_equal(part, expected)
    with pytest.raises(SharedMemoryError):  # the old one is closed: nobody can open it any more
        SlotReader(path, token)
    world.now_s += 30.0
    world.say(7, world.batches[3], updates=1)  # two are still out
    world.now_s += 59.0
    world.second()
    assert world.lines == [Say('info', silent)]


def test_a_learner_that_was_given_nothing_to_do_is_not_silent(world, experience):
    world.say(7)
    world.now_s += 100.0
    token = world.serving.pool.token
    world.second()
    assert not world.lines and world.serving.pool.token == token
    world.send(experience.run(START + 1))
    assert len(world.batches) == 1
    world.second()
    assert not world.lines


def test_a_restarted_sampler_goes_on_with_other_draws(world, experience):
    world.send(experience.run(START + 8))
    world.say(7)
    first = world.batches[0].slot.views.reward.copy()
    world.close()
    world.open()
    assert world.found[0] == Say('info', f'{START + 8} transitions and 16 frames restored, {START + 8} steps')
    world.say(7, updates=1)
    assert world.batches[0].total_steps == START + 8
    assert (world.batches[0].slot.views.reward != first).any()


def test_the_rate_can_be_set_while_running(world, experience):
    world.send(experience.run(START + 1))
    world.say(7)
    world.say(7, world.batches[-1], updates=1)
    assert len(world.batches) == 1
    with pytest.raises(ValueError, match='updates_per_step is -1.0'):
        world.set(updates_per_step=-1.0)
    world.set(updates_per_step=0.0)
    assert len(world.batches) == 4


def test_actions_do_not_wait_unless_they_are_to(world, experience):
    world.send(experience.run(START + 3))
    world.say(7)
    assert world.steps == [ANY_STEP], 'said once, at the beginning'


def test_where_actions_wait_each_step_is_announced_when_its_updates_are_done(tmp_path, experience):
    world = World(tmp_path, governor='exactly')
    assert world.steps == [0], 'from the first action on'
    transitions = list(experience.run(START + 4))
    world.send(transitions[:START])
    assert world.steps[-1] == START, 'no learner was ever there: nothing is owed'
    world.say(7)
    world.send(transitions[START : START + 1])
    assert world.steps[-1] == START, 'one update is owed'
    world.say(7, world.batches[-1], updates=1)
    assert world.steps[-1] == START + 1
    world.send(transitions[START + 1 : START + 2])
    assert world.steps[-1] == START + 1
    world.say(8, updates=0)  # the learner of before has died
    assert world.steps[-1] == START + 2, 'what was lost with it holds nobody up'
    world.send(transitions[START + 2 :])
    assert world.steps[-1] == START + 2
    world.set(governor='at_most')
    assert world.steps[-1] == ANY_STEP
    world.set(governor='exactly')
    assert world.steps[-1] == START + 4, 'the debts of the past are not waited for'
    world.close()


def test_the_step_that_is_announced_is_the_environments_whatever_was_lost_on_the_way(tmp_path, experience):
    world = World(tmp_path, governor='exactly')
    _, *later = experience.run(3)
    world.do(world.serving.on_unreadable(1, ValueError('torn')))
    assert world.steps == [0, 1]
    world.send([later[0]._replace(total_steps=42)])
    assert world.steps[-1] == 42
    world.close()


def test_a_step_that_an_environment_counts_again_is_announced_again(tmp_path, experience):
    world = World(tmp_path, governor='exactly', random_steps=0)
    world.say(7)
    first, again, torn = experience.run(3)
    world.send([at(first, 1)])
    world.say(7, world.batches[-1], updates=1)
    world.say(7, world.batches[-1], updates=1)
    assert world.steps == [0, 1], 'once'
    world.send([at(again, 1)])
    assert world.steps == [0, 1], 'its update is owed'
    world.say(7, world.batches[-1], updates=2)
    assert world.steps == [0, 1, 1]
    world.do(world.serving.on_unreadable(1, ValueError('torn')))
    assert world.steps == [0, 1, 1, 1]
    world.send([at(torn, 1)._replace(reward=float('nan'))])
    assert world.steps == [0, 1, 1, 1, 1], 'nothing is owed for what is not counted'
    world.close()


def at(transition, total_steps):
    """The transition as the environment would count it."""
    return transition._replace(total_steps=total_steps)


def test_transitions_that_never_came_are_counted_also_while_the_sampler_was_away(world, experience):
    transitions = list(experience.run(6))
    world.send([*transitions[:2], at(transitions[2], 13)])
    assert world.second().transitions_lost == 10
    never = 'transitions not stored: environment step'
    assert world.lines == [Say('info', f'10 {never} 13 came after 2')]
    world.close()
    world.open()
    assert world.second().transitions_lost == 0, 'of this life'
    world.send([at(transitions[3], 94), at(transitions[4], 95)])
    status = world.second()
    assert (status.transitions, status.total_steps, status.transitions_lost) == (5, 5, 80)
    assert world.lines == [Say('info', f'80 {never} 94 came after 13')]
    assert world.serving.lost.startswith('5 transitions stored, 80 lost')
    world.do(world.serving.on_unreadable(98, ValueError('torn')))
    assert world.second().transitions_lost == 80, 'what it says of itself is not believed'
    world.send([at(transitions[5], 99)])
    assert world.second().transitions_lost == 83, 'two before it, and itself'
    world.do(world.serving.on_unreadable(100, ValueError('torn')))
    assert world.second().transitions_lost == 84, 'the next one'


def test_a_transition_that_is_refused_moves_no_count(world, experience):
    first, second = experience.run(2)
    world.send([first, at(second, 4_000_000)._replace(reward=float('nan')), second])
    status = world.second()
    assert (status.transitions, status.total_steps, status.transitions_lost) == (2, 2, 0)
    assert world.serving.replay.environment_steps == 2
    (line,) = world.lines
    assert line.text.startswith('1 transitions not stored: transition.reward')


def test_the_first_transition_of_a_run_is_its_first_step(world, experience):
    first, second = experience.run(2)
    world.send([at(first, 4), at(second, 5)])
    assert world.second().transitions_lost == 3


def test_an_environment_that_goes_back_to_the_beginning_of_an_episode_has_lost_nothing(world, experience):
    transitions = list(experience.run(6))
    world.send([at(transitions[0], 1), at(transitions[1], 2), at(transitions[2], 1)])
    world.close()
    world.open()
    world.send([at(transitions[3], 1), at(transitions[4], 2)])
    assert world.second().transitions_lost == 0 and not world.lines
    world.send([at(transitions[5], 4)])
    assert world.second().transitions_lost == 1


def test_a_buffer_that_does_not_say_which_step_it_has_come_to_lacks_none(world, experience):
    transitions = list(experience.run(3))
    world.send(transitions[:1])
    replay = world.serving.replay
    record = replay.records[1:2].copy()
    record['environment_steps'] = 0  # written before it was kept
    record['checksum'] = checksums(record)
    replay._file.write(RECORD.itemsize, record)
    world.close()
    world.open()
    world.send([at(transitions[1], 500), at(transitions[2], 502)])
    assert world.second().transitions_lost == 1


@pytest.mark.parametrize('step', [2**32, 2**64 - 1])
def test_a_step_that_no_run_reaches_is_not_counted_by(world, experience, step):
    transitions = list(experience.run(3))
    world.send([transitions[0], at(transitions[1], step), transitions[2]])
    assert world.second().transitions == 3
    assert world.second().transitions_lost == 1, 'between the first and the third'


def test_what_cannot_be_stored_is_counted_and_the_rest_goes_on(world, experience):
    transitions = list(experience.run(3))
    world.do(world.serving.on_unreadable(1, ValueError('torn')))
    world.send([transitions[1], transitions[2]._replace(reward=float('nan')), *experience.run(3)])
    status = world.second()
    assert (status.total_steps, status.transitions, status.transitions_lost) == (6, 3, 3)
    nan = 'transition.reward holds a number that is not finite; it was not stored'
    assert world.lines == [Say('info', f'3 transitions not stored: {nan}')]
    world.second()
    assert len(world.lines) == 1
    assert world.serving.lost.startswith(
        '3 transitions stored, 3 lost, 0 mini-batches, 0 transitions given up for want'
    )


def test_the_status_of_a_second_holds_what_it_waited_for_and_how_long_sampling_took(world, experience):
    world.send(experience.run(START + 2))
    world.say(7)
    for batch in list(world.batches):
        world.say(7, batch, updates=batch.batch_id)
    status = world.second()
    assert (status.mini_batches, status.waiting_for_steps, status.sampling_ms) == (2, 1, 500.0)
    frames = START + 2 + 3  # of one episode
    in_use = frames * (9 * 16 * 3 + INDEX.itemsize) + (START + 2) * RECORD.itemsize
    assert (status.capacity, status.bytes_per_transition) == (100, in_use / (START + 2))
    assert world.second().sampling_ms == 0.0
    world.send(experience.run(1))
    assert world.second().waiting_for_steps == 2, 'counted once for each time that it begins'


def test_a_debt_beyond_the_band_is_given_up_and_told_once(tmp_path, experience):
    world = World(tmp_path, error_band=5)
    world.send(experience.run(START + 20))
    world.say(7)
    for batch in range(5):
        world.say(7, world.batches[batch], updates=batch + 1)
    assert len(world.batches) == 5, 'twenty were earned'
    behind = 'learning is 5 updates behind (error_band): what the steps earn beyond that is given up'
    assert world.lines == [Say('info', behind)]
    assert '15 updates given up as the learner was too slow' in world.serving.lost
    world.send(experience.run(3))
    world.say(7, updates=5)
    assert len(world.lines) == 1
    world.close()


@pytest.mark.parametrize(('began', 'while_away', 'counted'), [(20, 0, 0), (20, 4, 4), (3, 4, 2), (0, 9, 4)])
def test_a_life_counts_what_its_own_steps_earned_and_was_given_up(
    tmp_path, experience, began, while_away, counted
):
    """What the steps before it earned the life before has given up, and counted."""
    world = World(tmp_path, error_band=5, random_steps=0)
    world.send(experience.run(began))
    world.close()
    world.open()
    world.send(experience.run(while_away))
    world.say(7)
    assert world.serving.losses['updates given up as the learner was too slow'] == counted
    assert len(world.lines) == (counted > 0)
    world.say(8)
    assert world.serving.losses['updates given up as the learner was too slow'] == counted
    world.send(experience.run(3))
    world.say(8)
    assert world.serving.losses['updates given up as the learner was too slow'] == counted + 3
    world.close()


def test_what_died_with_a_learner_and_will_not_be_done_again_is_counted(tmp_path, experience):
    world = World(tmp_path, error_band=5, random_steps=0)
    world.send(experience.run(20))
    world.close()
    world.open()
    world.say(7, updates=20)
    assert world.serving.losses['updates given up as the learner was too slow'] == 0
    world.say(8, updates=8)  # goes on from an older checkpoint
    assert world.serving.losses['updates given up as the learner was too slow'] == 7
    world.close()


def test_a_full_disk_is_told_once_and_learning_goes_on_from_what_is_there(world, experience, monkeypatch):
    transitions = list(experience.run(START + 8))
    world.send(transitions[: START + 2])
    with monkeypatch.context() as full:
        full.setattr(os, 'pwrite', _no_room)
        world.send(transitions[START + 2 : START + 8])
        world.say(7)
        assert len(world.batches) == 3
        for batch in range(3):
            world.say(7, world.batches[batch], updates=batch + 1)
        assert len(world.batches) == 6, 'steps that are not stored earn updates, too'
    world.send(experience.run(3))
    status = world.second()
    assert status.total_steps == START + 11
    assert (status.transitions, status.transitions_lost) == (START + 2 + 3, 6)
    folder = world.serving.replay.folder
    assert world.said_of_disk == [
        f'{folder} cannot be written (No space left on device): going on without it, trying again',
        f'{folder} is written again; until then 6 were not',
    ]


def _no_room(*_):
    raise OSError(28, 'No space left on device')


def test_a_disk_with_less_room_than_wanted_is_told_and_one_without_any_refused(tmp_path, monkeypatch):
    config = World(tmp_path / 'a')
    config.close()
    with monkeypatch.context() as small:
        small.setattr('shutil.disk_usage', lambda _: type('', (), {'free': 20_000}))
        _, found = open_replay(replace(config.config, run_folder=str(tmp_path / 'b')))
    assert 'has room for ' in found[1].text and 'of 100 transitions; what comes when' in found[1].text
    monkeypatch.setattr(os, 'posix_fallocate', _no_room)
    with pytest.raises(OSError, match='has no room for its first'):
        open_replay(replace(config.config, run_folder=str(tmp_path / 'c')))
