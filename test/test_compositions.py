"""The architectures in virtual time and as nodes without a graph: the order of work, who waits for whom."""

import importlib.util
import os

import numpy as np
import pytest
from compositions import ARCHITECTURES, START, NodeComposition, VirtualComposition

NODES_HERE = all(importlib.util.find_spec(name) for name in ('rclpy', 'ur5_rl_interfaces'))
nodes_only = pytest.mark.skipif(not NODES_HERE, reason='the workspace is not built: run ./ur5rl test')
KINDS = [VirtualComposition, pytest.param(NodeComposition, marks=nodes_only)]
IN_TURN = {
    'seq_sac': 'transition store sample update act',
    'async_sac_1': 'act transition store sample update',
    'async_sac_2': 'act transition store sample update',
}


@pytest.fixture
def compose(request, tmp_path, monkeypatch):
    """Makes a composition of the kind that the test names: compose(architecture, **parameters)."""
    monkeypatch.setattr(os, 'fdatasync', lambda handle: None)
    made = []

    def make(architecture, **changes):
        made.append(request.param(architecture, tmp_path, **changes))
        return made[-1]

    yield make
    for each in made:
        each.close()


both = pytest.mark.parametrize('compose', KINDS, indirect=True)
nodes = pytest.mark.parametrize('compose', KINDS[1:], indirect=True)


@both
@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_the_order_of_work_is_the_architectures(compose, architecture):
    world = compose(architecture)
    exactly = architecture == 'seq_sac'
    random = 'transition store act' if exactly else 'act transition store'
    assert [world.see(step) for step in range(START + 1)] == ['act', *[random] * START]
    for step in range(START + 1, START + 4):
        assert world.see(step) == IN_TURN[architecture]
    assert world.actions[-1].weights_updates == (3 if exactly else 2)


@nodes
def test_weights_that_come_when_an_observation_is_due_are_loaded_behind_its_action(compose):
    world, acted_with = compose('async_sac_2'), []
    step = world.explore()
    for world.is_due in (False, False, True, True, False):
        world.see(step)
        acted_with.append(world.actions[-1].weights_updates)
        step += 1
    assert acted_with == [0, 1, 2, 2, 3]


@nodes
def test_weights_that_come_after_an_episode_are_loaded_before_the_next_one(compose):
    world = compose('async_sac_2')
    step, world.is_due = world.explore(), True
    world.see(step, truncated=True)
    world.see(0, episode=2)
    assert world.actions[-1].weights_updates == 1


@nodes
def test_weights_that_an_action_waits_for_wait_for_nothing(compose):
    world = compose('seq_sac')
    step, world.is_due = world.explore(), True
    for count in (1, 2):
        world.see(step)
        assert world.actions[-1].weights_updates == count
        step += 1


@nodes
def test_weights_that_come_when_an_observation_is_due_are_loaded_behind_an_action_that_waited(compose):
    world = compose('async_sac_2', governor='exactly', weights_period_s=60.0)
    step = world.explore()
    world.see(step)
    world.is_due = True
    world.publish_weights()
    for count in (0, 1):
        step += 1
        world.see(step)
        assert world.actions[-1].weights_updates == count


@both
@pytest.mark.parametrize('architecture', ['async_sac_1', 'async_sac_2'])
def test_sampling_is_ahead_of_learning_by_the_slots(compose, architecture):
    world = compose(architecture, updates_per_step=4.0)
    step = world.explore()
    work = [name for name in world.see(step).split() if name in ('sample', 'update')]
    assert work.count('sample') == work.count('update') == 4
    ahead = [work[: i + 1].count('sample') - work[: i + 1].count('update') for i in range(len(work))]
    if architecture == 'async_sac_1':
        assert work == ['sample', 'update'] * 4
    else:
        assert 1 < max(ahead) <= ARCHITECTURES[architecture]['slots']


@both
@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_exactly_holds_an_action_until_all_updates_of_its_step_are_done_in_every_architecture(
    compose, architecture
):
    world = compose(architecture, governor='exactly', updates_per_step=2.0, slots=1)
    step = world.explore()
    for count in (2, 4, 6):
        assert world.see(step) == 'transition store sample update sample update act'
        assert world.actions[-1].weights_updates == count
        step += 1


@both
def test_the_last_observation_of_an_episode_needs_no_action_and_is_learned_from_in_the_reset(compose):
    world = compose('seq_sac')
    step = world.explore()
    assert world.see(step, truncated=True) == 'transition store sample update'
    assert world.see(0, episode=2) == 'act'


@both
@pytest.mark.parametrize('change', [{'governor': 'at_most'}, {'updates_per_step': 0.0}])
def test_an_action_that_waits_goes_at_once_when_it_need_not_any_more(compose, change):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.stop_learner()
    assert world.see(step) == 'transition store'
    assert world.set(**change) == 'act'
    assert world.see(step + 1) == 'act transition store'


@both
def test_no_learner_was_ever_there_nothing_is_owed_and_the_actor_goes_on_at_random(compose):
    world = compose('async_sac_2', learner=False, governor='exactly')
    for step in range(START + 4):
        assert world.see(step).endswith('act')
        assert world.actions[-1].random


@both
def test_the_learner_dies_and_what_waits_is_given_up_until_it_is_back(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.see(step)
    world.stop_learner()
    assert world.see(step + 1) == 'transition store'
    assert world.see(0, episode=2) == 'act', 'a new episode waits for newer steps only'
    assert world.see(1, episode=2) == 'transition store'


@both
def test_a_transition_is_lost_and_only_its_own_episode_aborts(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.see(step)
    world.loses_transitions = True
    assert world.see(step + 1) == 'transition'
    world.loses_transitions = False
    assert world.see(0, episode=2) == 'act'
    assert world.see(1, episode=2) == 'transition store sample update act'


@both
def test_the_sampler_is_not_there_and_the_actor_waits_for_nothing(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.stop_sampler()
    assert [world.see(step + more) for more in range(3)] == ['act'] * 3


@nodes
def test_a_learner_that_comes_back_is_owed_nothing_and_its_steps_are_waited_for(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    for more in range(3):
        world.see(step + more)
    world.stop('learner')
    assert world.see(step + 3) == 'transition store', 'nobody listens'
    world.learner_begins_at = 1  # its checkpoint lacks two
    assert world.start('learner') == 'act', 'what was lost with it holds nobody up'
    assert world.see(step + 4) == 'transition store sample update act'
    assert world.actions[-1].weights_updates == 2


@nodes
def test_what_died_with_a_learner_is_done_again_and_its_slots_are_free(compose):
    world = compose('async_sac_2', updates_per_step=4.0)
    world.show(world.explore())
    sampler = world.nodes['buffer_sampler']._serving
    while not sampler.pool.handed_out:
        world.turn('actor', 'buffer_sampler')
    world.stop('learner')
    world.settle()
    assert sampler.pool.handed_out == 1
    assert world.start('learner').split().count('update') == 4
    assert sampler.pool.handed_out == 0


@nodes
def test_a_sampler_that_comes_back_finds_learner_and_buffer(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.see(step)
    world.stop('buffer_sampler')
    assert world.see(step + 1) == 'act'
    assert world.start('buffer_sampler') == ''
    serving = world.nodes['buffer_sampler']._serving
    assert serving.replay.total_steps == START + 1
    assert world.see(step + 2) == 'transition store sample update act', 'its frames came again'


@nodes
@pytest.mark.parametrize('mini_batches', ['slots', 'device'])
def test_a_sampler_that_dies_before_its_memory_is_opened_costs_the_next_one_nothing(
    compose, mini_batches, capfd
):
    world = compose('async_sac_2', learner=False, updates_per_step=4.0, mini_batches=mini_batches)
    step = world.explore()
    world.see(step)
    world.start('learner', settle=False)
    sampler = world.nodes['buffer_sampler']._serving
    while not sampler.pool.handed_out:
        world.turn('buffer_sampler')
    world.stop('buffer_sampler')
    world.settle()
    assert 'asks for whole mini-batches' in capfd.readouterr().err
    world.start('buffer_sampler')
    world.see(step + 2)
    world.batches.clear()
    world.data_of_mini_batches.clear()
    world.see(step + 3)
    assert world.data_of_mini_batches and not any(world.data_of_mini_batches), 'they come in memory'
    assert world.batches and all(placed == (mini_batches == 'device') for placed, *_ in world.batches)


@nodes
def test_an_actor_that_comes_back_has_the_latched_weights_and_waits_for_nothing(compose):
    world = compose('async_sac_2', governor='exactly')
    step = world.explore()
    world.see(step)
    world.stop('actor')
    world.start('actor')
    assert world.see(step + 1) == 'act'
    assert world.actions[-1].weights_updates == 1
    assert not world.actions[-1].random
    assert world.see(step + 2) == 'transition store sample update act'


@nodes
@pytest.mark.parametrize('architecture', ARCHITECTURES)
@pytest.mark.parametrize('mini_batches', ['auto', 'device', 'full'])
def test_what_is_learned_from_is_the_same_whichever_way_it_comes(
    compose, architecture, mini_batches, tmp_path_factory
):
    world = compose(architecture, mini_batches=mini_batches)
    other = NodeComposition(architecture, tmp_path_factory.mktemp('slots'), mini_batches='slots')
    for each in (world, other):
        for step in range(START + 5):
            each.see(step)
    other.close()
    assert len(world.batches) == len(other.batches) == 4
    for (placed, images, reward), (_, expected, as_well) in zip(world.batches, other.batches, strict=True):
        assert placed == (mini_batches == 'device')
        np.testing.assert_array_equal(images, expected)
        np.testing.assert_array_equal(reward, as_well)


@nodes
def test_frames_on_the_device_follow_a_sampler_and_a_learner_that_come_back(compose):
    world = compose('async_sac_2', mini_batches='device')
    step = world.explore()
    for node in ('buffer_sampler', 'learner', 'buffer_sampler'):
        world.see(step)
        world.stop(node)
        world.start(node)
        world.batches.clear()
        step += 2
        world.see(step - 1)
        world.see(step)
        assert world.batches and all(placed for placed, *_ in world.batches)


@nodes
def test_frames_that_find_no_room_come_as_images(compose, monkeypatch, capfd):
    monkeypatch.setattr('sac_learner.frame_mirror._free_bytes', lambda device: 1000)
    world = compose('async_sac_2', mini_batches='device')
    first = world.explore()
    for step in range(first, first + 4):
        world.see(step)
    assert len(world.batches) >= 3 and not any(placed for placed, *_ in world.batches)
    said = capfd.readouterr().err
    assert said.count('frames need 0.0 GB, cpu has 0.0 GB free; asks for images in slots') == 1


@nodes
@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_no_actor_is_seen_before_a_sampler_hears_what_it_experiences(compose, architecture, capsys):
    world = compose(architecture, awaits_sampler=True)
    assert world.see(0) == 'act'
    for node in ('actor', 'buffer_sampler'):
        world.stop(node)
    world.forget('updated_step')
    world.start('actor')
    assert world.heard_by('observation') == []
    actor = world.nodes['actor']
    actor._waits_since -= 6.0
    for _ in range(2):
        actor._join()
    assert capsys.readouterr().out.count('actor: waits for the buffer sampler') == 1
    world.start('buffer_sampler')
    assert world.heard_by('observation') == ['actor']
    assert world.see(0) == 'act'
