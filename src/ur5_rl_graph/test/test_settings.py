"""The parameters of a run: which file wins, which setting is meant, what is refused at once."""

import pytest

from ur5_rl_graph import settings, shipped
from ur5_rl_graph.parameter_file import read, write
from ur5_rl_graph.settings import check_nodes, of_node, resolve, setting_file


def add(folder, name, **values):
    """Writes a parameter file for every node; returns its path."""
    path = folder / f'{name}.yaml'
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, {'/**': values})
    return path


@pytest.fixture
def config(tmp_path):
    add(tmp_path, 'tasks/reaching', task='reaching')
    return tmp_path


def test_an_architecture_changes_a_setting_and_the_task_comes_last(config):
    setting = add(config, 'settings/mine', batch_size=1, channels=1, slots=1)
    add(config, 'settings/seq_sac/every_setting', channels=2, slots=2)
    add(config, 'settings/seq_sac/mine', slots=3)
    add(config, 'settings/seq_sac/other', batch_size=4)
    assert resolve(config, 'seq_sac', setting, 'reaching') == {
        '/**': {'batch_size': 1, 'channels': 2, 'slots': 3, 'task': 'reaching'}
    }
    assert resolve(config, 'async_sac_2', setting, 'reaching')['/**']['slots'] == 1


def test_a_setting_elsewhere_is_not_changed_by_what_belongs_to_its_namesake(config):
    setting = add(config, 'elsewhere/mine', batch_size=1, slots=1)
    add(config, 'settings/seq_sac/every_setting', slots=2)
    add(config, 'settings/seq_sac/mine', batch_size=2)
    assert resolve(config, 'seq_sac', setting, 'reaching')['/**'] == {
        'batch_size': 1,
        'slots': 2,
        'task': 'reaching',
    }


@pytest.mark.parametrize(('governor', 'expected'), [('exactly', 1.0), ('at_most', 0.0)])
def test_no_limit_of_updates_cannot_be_waited_for(config, governor, expected):
    setting = add(config, 'settings/mine', updates_per_step=0.0, governor=governor)
    assert resolve(config, 'seq_sac', setting, 'reaching')['/**']['updates_per_step'] == expected


def test_another_action_cycle_goes_before_that_of_the_setting(config):
    setting = add(config, 'settings/mine', action_cycle_s=0.04)
    values = resolve(config, 'async_sac_2', setting, 'reaching', action_cycle_s=0.08)['/**']
    assert values['action_cycle_s'] == 0.08


def test_what_a_later_file_gives_every_node_wins_over_what_an_earlier_one_gives_a_node(config):
    setting = config / 'mine.yaml'
    own = {
        '/actor': {'random_steps': 500},
        '/learner': {'threads': 2},
        '/buffer_sampler': {'slots': 3, 'governor': 'at_most'},
    }
    write(setting, {'/**': {'random_steps': 7}} | own)
    add(config, 'settings/seq_sac/every_setting', slots=1, governor='exactly', random_steps=0)
    nodes = resolve(config, 'seq_sac', setting, 'reaching', threads=1)
    assert {node: values for node, values in nodes.items() if values} == {
        '/**': {'random_steps': 0, 'slots': 1, 'governor': 'exactly', 'task': 'reaching', 'threads': 1}
    }
    assert of_node(resolve(config, 'async_sac_2', setting, 'reaching'), 'actor') == {
        'random_steps': 500,  # in one file what a node has of its own wins
        'task': 'reaching',
    }


def test_no_limit_of_updates_cannot_be_waited_for_whoever_is_given_it(config):
    setting = config / 'mine.yaml'
    write(setting, {'/buffer_sampler': {'updates_per_step': 0.0, 'governor': 'exactly'}})
    nodes = resolve(config, 'seq_sac', setting, 'reaching')
    assert of_node(nodes, 'buffer_sampler')['updates_per_step'] == 1.0


@pytest.mark.parametrize(
    ('name', 'giver'),
    [
        *(('seed', 'seed:=NUMBER'), ('task', 'task:=NAME'), ('duration', 'duration:=SECONDS')),
        ('rate', 'launch replay'),
    ],
)
def test_what_the_launch_gives_is_refused_in_a_setting(config, name, giver):
    text = {'seed': '5', 'task': 'tracking', 'duration': '5.0', 'rate': '2.0'}[name]
    path = config / 'settings/mine.yaml'
    path.parent.mkdir()
    path.write_text(f'/**: {{ros__parameters: {{{name}: {text}}}}}')
    with pytest.raises(ValueError, match=f'mine.yaml: {name} is given by {giver}, which would win'):
        resolve(config, 'seq_sac', path, 'reaching')


def test_the_device_of_the_learner_is_a_settings_own_that_of_the_camera_the_launchs(config):
    setting = add(config, 'settings/mine', device='cpu')
    assert resolve(config, 'seq_sac', setting, 'reaching')['/**']['device'] == 'cpu'
    write(setting, {'/camera': {'device': '0'}})
    with pytest.raises(ValueError, match='device is given by camera:=DEVICE'):
        resolve(config, 'seq_sac', setting, 'reaching')


@pytest.mark.parametrize(
    ('nodes', 'sentence'),
    [
        ({'/**': {'crop_width': 200}}, r'buffer_sampler: crop 200x88 does not fit into images of 160x90'),
        ({'/**': {'action_cycle_s': 0.05}}, r'environment: .*choose 0.048 or 0.056'),
        ({'/arm_driver': {'home': (0.0,)}}, 'arm_driver: home holds 1 angles; give 6'),
    ],
)
def test_values_that_contradict_each_other_are_refused_by_the_name_of_their_node(nodes, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_nodes(nodes, ('arm_driver', 'buffer_sampler', 'environment'))


def test_nodes_that_do_not_run_may_have_any_values():
    check_nodes({'/**': {'image_width': 100}}, ('robot_cell',))
    with pytest.raises(ValueError, match='camera: '):
        check_nodes({'/**': {'image_width': 100}}, ('camera',))


@pytest.fixture
def files(config, monkeypatch):
    monkeypatch.chdir(config)
    add(config, 'settings/baseline')
    add(config, 'mine', batch_size=1)
    add(config, 'lr: low #2', batch_size=1)
    (config / 'mine.yml').write_text((config / 'mine.yaml').read_text())
    (config / 'mine.json').touch()
    (config / 'folder.yaml').mkdir()
    return config


@pytest.mark.parametrize(
    ('setting', 'path'),
    [
        ('baseline', 'settings/baseline.yaml'),
        ('mine.yaml', 'mine.yaml'),
        ('./mine.yml', 'mine.yml'),
        ('lr: low #2.yaml', 'lr: low #2.yaml'),
    ],
)
def test_a_setting_is_a_name_or_a_path(files, setting, path):
    assert setting_file(files, setting) == files / path


@pytest.mark.parametrize(
    ('setting', 'why'),
    [
        ('', 'choose baseline, or the path of a YAML file'),
        ('bseline', r'choose baseline \(the nearest name is baseline\), or the path'),
        ('nowhere.yaml', 'there is no file .*/nowhere.yaml'),
        ('a/b', 'there is no file .*/a/b'),
        ('mine.json', 'mine.json does not end in .yaml; rename it'),
        ('folder.yaml', 'folder.yaml is a folder; name a YAML file in it'),
        ('settings', 'settings is a folder; name a YAML file in it'),
    ],
)
def test_what_is_no_setting_is_told_why(files, setting, why):
    with pytest.raises(ValueError, match=f"setting is '{setting}'; .*{why}") as caught:
        setting_file(files, setting)
    assert '\n' not in str(caught.value)


def test_shipped_settings_say_only_what_nodes_declare():
    config = shipped.folder() / 'config'
    paths = sorted((config / 'settings').rglob('*.yaml'))
    assert len(paths) > 10
    for path in paths:
        read(path)
    assert settings.overlays(config, 'seq_sac', config / 'settings/small_baseline.yaml') == [
        config / 'settings/seq_sac/every_setting.yaml',
        config / 'settings/seq_sac/small_baseline.yaml',
    ]


def test_a_node_gets_what_every_node_gets_and_its_own_on_top():
    nodes = {'/learner': {'a': 2, 'c': 3}, '/**': {'a': 1, 'b': 1}, '/actor': {'b': 5}}
    assert of_node(nodes, 'learner') == {'a': 2, 'b': 1, 'c': 3}
    assert of_node(nodes, 'camera') == {'a': 1, 'b': 1}
    assert nodes['/**'] == {'a': 1, 'b': 1}
