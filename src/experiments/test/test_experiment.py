"""The file of an experiment: what it means, and one line for whatever is wrong in it."""

import pytest
import yaml

from experiments import kept_settings, runs
from experiments.experiment import ROOT, load, setting_file
from experiments.runs import Run
from ur5_rl_graph.parameter_file import read
from ur5_rl_graph.settings import resolve

GOOD = {
    'mode': 'virtual',
    'duration': 60,
    'architectures': ['seq_sac', 'async_sac_2'],
    'settings': ['baseline', 'small'],
    'tasks': ['reaching'],
    'seeds': [1, 2],
}


@pytest.fixture
def written(tmp_path):
    def write(**changes):
        path = tmp_path / 'experiment.yaml'
        values = {key: value for key, value in (GOOD | changes).items() if value is not None}
        path.write_text(yaml.safe_dump(values))
        return path

    return write


def test_all_combinations_run_with_seeds_slowest(written):
    names = [run.name for run in runs.runs(load(written()))]
    assert names == [
        'seq_sac_reaching_baseline_1',
        'async_sac_2_reaching_baseline_1',
        'seq_sac_reaching_small_1',
        'async_sac_2_reaching_small_1',
        'seq_sac_reaching_baseline_2',
        'async_sac_2_reaching_baseline_2',
        'seq_sac_reaching_small_2',
        'async_sac_2_reaching_small_2',
    ]


@pytest.mark.parametrize(
    ('changes', 'message'),
    [
        ({'duratoin': 5}, "there is no key 'duratoin'; the nearest of mode, costs, duration, "),
        ({'seeds': None}, 'seeds missing'),
        ({'mode': 'fast'}, "mode is 'fast'; choose one of: virtual, real_time"),
        ({'duration': 'long'}, "duration is 'long'; expected is a number"),
        ({'duration': 0}, 'duration is 0.0; allowed is 1.0 to'),
        (
            {'architectures': ['sac']},
            "architectures has 'sac'; choose from seq_sac, async_sac_1, async_sac_2",
        ),
        (
            {'architectures': 'seq_sac'},
            "architectures is 'seq_sac'; expected is a list, such as ['seq_sac', ",
        ),
        ({'settings': ['tiny']}, "setting is 'tiny'; choose baseline, "),
        ({'settings': []}, "settings is []; expected is a list, such as ['small'] (names in config/settings"),
        ({'settings': ['small', 'config/settings/small.yaml']}, 'settings has two files of one name'),
        ({'tasks': ['reaching', 'reaching']}, 'tasks names something twice'),
        ({'seeds': [1.5]}, 'seeds is 1.5; expected is a whole number (one run for each)'),
        ({'seeds': [-1]}, 'seeds is -1; allowed is 0 to'),
        ({'init': 'nowhere.safetensors'}, 'init is nowhere.safetensors; there is no file'),
        ({'parameters': [1]}, 'parameters is [1]; expected is name: value pairs'),
        ({'parameters': 'tiny'}, "setting is 'tiny'; choose baseline, "),
        ({'evaluation_episodes': True}, 'evaluation_episodes is True; expected is a whole number'),
        ({'mode': 'real_time', 'costs': 'thesis'}, 'costs belongs to mode: virtual'),
    ],
)
def test_what_is_wrong_is_named_in_one_line(written, changes, message):
    with pytest.raises(ValueError) as error:
        load(written(**changes))
    assert message in str(error.value)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('text', ['mode: [', 'just a text', '', 'seeds: [1]\nseeds: [2]'])
def test_what_is_no_yaml_of_keys_is_named_in_one_line(tmp_path, text):
    path = tmp_path / 'e.yaml'
    path.write_text(text)
    with pytest.raises(ValueError) as error:
        load(path)
    assert str(path) in str(error.value)
    assert '\n' not in str(error.value)


def test_shipped_experiments_are_valid():
    files = sorted((ROOT / 'config/experiments').glob('*.yaml'))
    assert files
    for path in files:
        kept_settings.check_runs(load(path))


def test_parameters_may_be_those_of_a_setting(written, tmp_path):
    own = tmp_path / 'own.yaml'
    own.write_text('/**: {ros__parameters: {batch_size: 8, strides: [2, 1]}}')
    experiment = load(written(parameters=str(own)))
    assert experiment.parameters == {'batch_size': 8, 'strides': (2, 1)}
    own.write_text('/**: {ros__parameters: {batch_size: 8}}\nlearner: {ros__parameters: {discount: 0.9}}')
    with pytest.raises(ValueError, match=f'parameters is {own}, which has values of /learner; give them to'):
        load(written(parameters=str(own)))


def test_no_two_experiments_write_out_the_same_parameters():
    """What they share is a setting that both name."""
    seen = set()
    for path in sorted((ROOT / 'config/experiments').glob('*.yaml')):
        values = yaml.safe_load(path.read_text()).get('parameters', {})
        own = {} if isinstance(values, str) else values
        assert not seen & own.keys(), f'{path} repeats them'
        seen |= own.keys()


BOTH = ('seq_sac', 'async_sac_2')


def test_parameters_go_on_top_and_the_file_keeps_its_name(tmp_path):
    kept = kept_settings.keep(tmp_path, ('async_sac_2',), ('small',), {'batch_size': 16, 'discount': 1})
    assert kept.keys() == {('async_sac_2', 'small')}
    path = kept['async_sac_2', 'small']
    assert path.name == 'small.yaml'
    original = read(ROOT / 'config/settings/small.yaml')['/**']
    assert read(path)['/**'] == original | {'batch_size': 16, 'discount': 1.0}


def test_parameters_win_over_what_a_setting_gives_one_node(tmp_path):
    setting = tmp_path / 'own.yaml'
    setting.write_text(
        'learner: {ros__parameters: {batch_size: 64}}\nactor: {ros__parameters: {deterministic: true}}'
    )
    for _ in range(2):  # the second time it is compared with what was kept
        kept = kept_settings.keep(tmp_path / 'kept', ('async_sac_2',), (str(setting),), {'batch_size': 16})
        assert read(kept['async_sac_2', 'own']) == {
            '/**': {'batch_size': 16},
            '/actor': {'deterministic': True},
        }


def test_a_setting_that_gives_nothing_to_every_node_is_kept_as_it_is(tmp_path):
    setting = tmp_path / 'own.yaml'
    setting.write_text('learner: {ros__parameters: {batch_size: 64}}')
    for _ in range(2):
        kept = kept_settings.keep(tmp_path / 'kept', ('async_sac_2',), (str(setting),), {})
        assert read(kept['async_sac_2', 'own']) == {'/learner': {'batch_size': 64}}


def test_a_kept_setting_is_never_changed_under_its_runs(tmp_path):
    kept_settings.keep(tmp_path, BOTH, ('small',), {'batch_size': 15})
    (tmp_path / 'seq_sac_reaching_small_baseline_1').mkdir()  # of another setting
    kept_settings.keep(tmp_path, BOTH, ('small',), {'batch_size': 16})
    (tmp_path / 'seq_sac_reaching_small_1').mkdir()
    kept_settings.keep(tmp_path, BOTH, ('small',), {'batch_size': 16})
    with pytest.raises(ValueError, match='has other parameters'):
        kept_settings.keep(tmp_path, BOTH, ('small',), {'batch_size': 17})


def test_runs_of_a_campaign_get_the_parameters_that_the_setting_itself_gives(tmp_path):
    kept = kept_settings.keep(tmp_path, BOTH, ('baseline', 'small'), {})
    for (architecture, name), path in kept.items():
        shipped = setting_file(name)
        for task in ('reaching', 'tracking'):
            wanted = resolve(ROOT / 'config', architecture, shipped, task)
            assert resolve(ROOT / 'config', architecture, path, task) == wanted


@pytest.mark.parametrize(
    ('parameters', 'message'),
    [
        (
            {'bacth_size': 16},
            "parameters: no node declares a parameter 'bacth_size'; the nearest name is batch_size",
        ),
        ({'batch_size': 'many'}, "batch_size is 'many'; expected is a whole number"),
        ({'batch_size': 0}, 'batch_size is 0; allowed is'),
        ({'action_cycle_s': 0.04}, 'sets it later and would win'),
        ({'seed': 3}, 'parameters has seed, which is given by seed:=NUMBER'),
    ],
)
def test_parameters_that_would_do_nothing_are_refused(written, parameters, message):
    experiment = load(written(architectures=['seq_sac'], settings=['baseline'], parameters=parameters))
    with pytest.raises(ValueError, match=message.replace('[', r'\[')):
        kept_settings.check_runs(experiment)


def test_policies_are_evaluated_at_the_action_cycle_of_their_architecture(tmp_path):
    kept = kept_settings.keep(tmp_path, BOTH, ('baseline',), {})
    cycles = [
        resolve(ROOT / 'config', 'evaluate', kept[name, 'baseline'], 'reaching')['/**'].get('action_cycle_s')
        for name in BOTH
    ]
    assert cycles == [0.08, None]


def test_virtual_and_real_commands(written, tmp_path):
    run = Run('async_sac_2', 'reaching', 'small', 3)
    command = runs.training(
        load(written(costs='fast.yaml')), run, tmp_path / 'small.yaml', tmp_path / 'run', 0
    )
    assert command.arguments[1:4] == ['-m', 'virtual_time', 'async_sac_2']
    assert command.arguments[4:] == [
        'task:=reaching',
        f'setting:={tmp_path}/small.yaml',
        'seed:=3',
        'duration:=60.0',
        f'output:={tmp_path}/run',
        f'costs:={ROOT}/fast.yaml',
    ]
    experiment = load(written(mode='real_time'))
    command = runs.training(experiment, run, tmp_path / 'small.yaml', tmp_path / 'run', 77)
    assert command.arguments[:2] == ['ros2', 'launch']
    assert command.arguments[-1] == f'output:={tmp_path}/run'
    assert 'ROS_DOMAIN_ID=77 ros2 launch' in str(command)
