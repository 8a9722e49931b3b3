"""Updates from a buffer that nobody adds to, and the command for it."""

import concurrent.futures
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('ur5_rl_interfaces', reason='the workspace is not built: run ./ur5rl test')
sys.path.insert(0, str(Path(__file__).parent))
import experience_bags as made
from experience_bags import NODES, bag, transitions

from buffer_sampler.past import new_buffer
from buffer_sampler.sampler import MiniBatchSampler
from buffer_sampler.slots import batch_bytes, batch_views
from offline_learning import __main__ as offline
from offline_learning.asked_to_stop import Stop
from offline_learning.telling import Teller
from offline_learning.training import Diverged, Limits, Training
from sac_learner.agent_config import AgentConfig
from sac_learner.checkpoint import load_checkpoint, load_policy
from sac_learner.learner import SacLearner
from sac_learner.learning import Status
from ur5_rl_graph import run_files
from ur5_rl_graph.random_streams import Stream, generator
from ur5_rl_graph.settings import configuration

CROP = (made.VALUES['crop_height'], made.VALUES['crop_width'])
BATCH = made.VALUES['batch_size']


@pytest.fixture
def replay(tmp_path):
    buffer = new_buffer(tmp_path / 'buffer', 24, made.HEIGHT, made.WIDTH)
    assert all([buffer.append(each) for each in transitions()])
    yield buffer
    buffer.close()


@pytest.fixture
def training(replay, tmp_path):
    made = Training(replay, NODES, 3, tmp_path / 'out')
    yield made
    made.close()


class Clock:
    """Goes on by a second with each reading."""

    def __init__(self, step_s=1.0):
        self.now_s, self._step_s = 100.0, step_s

    def __call__(self):
        self.now_s += self._step_s
        return self.now_s


class SettledClock(Clock):
    """Goes on when what is being written is on the disk."""

    def __init__(self, writer, step_s):
        super().__init__(step_s)
        self._writer = writer

    def __call__(self):
        if self._writer.busy:
            concurrent.futures.wait([self._writer._pending])
        return super().__call__()


def run(training, updates=0, duration_s=0.0, stopped=lambda: False, clock=None):
    reports = []
    limits = Limits(updates, duration_s)
    elapsed_s = training.run(limits, stopped, lambda *told: reports.append(told), clock or Clock())
    return elapsed_s, reports


def test_it_learns_what_the_learner_of_a_run_learns_from_these_mini_batches(replay, training):
    run(training, updates=4)
    other = SacLearner(configuration(NODES, 'learner', AgentConfig), 3)
    rng = generator(3, Stream.MINI_BATCHES)
    sampler = MiniBatchSampler(replay, BATCH, *CROP, rng)
    batch = batch_views(bytearray(batch_bytes(BATCH, *CROP)), 0, BATCH, *CROP)
    for _ in range(4):
        sampler.sample_into(batch)
        other.update(batch)
    ours = training.learner.get_state()
    assert ours['updates'] == 4
    for name, value in other.get_state().items():
        np.testing.assert_array_equal(ours[name], value, err_msg=name)


def test_a_learner_of_another_batch_size_than_the_sampler_is_refused(replay, tmp_path):
    nodes = NODES | {'/learner': {'batch_size': BATCH + 1}}
    with pytest.raises(ValueError, match='give sampler and learner the same setting'):
        Training(replay, nodes, 3, tmp_path / 'out')


def test_it_ends_after_the_updates_or_the_time_whatever_comes_first(training):
    assert run(training, updates=5)[0] == 5.0 and training.learner.updates == 5
    assert run(training, duration_s=3.0)[0] == 3.0 and training.learner.updates == 8
    assert run(training, updates=20, duration_s=2.0)[0] == 2.0 and training.learner.updates == 10
    asked = iter([False, True])
    assert run(training, updates=20, stopped=lambda: next(asked))[0] == 1.0


def test_it_reports_once_a_second_and_at_the_end(training):
    reports = run(training, updates=8, clock=Clock(0.25))[1]
    assert [elapsed_s for _, elapsed_s in reports] == [1.0, 2.0, 2.0]
    assert [status.updates for status, _ in reports] == [4, 8, 8] and 'critic_loss' in reports[-1][0].metrics


def test_a_checkpoint_is_written_meanwhile_and_at_the_end(training, monkeypatch):
    begun = []
    monkeypatch.setattr(training.writer, 'begin', lambda state: begun.append(int(state['updates'])))
    run(training, updates=8, clock=Clock(20.0))  # checkpoint_period_s is 60
    assert begun == [3, 6]
    monkeypatch.undo()
    assert training.save()
    state, setting = load_checkpoint(training.writer.path)
    assert state['updates'] == 8 and setting == training.setting


def test_a_learner_that_has_diverged_ends_and_leaves_its_last_good_checkpoint(training):
    run(training, updates=2)
    assert training.save()
    before = training.writer.path.read_bytes()
    training.learner._log_temperature.data.fill_(float('nan'))
    with pytest.raises(Diverged, match=r'is not finite after \d updates'):
        run(training, updates=4)
    with pytest.raises(Diverged):
        training.save()
    assert training.writer.path.read_bytes() == before


@pytest.mark.parametrize('periodic', [True, False])
def test_a_weight_that_is_not_finite_is_told_where_the_losses_are(training, periodic):
    run(training, updates=2)
    assert training.save()
    before = training.writer.path.read_bytes()
    get_state = training.learner.get_state
    name = next(name for name in get_state() if name.startswith('actor.'))
    training.learner.get_state = lambda: (state := get_state()) | {name: np.full_like(state[name], np.nan)}
    with pytest.raises(Diverged, match=f'{name} is not finite'):
        if periodic:
            run(training, updates=60, clock=SettledClock(training.writer, 20.0))  # checkpoint_period_s is 60
        else:
            training.save()
    assert training.learner.updates < 60 and training.writer.path.read_bytes() == before


def test_a_progress_line_says_how_far_how_fast_and_how_often_each_was_drawn(capsys):
    teller = Teller(
        Limits(400, 60.0), action_cycle_s=0.04, updates_per_step=2.0, batch_size=32, transitions=640
    )
    status = Status(100, 0, {'critic_loss': 0.25}, 0.0, 0.0, 0.0, 0.0)
    teller(status, 9.0)
    assert capsys.readouterr().out == ''
    teller(status, 10.0)
    teller(status._replace(updates=110), 11.0)
    said = capsys.readouterr().out
    assert said == (
        '0:10, 0:50 left | updates 100 of 400 (10.0/s, 0.20 times real time) | '
        'each transition drawn 5.0 times | critic_loss 0.25\n'
    )
    assert teller.newest.startswith('0:11, 0:49 left | updates 110 of 400')


# --- ./ur5rl offline ---


@pytest.fixture
def learn(tmp_path, capsys):
    """Runs the command; returns its exit code and what it has said."""
    setting = made.setting_file(tmp_path)

    def run(*words, bags=None):
        bags = [bag(tmp_path / 'bag', transitions())] if bags is None else bags
        common = [f'setting:={setting}', f'output:={tmp_path}/out', *words]
        code = offline.main([*map(str, bags), *common])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_command_leaves_what_evaluate_and_init_take(learn, tmp_path):
    code, said, _ = learn('updates:=3', 'seed:=4')
    assert code == 0 and said.startswith('24 transitions read in ')
    assert said.splitlines()[-1] == f'checkpoint {tmp_path}/out/{run_files.CHECKPOINT}'
    state, setting = load_checkpoint(tmp_path / 'out' / run_files.CHECKPOINT)
    assert state['updates'] == 3 and setting['action_cycle_s'] == 0.04
    assert load_policy(tmp_path / 'out' / run_files.CHECKPOINT, setting)
    about = made.metadata(tmp_path / 'out')
    assert (about['bags'], about['seed'], about['updates']) == ([f'{tmp_path}/bag'], 4, 3)
    assert sorted(path.name for path in (tmp_path / 'out').iterdir()) == [
        'checkpoints',
        'configuration.yaml',
        'offline.json',
    ]
    code, said, _ = learn(
        'updates:=2',
        f'init:={tmp_path}/out/{run_files.CHECKPOINT}',
        f'output:={tmp_path}/next',
        bags=[tmp_path / 'bag'],
    )
    assert code == 0 and 'starts from ' in said
    code, _, error = learn('updates:=2', bags=[tmp_path / 'bag'])
    assert code == 2 and 'which holds a run' in error


@pytest.mark.parametrize(
    ('words', 'bags', 'sentence'),
    [
        (['updates:=3'], [], 'offline needs a bag'),
        ([], None, 'nothing says how long to learn: give updates:=NUMBER or duration:=SECONDS'),
        (['updates:=-1'], None, 'updates is -1 and duration is 0.0: neither may be negative'),
        (['duration:=inf'], None, 'duration is inf: neither may be negative or endless'),
        (['duration:=nan'], None, 'duration is nan'),
        (['updates:=3', 'seed:=x'], None, "seed is 'x'; expected is a whole number"),
        (['updates:=3', 'rate:=2'], None, "'rate:=2' is no option"),
        (['updates:=3', 'task:=fly'], None, "task is 'fly'; choose one of"),
        (['updates:=3', 'setting:=baseline'], None, 'holds frames of 32x18 pixels, needed are 160x90'),
        (['updates:=3', 'init:=none'], None, 'no checkpoint at none'),
        (['updates:=3', 'setting:={gpu}'], None, 'device is cuda'),
        (['updates:=3', 'init_from_other_setting:=y'], None, 'it takes true or false'),
        (['updates:=3'], ['nowhere'], 'nowhere is not there: give the folder of a bag'),
    ],
)
def test_what_cannot_be_learned_from_is_one_line_and_leaves_nothing(
    learn, tmp_path, monkeypatch, words, bags, sentence
):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    gpu = tmp_path / 'gpu.yaml'
    gpu.write_text('/**: {ros__parameters: {device: cuda}}', encoding='utf-8')
    code, said, error = learn(*(word.format(gpu=gpu) for word in words), bags=bags)
    assert (
        code == 2
        and said == ''
        and error.count('\n') == 1
        and error.startswith('error: ')
        and sentence in error
    )
    assert not (tmp_path / 'out').exists()


def test_a_checkpoint_that_is_refused_at_the_end_is_one_line(learn, monkeypatch):
    get_state = SacLearner.get_state
    monkeypatch.setattr(SacLearner, 'get_state', lambda own: get_state(own) | {'extra': np.array(np.inf)})
    code, _, error = learn('updates:=2')
    assert code == 1 and error.startswith('error: extra is not finite') and error.count('\n') == 1


def test_ctrl_c_ends_it_after_the_update_with_a_checkpoint(learn, tmp_path, monkeypatch):
    update = SacLearner.update

    def interrupted(learner, batch):
        if learner.updates == 2:
            os.kill(os.getpid(), signal.SIGINT)
        update(learner, batch)

    monkeypatch.setattr(SacLearner, 'update', interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert learn('updates:=1000')[0] == 130
    assert load_checkpoint(tmp_path / 'out' / run_files.CHECKPOINT)[0]['updates'] == 3
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_while_the_bags_are_read_leaves_nothing(learn, tmp_path, monkeypatch):
    append = offline.new_buffer

    def interrupted(*words):
        os.kill(os.getpid(), signal.SIGTERM)
        return append(*words)

    monkeypatch.setattr(offline, 'new_buffer', interrupted)
    assert learn('updates:=1000')[0] == 130
    assert not (tmp_path / 'out').exists()


def test_whatever_ends_it_nothing_of_its_buffer_stays(learn, tmp_path, monkeypatch):
    fill, there = offline.fill, []

    def look(*words):
        there.extend((tmp_path / 'out').iterdir())
        return fill(*words)

    monkeypatch.setattr(offline, 'fill', look)
    assert learn('updates:=1')[0] == 0 and there == []


def test_two_of_them_do_not_write_into_one_folder(learn, tmp_path, monkeypatch):
    fill, second = offline.fill, []

    def meanwhile(*words):
        if not second:
            second.append(learn('updates:=1', bags=[tmp_path / 'bag']))
        return fill(*words)

    monkeypatch.setattr(offline, 'fill', meanwhile)
    assert learn('updates:=2')[0] == 0
    ((code, _, error),) = second
    assert code == 2 and f'a run is at work in {tmp_path}/out already' in error and error.count('\n') == 1
    assert load_checkpoint(tmp_path / 'out' / run_files.CHECKPOINT)[0]['updates'] == 2


def test_a_second_ctrl_c_does_not_wait():
    with Stop() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
