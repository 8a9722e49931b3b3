"""What a run goes on with: its own arguments, and no others; a folder in use is nobody else's."""

import json
import shutil

import pytest

from run_recorder import identity_file, resume
from run_recorder.recorder_config import RecorderConfig
from ur5_rl_graph import parameter_file

PARAMETERS = '/**:\n  ros__parameters: {batch_size: 8, action_cycle_s: 0.08}\n'


@pytest.fixture
def run(tmp_path):
    """The folder of a run."""
    folder = tmp_path / 'a run'
    folder.mkdir()
    config = RecorderConfig(
        run_folder=str(folder),
        architecture='seq_sac',
        task='tracking',
        setting_name='mine',
        seed=7,
        duration=900.0,
        init='/policies/first.safetensors',
        replay='/bags/a,/bags/b',
    )
    identity_file.write(config)
    (folder / 'parameters.yaml').write_text(PARAMETERS)
    return folder


OWN = {'task': 'tracking', 'setting': 'mine', 'seed': '7', 'init': '/policies/first.safetensors'}
OWN |= {'replay': '/bags/a,/bags/b'}


def test_a_run_goes_on_with_its_own_arguments(run):
    wanted = OWN | {'duration': '900', 'output': str(run)}
    found = resume.arguments(run, {'architecture': 'seq_sac', 'init': '', 'resume': str(run)})
    assert found | {'duration': '900'} == wanted and float(found['duration']) == 900.0


def test_duration_is_the_total_that_is_given(run):
    assert resume.arguments(run, {'architecture': 'seq_sac', 'duration': '1800'})['duration'] == '1800'


@pytest.mark.parametrize(
    'given',
    [
        OWN,
        {'setting': '/else/where/mine.yaml'},
        {'seed': '07'},
        {'action_cycle': '0.080'},
        {'namespace': 'b', 'camera': ''},
    ],
)
def test_what_is_its_own_may_be_said_again(run, given):
    assert resume.arguments(run, {'architecture': 'seq_sac'} | given)['task'] == 'tracking'


@pytest.mark.parametrize(
    ('given', 'sentence'),
    [
        ({'architecture': 'async_sac_2'}, 'architecture is async_sac_2, but the run in {} has seq_sac'),
        ({'architecture': 'evaluate'}, 'architecture is evaluate, but the run in {} has seq_sac'),
        ({'task': 'reaching'}, 'task is reaching, but the run in {} has tracking: leave it out'),
        ({'setting': 'baseline'}, 'setting is baseline, but the run in {} has mine'),
        ({'setting': '/x/other.yaml'}, 'setting is /x/other.yaml, but the run in {} has mine'),
        ({'seed': '8'}, 'seed is 8, but the run in {} has 7'),
        ({'seed': 'seven'}, 'seed is seven, but the run in {} has 7'),
        (
            {'init': '/policies/b.safetensors'},
            'init is /policies/b.safetensors, but the run in {} has /polic',
        ),
        ({'replay': '/bags/a'}, 'replay is /bags/a, but the run in {} has /bags/a,/bags/b: leave it out'),
        ({'action_cycle': '0.04'}, 'action_cycle is 0.04, but the run in {} has 0.08'),
        ({'output': '/tmp/new'}, 'output is /tmp/new and resume is {}: a run goes on in its own folder'),
        (
            {'robot_ip': '10.0.0.1'},
            'of a simulated arm, this would be the real arm 10.0.0.1: leave robot_ip out',
        ),
    ],
)
def test_another_one_is_refused_in_one_line_that_names_both(run, given, sentence):
    with pytest.raises(ValueError) as caught:
        resume.arguments(run, {'architecture': 'seq_sac'} | given)
    assert sentence.format(run) in str(caught.value) and str(caught.value).isprintable()


@pytest.mark.parametrize(
    ('parameters', 'cycle_s', 'model'),
    [
        ('/**:\n  ros__parameters: {batch_size: 8}\n', 0.04, 'ur5'),
        ('/**:\n  ros__parameters: {robot_model: ur5e, action_cycle_s: 0.2}\n', 0.2, 'ur5e'),
        (PARAMETERS + '/environment:\n  ros__parameters: {action_cycle_s: 0.12}\n', 0.12, 'ur5'),
    ],
)
def test_what_the_setting_decides_is_what_the_run_has_of_it(run, parameters, cycle_s, model):
    (run / 'parameters.yaml').write_text(parameters)
    given = {'architecture': 'seq_sac'}
    assert resume.arguments(run, given | {'action_cycle': str(cycle_s), 'robot_model': model})
    with pytest.raises(ValueError, match=f'action_cycle is 0.08, but the run in .* has {cycle_s}: leave it'):
        resume.arguments(run, given | {'action_cycle': '0.08'})
    other = 'ur5' if model == 'ur5e' else 'ur5e'
    with pytest.raises(ValueError, match=f'robot_model is {other}, but the run in .* has {model}: leave it'):
        resume.arguments(run, given | {'robot_model': other})


def test_a_path_is_compared_as_the_path_that_it_is_and_a_name_as_a_whole(run, monkeypatch):
    monkeypatch.chdir('/')
    assert resume.arguments(run, {'architecture': 'seq_sac', 'init': 'policies/first.safetensors'})
    assert resume.arguments(run, {'architecture': 'seq_sac', 'replay': 'bags/a,bags/b'})
    about = json.loads((run / 'run.json').read_text()) | {'setting': 'v1.5'}
    (run / 'run.json').write_text(json.dumps(about))
    with pytest.raises(ValueError, match='setting is v1.7, but the run in'):
        resume.arguments(run, {'architecture': 'seq_sac', 'setting': 'v1.7'})


def test_a_run_on_a_real_arm_does_not_go_on_in_simulation(run):
    about = json.loads((run / 'run.json').read_text()) | {'robot_ip': '10.0.0.1'}
    (run / 'run.json').write_text(json.dumps(about))
    with pytest.raises(
        ValueError, match=r'the real arm 10.0.0.1, this would be a simulated arm: give robot_ip:='
    ):
        resume.arguments(run, {'architecture': 'seq_sac'})
    assert resume.arguments(run, {'architecture': 'seq_sac', 'robot_ip': '10.0.0.2'})  # it has moved


@pytest.mark.parametrize('name', ['run.json', 'parameters.yaml'])
@pytest.mark.parametrize('text', [None, '', '[]', '{"mode', '\0' * 90, 'a: {ros__parameters: {}}'])
def test_a_run_whose_own_arguments_are_lost_is_refused_in_one_line(run, name, text):
    (run / name).unlink() if text is None else (run / name).write_text(text)
    with pytest.raises(ValueError) as caught:
        resume.arguments(run, {'architecture': 'seq_sac'})
    assert str(caught.value).startswith(f'{run} cannot be resumed: ') and str(caught.value).isprintable()
    assert 'Errno' not in str(caught.value)
    assert str(caught.value).endswith('; begin a new run')  # it holds no networks to start from


def test_a_run_that_is_refused_is_told_to_give_its_networks_to_another(run):
    (run / 'run.json').unlink()
    (checkpoint := run / 'checkpoints/learner.safetensors').parent.mkdir()
    checkpoint.touch()
    with pytest.raises(ValueError, match=f'a new run may start from its networks: init:={checkpoint}$'):
        resume.arguments(run, {'architecture': 'seq_sac'})


@pytest.mark.parametrize(('architecture', 'mode'), [('seq_sac', 'virtual'), ('evaluate', 'real_time')])
def test_what_begins_at_the_beginning_and_what_is_not_there_is_refused(run, tmp_path, architecture, mode):
    with pytest.raises(ValueError, match='there is no such folder'):
        resume.arguments(tmp_path / 'nowhere', {})
    (run / 'run.json').unlink()
    identity_file.write(RecorderConfig(run_folder=str(run), architecture=architecture), mode=mode)
    with pytest.raises(ValueError, match='a run in virtual time or an evaluation: these always begin'):
        resume.arguments(run, {'architecture': architecture})


def test_a_used_folder_is_refused_with_the_argument_that_goes_on(run, tmp_path):
    with pytest.raises(
        ValueError, match=f'output is {run}, which holds a run: resume:={run} goes on with one'
    ):
        resume.refuse_used(run)
    resume.refuse_used(tmp_path)
    resume.refuse_used(tmp_path / 'new')


@pytest.mark.parametrize('name', ['parameters.yaml', 'configuration.yaml'])
def test_a_folder_with_a_file_of_somebody_else_that_a_run_would_write_is_refused(tmp_path, name):
    (tmp_path / name).write_text('/my_node:\n  ros__parameters: {gain: 3}\n')
    refusal = f'output is {tmp_path}, whose {name} is of no start of a run there: .* choose a new folder'
    with pytest.raises(ValueError, match=refusal):
        resume.refuse_used(tmp_path)
    parameter_file.write(tmp_path / name, {'/**': {'batch_size': 8}})  # as a start that was refused
    resume.refuse_used(tmp_path)
    (tmp_path / 'copied').mkdir()
    shutil.copy(tmp_path / name, tmp_path / 'copied')
    with pytest.raises(ValueError, match='is of no start of a run there'):
        resume.refuse_used(tmp_path / 'copied')


def test_a_complete_run_goes_on_with_a_larger_duration_only(run):
    def resumed(**given):
        return resume.arguments(run, {'architecture': 'seq_sac'} | given)['duration']

    def leave(complete, elapsed_s):
        (run / 'summary.json').write_text(json.dumps({'complete': complete}))
        (run / 'clock.json').write_text(json.dumps({'elapsed_s': elapsed_s}))

    own = float(resumed())
    leave(True, own + 0.7)
    for given in ({}, {'duration': str(own)}, {'duration': '1'}):
        with pytest.raises(ValueError, match='is complete and has had .* give a larger duration:='):
            resumed(**given)
    assert resumed(duration=f'{own + 60}') == f'{own + 60}'
    assert resumed(duration='0') == '0'  # without end
    assert resumed(duration='long') == 'long'  # refused elsewhere, as of any run
    leave(False, own + 0.7)
    assert float(resumed()) == own, 'its recorder writes what is missing'
    leave(True, own - 0.1)
    assert float(resumed()) == own
