"""The environment of other libraries' agents, with an environment made by hand behind it."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from ur5_rl_graph.data import Observation
from ur5_rl_gym.ur5_env import Aborted, UR5Env

STEPS = 4


class FakeLink:
    """Begins an episode when there is an actor, and answers each action; `said` is what it was told."""

    shape = (6, 8)

    def __init__(self):
        self.said, self.events, self.actions = [], [], []
        self.present, self.episode, self.target, self.silent = False, 0, 0, False
        self.stamp_ns = 0

    def observe(self, step, **changes):
        frames = np.zeros((3, *self.shape, 3), np.uint8)
        frames += np.arange(9, dtype=np.uint8).reshape(3, 1, 1, 3)  # frame 0: B 0, G 1, R 2; frame 1: B 3 ...
        values = {
            'episode': self.episode,
            'step': step,
            'total_steps': step,
            'frames': frames,
            'frame_ids': np.zeros(3, np.int64),
            'proprio': np.full(15, self.target, np.float32),
            'executed_action': np.full(5, 0.5, np.float32),
            'action_changed': True,
            'reward': 1.5 * step,
            'terminated': False,
            'truncated': step == STEPS,
            'stamp_ns': self.stamp_ns,
        }
        self.events.append(Observation(**values | changes))

    def begin(self):
        self.episode += 1
        self.observe(0)

    def next(self, timeout_s):
        return self.events.pop(0) if self.events else None

    def act(self, action):
        self.actions.append(action)
        if not self.silent:
            self.observe(action.step + 1)

    def appear(self):
        if not self.present:
            self.present = True
            self.said.append('appear')
            self.begin()

    def disappear(self):
        self.present = False
        self.said.append('disappear')

    def seed(self, seed):
        self.target = seed % 1000
        self.said.append('seed')

    def reset(self):
        self.said.append('reset')
        self.events.clear()
        if self.present:
            self.begin()

    def close(self):
        self.said.append('close')


@pytest.fixture
def link():
    return FakeLink()


@pytest.fixture
def env(link):
    return UR5Env(link=link, timeout_s=0.0)


ACTION = np.array([0.1, -1.0, 1.0, 0.0, -0.5], np.float32)


def test_gymnasiums_own_checker_has_nothing_to_say_but_that_numbers_have_no_bounds(link):
    env = gymnasium.make('ur5_rl_gym:UR5-v0', link=link).unwrapped
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter('always')
        warnings.simplefilter('ignore', ResourceWarning)  # of what other tests have left to the collector
        check_env(env)
    words = [str(warning.message) for warning in said]
    assert all('infinity' in text for text in words), words


def test_it_is_made_by_its_name(link):
    made = gymnasium.make('ur5_rl_gym:UR5-v0', link=link)
    assert (
        isinstance(made.unwrapped, UR5Env)
        and made.spec.nondeterministic
        and made.spec.max_episode_steps is None
    )


def test_an_image_holds_the_planes_of_the_three_frames_oldest_first(env):
    seen, _ = env.reset()
    assert seen['image'].shape == (9, 6, 8) and seen['image'].dtype == np.uint8
    assert seen['image'][:, 0, 0].tolist() == list(range(9))
    assert env.observation_space.contains(seen)


def test_a_step_answers_the_newest_observation_and_brings_the_next_with_its_reward(env, link):
    env.reset()
    seen, reward, terminated, truncated, info = env.step(ACTION)
    assert [(a.episode, a.step, a.random) for a in link.actions] == [(1, 0, False)]
    assert link.actions[0].action.tolist() == ACTION.tolist()
    assert (reward, terminated, truncated) == (1.5, False, False)
    assert info['executed_action'].tolist() == [0.5] * 5 and info['action_changed'] is True
    assert (info['episode_number'], info['total_steps']) == (1, 1)


def test_after_the_last_observation_nobody_is_there_until_the_next_reset(env, link):
    env.reset()
    ends = [env.step(ACTION)[2:4] for _ in range(STEPS)]
    assert ends == [(False, False)] * (STEPS - 1) + [(False, True)]
    assert link.said == ['reset', 'appear', 'disappear']
    with pytest.raises(gymnasium.error.ResetNeeded, match=r'call reset\(\) first'):
        env.step(ACTION)
    env.reset()
    assert (
        link.said == ['reset', 'appear', 'disappear', 'appear'] and env.step(ACTION)[4]['episode_number'] == 2
    )


def test_a_reset_within_an_episode_has_the_next_one_begin(env, link):
    env.reset()
    env.step(ACTION)
    env.reset()
    assert link.said == ['reset', 'appear', 'reset']
    assert env.step(ACTION)[4]['episode_number'] == 2


def test_the_same_seed_gives_the_same_target_and_another_one_another(env, link):
    targets = [env.reset(seed=seed)[0]['proprio'][0] for seed in (7, 8, 7)]
    assert targets[0] == targets[2] != targets[1]
    assert link.said[:3] == ['seed', 'reset', 'appear'], 'before the episode begins'


def test_an_aborted_episode_is_truncated_and_says_why(env, link):
    env.reset()
    env.step(ACTION)
    link.silent = True
    link.events = [Aborted(1, 'no action for 1.2 s')]
    seen, reward, terminated, truncated, info = env.step(ACTION)
    assert (reward, terminated, truncated, info['aborted']) == (0.0, False, True, 'no action for 1.2 s')
    assert env.observation_space.contains(seen) and link.said[-1] == 'disappear'


def test_an_environment_that_was_started_again_truncates_the_episode(env, link):
    env.reset()
    link.silent = True
    link.begin()
    assert env.step(ACTION)[4]['aborted'] == 'the environment has begun another episode'
    link.silent = False
    env.reset()
    assert link.said == ['reset', 'appear', 'disappear', 'reset', 'appear'], (
        'it would await an action for ever'
    )


@pytest.mark.parametrize('episodes', [1, 3])
def test_a_launch_that_was_started_anew_counts_from_one(env, link, episodes):
    for _ in range(episodes):
        env.reset()
        while not env.step(ACTION)[3]:
            pass
    link.episode, link.stamp_ns = 0, 10
    assert env.reset()[1]['episode_number'] == 1
    assert env.step(ACTION)[2:4] == (False, False)


@pytest.mark.parametrize('episodes', [1, 3])
def test_a_launch_that_was_started_anew_within_an_episode_truncates_it(env, link, episodes):
    for _ in range(episodes):
        env.reset()
        env.step(ACTION)
    link.silent, link.episode, link.stamp_ns = True, 0, 10
    link.begin()
    _, reward, *ends, info = env.step(ACTION)
    assert (reward, ends) == (0.0, [False, True]) and 'begun another episode' in info['aborted']
    link.silent, link.episode = False, 0
    assert env.reset()[1]['episode_number'] == 1
    assert env.step(ACTION)[2:4] == (False, False)


def test_what_is_left_over_of_older_steps_is_no_answer(env, link):
    env.reset()
    link.observe(0)
    link.observe(7)
    assert env.step(ACTION)[1] == 1.5


def test_an_episode_that_was_aborted_before_its_first_step_is_not_begun(env, link):
    env.reset()
    for _ in range(STEPS):
        env.step(ACTION)
    link.present = True  # it has not yet been seen that nobody is there
    link.begin()
    link.events.append(Aborted(2, 'stopped by request'))
    link.begin()
    env.reset()
    assert env.step(ACTION)[4]['episode_number'] == 3


@pytest.mark.parametrize('action', [np.zeros(6), np.full(5, np.nan), [0, 0, 0, 0, 1.1], np.zeros((5, 1))])
def test_no_action_of_the_space_is_refused_and_not_sent(env, link, action):
    env.reset()
    with pytest.raises(ValueError, match='give 5 numbers from -1 to 1'):
        env.step(action)
    assert not link.actions


def test_an_environment_that_is_silent_is_named(env, link):
    link.appear = lambda: None
    with pytest.raises(TimeoutError, match='no episode began within 0 s'):
        env.reset()
    link.reset = link.begin
    env.reset()
    link.silent = True
    with pytest.raises(TimeoutError, match='does environment still run'):
        env.step(ACTION)


def test_it_closes_its_link(env, link):
    env.close()
    assert link.said == ['close']
