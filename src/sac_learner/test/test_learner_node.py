"""The learner's node: what it goes on from, and what it does with numbers that are not finite."""

from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
import torch
from own_domain import own_domain

rclpy = pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

from std_srvs.srv import Trigger  # noqa: E402

from sac_learner.agent_config import AgentConfig  # noqa: E402
from sac_learner.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402
from sac_learner.learner import SacLearner  # noqa: E402
from sac_learner.saved_setting import saved_setting  # noqa: E402
from ur5_rl_env.task import TaskConfig  # noqa: E402

pytestmark = pytest.mark.graph
SIZES = {'crop_width': 76, 'crop_height': 42, 'channels': 2, 'hidden_width': 8}
AGENT = AgentConfig(**SIZES)
SETTING = saved_setting(AGENT, TaskConfig())
OTHER = saved_setting(replace(AGENT, softmax_temperature=0.5), TaskConfig())


@pytest.fixture
def node(tmp_path):
    """Makes a node with these parameters; the folder of its run is `tmp_path`."""
    from sac_learner.nodes.learner import LearnerNode

    made = []

    def make(**parameters):
        arguments = ['--ros-args']
        for name, value in ({'run_folder': tmp_path, 'device': 'cpu'} | SIZES | parameters).items():
            arguments += ['-p', f'{name}:={value}']
        rclpy.init(args=arguments, domain_id=own_domain())
        made.append(LearnerNode())
        return made[-1]

    yield make
    for each in made:
        each.destroy_node()
    rclpy.try_shutdown()


def saved(folder, setting, **changes):
    path = folder / 'checkpoints/learner.safetensors'
    path.parent.mkdir(parents=True)
    state = SacLearner(AGENT, 7).get_state() | {'updates': np.array(70)} | changes
    save_checkpoint(path, state, setting)
    return path


def test_a_run_goes_on_from_its_own_checkpoint_also_on_another_device(node, tmp_path, capfd):
    saved(tmp_path, SETTING, noise=np.zeros(16, np.uint8))
    assert node()._learner.updates == 70
    said = capfd.readouterr().out
    assert 'at update 70' in said and 'its noise is that of another device: seeded anew' in said


def test_what_a_run_cannot_go_on_from_is_refused(node, tmp_path):
    path = saved(tmp_path, OTHER)
    with pytest.raises(ValueError, match='softmax_temperature 0.5 there, 1.0 here; go on with'):
        node()
    rclpy.shutdown()
    state, _ = load_checkpoint(path)
    state['log_temperature'] = np.array(np.nan, np.float32)
    path.write_bytes(safetensors.numpy.save(state, {'config': '{}'}))
    with pytest.raises(ValueError, match='log_temperature is not finite, its learner had diverged'):
        node()


def test_a_run_starts_from_another_setting_only_where_it_is_told_to(node, tmp_path, capfd):
    path = saved(tmp_path / 'other', OTHER)
    with pytest.raises(ValueError, match='init_from_other_setting:=true to start from it nevertheless'):
        node(init=path)
    rclpy.shutdown()
    assert node(init=path, init_from_other_setting=True)._learner.updates == 0
    said = capfd.readouterr().out
    assert f'starts from {path}, saved in another setting: softmax_temperature 0.5 there, 1.0 here' in said


def test_weights_that_are_not_finite_end_the_node_and_leave_the_last_good_checkpoint(node, tmp_path, capfd):
    made = node()
    answer = made._on_save(Trigger.Request(), Trigger.Response())
    path = tmp_path / 'checkpoints/learner.safetensors'
    assert answer.success and answer.message == str(path)
    before = path.read_bytes()
    made._learner._modules['actor'].output.bias.data[0] = float('inf')
    with pytest.raises(SystemExit) as end:
        made._do(made._learning.publish())
    assert end.value.code == 1
    assert 'actor.output.bias is not finite after 0 updates; starts again from' in capfd.readouterr().err
    made._begin_checkpoint()
    made._writer.finish()
    with pytest.raises(SystemExit):
        made._report()
    made.destroy_node()
    assert path.read_bytes() == before


def test_a_learner_that_has_diverged_when_the_run_ends_leaves_the_last_good_checkpoint_in_order(node, capfd):
    made = node()
    made._on_save(Trigger.Request(), Trigger.Response())
    before = made._writer.path.read_bytes()
    made._learner._statistics = {'critic_loss': torch.tensor(torch.nan)}
    made.destroy_node()
    assert made._writer.path.read_bytes() == before
    assert capfd.readouterr().out.endswith(
        f'learner: 0 updates; checkpoint {made._writer.path}; critic_loss is not finite after it\n'
    )
