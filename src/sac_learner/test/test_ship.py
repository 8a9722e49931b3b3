"""A shipped checkpoint is smaller and acts alike."""

import numpy as np

from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_checkpoint, policy_part, save_checkpoint
from sac_learner.learner import SacLearner
from sac_learner.policy import Policy
from sac_learner.saved_setting import saved_setting
from sac_learner.ship import main
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph.data import MiniBatch

CONFIG = AgentConfig(
    crop_width=76, crop_height=42, channels=2, strides=(2, 2, 1, 1), hidden_width=16, batch_size=4
)


def trained():
    learner, rng = SacLearner(CONFIG, 0), np.random.default_rng(0)
    learner.update(
        MiniBatch(
            images=rng.integers(0, 256, (2, 4, *CONFIG.image_shape), np.uint8),
            proprio=rng.random((2, 4, 15), np.float32),
            action=rng.uniform(-1.0, 1.0, (4, 5)).astype(np.float32),
            reward=rng.random(4, np.float32),
            discount=np.ones(4, np.float32),
        )
    )
    return learner


def test_shipped_checkpoint_acts_alike_and_can_be_started_from(tmp_path):
    learner, whole, small = trained(), tmp_path / 'whole', tmp_path / 'folder/small'
    save_checkpoint(whole, learner.get_state(), saved_setting(CONFIG, TaskConfig()))
    assert main([str(whole), str(small)]) == 0
    assert small.stat().st_size < 0.7 * whole.stat().st_size
    state, setting = load_checkpoint(small)
    assert setting == load_checkpoint(whole)[1]
    policy, other = Policy(CONFIG), Policy(CONFIG)
    policy.load(policy_part(state))
    other.load(learner.policy_weights())
    frames, proprio = np.full((3, 45, 80, 3), 90, np.uint8), np.ones(15, np.float32)
    np.testing.assert_array_equal(policy.act(frames, proprio), other.act(frames, proprio))
    SacLearner(CONFIG, 1).set_state(state)


def test_no_checkpoint_is_said_in_one_line(tmp_path, capsys):
    assert main([str(tmp_path / 'none'), str(tmp_path / 'small')]) == 2
    assert capsys.readouterr().err == f'error: no checkpoint at {tmp_path / "none"}\n'
