import pytest
import yaml

from ur5_rl_graph.settings import of_node, read, resolve, write


def add(folder, name, **values):
    """Writes a parameter file for every node; returns its path."""
    path = folder / f'{name}.yaml'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({'/**': {'ros__parameters': values}}))
    return path


@pytest.fixture
def config(tmp_path):
    add(tmp_path, 'tasks/reaching', task='reaching')
    return tmp_path


def test_an_architecture_changes_a_setting_and_the_task_comes_last(config):
    setting = add(config, 'settings/mine', a=1, b=1, c=1, task='none')
    add(config, 'settings/seq_sac/every_setting', b=2, c=2)
    add(config, 'settings/seq_sac/mine', c=3)
    add(config, 'settings/seq_sac/other', a=4)
    assert resolve(config, 'seq_sac', setting, 'reaching') == {
        '/**': {'a': 1, 'b': 2, 'c': 3, 'task': 'reaching'}
    }
    assert resolve(config, 'async_sac_2', setting, 'reaching')['/**']['c'] == 1


def test_a_setting_of_ones_own_goes_by_its_stem(config):
    setting = add(config, 'elsewhere/mine', a=1)
    add(config, 'settings/seq_sac/mine', a=2)
    assert resolve(config, 'seq_sac', setting, 'reaching')['/**']['a'] == 2


@pytest.mark.parametrize(('governor', 'expected'), [('exactly', 1.0), ('at_most', 0.0)])
def test_no_limit_of_updates_cannot_be_waited_for(config, governor, expected):
    setting = add(config, 'settings/mine', updates_per_step=0.0, governor=governor)
    assert resolve(config, 'seq_sac', setting, 'reaching')['/**']['updates_per_step'] == expected


def test_another_action_cycle_goes_before_that_of_the_setting(config):
    setting = add(config, 'settings/mine', action_cycle_s=0.04)
    values = resolve(config, 'async_sac_2', setting, 'reaching', 0.08)['/**']
    assert values['action_cycle_s'] == 0.08


def test_nodes_keep_their_own_values_and_numbers_stay_numbers(tmp_path):
    path = tmp_path / 'mine.yaml'
    path.write_text('/**: {ros__parameters: {rate: 1e-4, n: 3, live: true, m: [1, 2.5]}}\n'
                    '/learner: {ros__parameters: {threads: 2}}\n')  # fmt: skip
    nodes = read(path)
    assert nodes == {'/**': {'rate': 1e-4, 'n': 3, 'live': True, 'm': [1, 2.5]}, '/learner': {'threads': 2}}
    write(tmp_path / 'again.yaml', nodes)
    assert read(tmp_path / 'again.yaml') == nodes


@pytest.mark.parametrize(
    'text', ['', '- 1', 'a: 1', '/**: {other: {}}', '/**: [', '/**: {ros__parameters: 3}']
)
def test_what_is_no_parameter_file_is_named(tmp_path, text):
    path = tmp_path / 'mine.yaml'
    path.write_text(text)
    with pytest.raises(ValueError, match='mine.yaml is no parameter file of the form'):
        read(path)


@pytest.mark.parametrize('written', ['learner', '/learner', '/robot_1/learner', '/**/learner'])
def test_a_node_gets_what_every_node_gets_and_its_own_on_top(written):
    nodes = {written: {'a': 2, 'c': 3}, '/**': {'a': 1, 'b': 1}, '/actor': {'b': 5}}
    assert of_node(nodes, 'learner') == {'a': 2, 'b': 1, 'c': 3}
    assert of_node(nodes, '') == {'a': 1, 'b': 1}
    assert nodes['/**'] == {'a': 1, 'b': 1}
