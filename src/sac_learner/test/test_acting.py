"""The actor without ROS: when it acts, with what, and what it does with what it cannot use."""

import numpy as np
import pytest

from sac_learner.acting import Acting
from sac_learner.actor_config import ActorConfig
from sac_learner.agent_config import AgentConfig
from sac_learner.exploration import RandomPolicy
from sac_learner.weights import PolicyWeights
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.data import ANY_STEP, Action, Observation, Transition
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.say import Say


class FakePolicy:
    """Acts with the number of the weights that it was given last."""

    config = AgentConfig(crop_width=76, crop_height=42)

    def __init__(self):
        self.number, self.noises = 0.0, []

    def load(self, arrays):
        if 'bad' in arrays:
            raise ValueError('weights bad are not finite')
        self.number = arrays['number']

    def act(self, frames, proprio, rng):
        if frames.shape[1:] != self.config.image_shape[1:]:
            raise ValueError('frames are of another size')
        self.noises.append(None if rng is None else rng.random())
        return np.full(5, self.number, np.float32)


class World:
    """An actor, and the clocks that it reads."""

    def __init__(self, **config):
        self.now_s, self.stamp_ns = 10.0, 5_000_000_000
        self.policy = FakePolicy()
        clock = Clock(lambda: self.now_s, lambda: self.stamp_ns)
        self.acting = Acting(self.policy, ActorConfig(**{'random_steps': 0} | config), clock)

    def see(self, step, total=None, episode=1, **changes):
        total = 100 * episode + step if total is None else total
        return self.acting.on_observation(observation(step, total, episode, **changes), self.now_s - 0.002)

    def weights(self, number, version=1, updates=1):
        weights = PolicyWeights({'number': number}, version, updates)
        return self.acting.on_weights(weights, self.stamp_ns - 250_000_000)


def observation(step, total, episode=1, truncated=False, terminated=False, size=(42, 76)):
    return Observation(
        episode=episode,
        step=step,
        total_steps=total,
        frames=np.zeros((3, *size, 3), np.uint8),
        frame_ids=np.arange(3, dtype=np.int64) + 10 * episode + step,
        proprio=np.zeros(15, np.float32),
        executed_action=np.zeros(5, np.float32),
        action_changed=False,
        reward=1.0,
        terminated=terminated,
        truncated=truncated,
        stamp_ns=1,
    )


def kinds(outputs):
    return [type(output) for output in outputs]


def test_the_action_goes_before_the_transition_where_nobody_waits():
    world = World()
    world.weights(0.5)
    assert kinds(world.see(0)) == [Action]
    action, transition = world.see(1)
    assert (action.step, transition.step, transition.total_steps) == (1, 0, 101)
    assert kinds(world.see(2, truncated=True)) == [Transition]
    assert kinds(world.see(0, episode=2)) == [Action], 'nothing leads from one episode to the next'


def test_an_action_says_what_it_was_made_of_and_when_it_leaves():
    world = World()
    world.weights(0.5, version=7, updates=3)
    world.now_s += 1.0
    (action,) = world.see(0)
    assert action.action.tolist() == [0.5] * 5 and not action.random
    assert (action.episode, action.weights_version, action.weights_updates) == (1, 7, 3)
    assert action.weights_age_s == pytest.approx(1.25)
    assert action.inference_ms == pytest.approx(2.0)
    assert action.stamp_ns == world.stamp_ns


def test_random_actions_end_with_the_random_steps_or_the_first_trained_weights():
    world = World(random_steps=3)
    world.weights(0.5, updates=0)
    assert [world.see(step, step)[0].random for step in range(4)] == [True, True, True, False]
    world = World(random_steps=3)
    world.weights(0.5, updates=1)
    assert not world.see(0, 0)[0].random


def test_random_actions_are_those_of_the_random_policy_of_the_seed():
    world = World(random_steps=3, seed=3, deterministic=True)
    world.weights(0.5, updates=0)
    expected = RandomPolicy(generator(3, Stream.EXPLORATION, 0), world.acting._config.random_hold_steps)
    for step in range(3):
        assert world.see(step, step)[0].action.tolist() == expected.act(step).tolist()


def test_without_weights_an_actor_that_has_explored_goes_on_and_one_that_comes_back_lets_the_arm_stand():
    world = World(random_steps=1)
    assert [world.see(step, step)[0].random for step in range(3)] == [True] * 3
    world = World(random_steps=1)
    assert world.see(4, 104) == [Say('warning', 'no weights yet; is the learner running?')]
    assert world.see(5, 105) == [], 'it says so once, and nothing follows an observation without an action'
    assert world.see(6, 106) == []
    assert '3 observations unanswered' in world.acting.lost
    world.weights(0.5)
    assert kinds(world.see(0, 106, episode=2)) == [Action]
    assert World(checkpoint='there').see(0)[0].action.tolist() == [0.0] * 5


def test_the_noise_is_that_of_the_seed_and_an_actor_that_comes_back_draws_another():
    def noises(first_step, deterministic=False, seed=3):
        world = World(seed=seed, deterministic=deterministic)
        world.weights(0.5)
        world.see(0, first_step)
        world.see(1, first_step + 1)
        return world.policy.noises[1:]  # the first call is the warming up

    assert noises(0) == noises(0) != noises(0, seed=4)
    assert not set(noises(0)) & set(noises(900))
    assert noises(900) == noises(900)
    drawn = generator(3, Stream.EXPLORATION, 0).random(3).tolist()
    assert noises(0) == drawn[1:], 'an actor that begins a run draws from its beginning'
    assert noises(0, deterministic=True) == [None, None]


def waiting(world):
    """An actor whose action on step 1 waits for the updates of its transition."""
    world.weights(0.5)
    assert world.acting.on_updated_step(100) == []
    assert kinds(world.see(0)) == [Action], 'nothing was sent yet'
    assert kinds(world.see(1)) == [Transition]
    assert world.acting.holds
    return world


def test_where_actions_wait_the_transition_goes_first_and_the_samplers_word_lets_the_action_go():
    world = waiting(World())
    assert world.acting.on_updated_step(100) == []
    world.weights(0.75, version=2, updates=2)
    (action,) = world.acting.on_updated_step(101)
    assert action.action.tolist() == [0.75] * 5, 'it acts with the weights of now'
    assert action.inference_ms == 0.0, 'waiting is no inference'
    assert not world.acting.holds
    assert kinds(world.see(2)) == [Transition]
    assert world.acting.lost == ''


@pytest.mark.parametrize('end', ['truncated', 'terminated'])
def test_the_last_observation_needs_no_action_and_the_next_first_one_waits_for_its_updates(end):
    world = waiting(World())
    world.acting.on_updated_step(101)
    assert kinds(world.see(2, **{end: True})) == [Transition]
    assert not world.acting.holds
    assert world.see(0, 102, episode=2) == []
    assert kinds(world.acting.on_updated_step(102)) == [Action]


def test_an_action_that_waits_goes_at_once_when_nothing_is_waited_for_any_more():
    world = waiting(World())
    assert kinds(world.acting.on_updated_step(ANY_STEP)) == [Action]
    assert kinds(world.see(2)) == [Action, Transition]


@pytest.mark.parametrize('readable', [True, False])
def test_an_action_whose_observation_was_overtaken_is_given_up_and_counted(readable):
    world = waiting(World())
    if not readable:
        said = world.acting.on_unreadable_observation(0, 2, ValueError('torn'))
        assert said == [Say('warning', 'refused (1 so far): observation 0 of episode 2: torn')]
        assert not world.acting.holds
    assert kinds(world.see(0, episode=2)) == [Action], 'it waits for newer steps only'
    assert world.acting.on_updated_step(101) == []
    assert world.acting.losses['given up while their action waited for updates'] == 1


def test_a_transition_that_reached_nobody_holds_nothing_up_and_its_frames_are_sent_again():
    world = waiting(World())
    assert kinds(world.acting.on_undelivered()) == [Action]
    (again,) = world.see(2)
    assert again.new_frame_ids.tolist() == [11, 12, 13, 14]
    world.acting.on_updated_step(102)
    (next_one,) = world.see(3)
    assert next_one.new_frame_ids.tolist() == [15]


def test_what_cannot_be_used_is_refused_counted_and_no_end():
    world = World()
    world.weights(0.5, version=4)
    bad = PolicyWeights({'bad': 1}, 5, 9)
    assert world.acting.on_weights(bad, 0) == [
        Say(
            'warning',
            'refused (1 so far): weights version 5: weights bad are not finite; acting on version 4',
        )
    ]
    (said,) = world.see(0, size=(30, 30))
    assert said.text == 'refused (2 so far): observation 0 of episode 1: frames are of another size'
    (said,) = world.acting.on_unreadable_weights(6, ValueError('torn'))
    assert said.text == 'refused (3 so far): weights version 6: torn; acting on version 4'
    action = world.see(0, episode=2)[0]
    assert (action.weights_version, action.weights_updates) == (4, 1)
    assert '3 messages refused' in world.acting.lost


def test_refusals_without_end_get_few_lines_and_hide_none_of_another_kind():
    world = World()
    said = [world.acting.on_unreadable_observation(step, 1, ValueError('torn')) for step in range(250)]
    assert [len(lines) for lines in said] == [1] * 10 + [0] * 89 + ([1] + [0] * 99) + [1] + [0] * 50
    (line,) = world.acting.on_unreadable_weights(6, ValueError('torn'))
    assert line.text.startswith('refused (251 so far): weights version 6')
    assert world.acting.losses['messages refused'] == 251


def test_a_learner_that_went_back_is_told():
    world = World()
    assert world.weights(0.5, updates=9) == []
    assert world.weights(0.5, updates=9) == []
    assert world.weights(0.5, updates=4) == [
        Say('info', 'the learner went back from update 9 to 4: 5 updates were lost with it')
    ]
    assert world.weights(0.5, updates=3) == [
        Say('info', 'the learner went back from update 4 to 3: 1 updates were lost with it')
    ]


def test_observations_that_do_not_continue_are_counted():
    world = World()
    world.weights(0.5)
    world.see(0)
    assert kinds(world.see(2)) == [Action]
    assert '1 observations without a predecessor' in world.acting.lost
