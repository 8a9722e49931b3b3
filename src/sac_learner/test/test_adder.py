"""Transitions: each frame is carried once, and no transition is made across a gap."""

import numpy as np

from sac_learner.adder import Adder
from sac_learner.exploration import RandomPolicy
from ur5_rl_graph.data import Observation

ACTION = np.full(5, 0.5, np.float32)


def observation(step, frame_ids, episode=1, truncated=False):
    frames = np.stack([np.full((2, 2, 3), frame_id, np.uint8) for frame_id in frame_ids])
    return Observation(
        episode=episode,
        step=step,
        total_steps=step,
        frames=frames,
        frame_ids=np.array(frame_ids),
        proprio=np.full(15, step, np.float32),
        executed_action=np.full(5, 0.01 * step, np.float32),
        action_changed=step == 2,
        reward=0.1 * step,
        terminated=False,
        truncated=truncated,
        stamp_ns=step,
    )


def play(adder, *observations):
    out = []
    for each in observations:
        out.append(adder.transition_to(each))
        adder.acted(each, None if each.truncated else ACTION)
    return out


def test_each_frame_is_carried_once():
    first, second, third = play(
        Adder(), observation(0, [1, 2, 3]), observation(1, [2, 3, 4]), observation(2, [3, 4, 5])
    )
    assert first is None
    assert second.new_frame_ids.tolist() == [1, 2, 3, 4]
    assert second.new_frames[:, 0, 0, 0].tolist() == [1, 2, 3, 4]
    assert second.frame_ids.tolist() == [[1, 2, 3], [2, 3, 4]]
    assert third.new_frame_ids.tolist() == [5]
    assert third.reward == 0.2
    for transition, executed, changed in ((second, 0.01, False), (third, 0.02, True)):
        np.testing.assert_array_equal(transition.action, ACTION)
        np.testing.assert_array_equal(transition.executed_action, np.full(5, executed, np.float32))
        assert transition.action_changed is changed
    assert third.step == 1
    assert third.proprio[:, 0].tolist() == [1, 2]


def test_a_frame_that_stays_in_the_stack_is_not_carried_again():
    out = play(Adder(), *(observation(k, [k + 1, k + 2, k + 3]) for k in range(6)))
    assert [t.new_frame_ids.tolist() for t in out[1:]] == [[1, 2, 3, 4], [5], [6], [7], [8]]


def test_outcome_count_and_time_are_those_of_the_observation_that_ends_the_step():
    end = observation(1, [2, 3, 4], truncated=True)._replace(total_steps=71, terminated=True, stamp_ns=99)
    _, transition = play(Adder(), observation(0, [1, 2, 3]), end)
    assert (transition.total_steps, transition.stamp_ns) == (71, 99)
    assert transition.terminated and transition.truncated
    np.testing.assert_array_equal(transition.action, ACTION)


def test_nothing_follows_an_observation_that_was_not_answered():
    adder = Adder()
    out = play(adder, observation(0, [1, 2, 3], truncated=True), observation(1, [2, 3, 4]))
    assert out == [None, None]
    assert adder.gaps == 1


def test_camera_dropout_repeats_a_frame_and_sends_nothing_new():
    *_, last = play(Adder(), observation(0, [1, 2, 3]), observation(1, [2, 3, 4]), observation(2, [2, 3, 4]))
    assert last.new_frame_ids.tolist() == []
    assert last.new_frames.shape == (0, 2, 2, 3)


def test_frames_that_reached_nobody_are_carried_again():
    adder = Adder()
    play(adder, observation(0, [1, 2, 3]), observation(1, [2, 3, 4]))
    adder.undelivered()
    (after,) = play(adder, observation(2, [3, 4, 5]))
    assert after.new_frame_ids.tolist() == [2, 3, 4, 5]


def test_a_lost_observation_makes_no_transition_and_is_counted():
    adder = Adder()
    out = play(adder, observation(0, [1, 2, 3]), observation(2, [3, 4, 5]), observation(3, [4, 5, 6]))
    assert out[1] is None
    assert adder.gaps == 1
    assert out[2].new_frame_ids.tolist() == [3, 4, 5, 6]


def test_truncated_episode_ends_with_a_transition_and_the_next_starts_afresh():
    adder = Adder()
    out = play(
        adder,
        observation(0, [1, 2, 3]),
        observation(1, [2, 3, 4], truncated=True),
        observation(0, [7, 8, 9], episode=2),
        observation(1, [8, 9, 10], episode=2),
    )
    assert out[1].truncated and not out[1].terminated
    assert out[2] is None
    assert out[3].new_frame_ids.tolist() == [7, 8, 9, 10]
    assert adder.gaps == 0


def test_frames_of_an_earlier_episode_stand_for_none_of_this_one():
    """A clock was set back between the episodes, and capture times come again."""
    out = play(
        Adder(),
        observation(0, [3, 4, 5]),
        observation(1, [4, 5, 6]),
        observation(0, [4, 5, 6], episode=2),
        observation(1, [5, 6, 7], episode=2),
    )
    assert out[3].new_frame_ids.tolist() == [4, 5, 6, 7]


def test_random_action_is_held():
    policy = RandomPolicy(np.random.default_rng(0), hold_steps=3)
    actions = [policy.act(step).tolist() for step in range(6)]
    assert actions[0] == actions[1] == actions[2] != actions[3] == actions[4] == actions[5]
    assert all(-1 <= value <= 1 for action in actions for value in action)
