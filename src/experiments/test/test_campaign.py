"""A campaign: complete after its end, resumed after any other, alone in its folder; nothing stays behind."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from experiments import campaign, places
from experiments.experiment import load
from experiments.screen import Screen
from run_reading import table

sys.path.insert(0, str(Path(__file__).parent))
import fake_campaign

HEARD = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
EXPERIMENT = {
    'mode': 'virtual',
    'costs': 'thesis',
    'duration': 60,
    'architectures': ['seq_sac', 'async_sac_2'],
    'settings': ['baseline'],
    'tasks': ['reaching'],
    'seeds': [1, 2],
    'evaluation_episodes': 3,
    'at_once': 2,
}


class Runner:
    """A campaign whose runs last as long as they are told."""

    def __init__(self, folder):
        self.folder = folder / 'campaign'
        self._file = folder / 'experiment.yaml'
        self.experiment = dict(EXPERIMENT)

    def start(self, seconds):
        """Begins it in a process of its own."""
        self._file.write_text(yaml.safe_dump(self.experiment))
        return subprocess.Popen(
            [sys.executable, fake_campaign.__file__, str(self.folder), str(self._file), str(seconds)],
            env={**os.environ, 'PYTHONPATH': ':'.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, **named):
        """Runs it here, with runs that last no time; returns exit code and output."""
        self._file.write_text(yaml.safe_dump(self.experiment))
        output, handlers = io.StringIO(), {number: signal.getsignal(number) for number in HEARD}
        with pytest.MonkeyPatch.context() as patch:
            fake_campaign.use_fakes(patch.setattr, 0.0, **named)
            try:
                made = campaign.Campaign(load(self._file), self.folder, Screen(output))
                code = made.run()
                made._lock.close()  # as the end of a process does
            except ValueError as error:  # as ./ur5rl experiment does
                code = 2
                output.write(f'error: {error}')
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)
        return code, output.getvalue()

    def complete(self):
        return sorted(path.parent.name for path in self.folder.glob('*/evaluation.json'))

    def in_flight(self, count):
        """Waits until so many runs are at work; returns their processes."""
        wait(lambda: len(list(self.folder.glob('*/learner.csv'))) == count)
        return [int((path.parent / 'pid').read_text()) for path in self.folder.glob('*/learner.csv')]


def wait(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def lives(pid):
    try:
        return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False


@pytest.fixture
def runner(tmp_path):
    return Runner(tmp_path)


ALL = [f'{a}_reaching_baseline_{s}' for a in ('async_sac_2', 'seq_sac') for s in (1, 2)]


def test_every_run_is_trained_evaluated_and_logged(runner):
    code, output = runner.end()
    assert code == 0, output
    assert runner.complete() == ALL
    assert '4 of 4 runs done' in output
    together = '4:00 of virtual time in 1:20: 3.00 times real time; updates 75.0 %, rest 25.0 %'
    assert f'all runs, each in its own time: {together}' in output
    log = (runner.folder / f'{ALL[0]}.log').read_text()
    assert log.count('$ cd ') == 2  # the command of the training and that of the evaluation
    assert json.loads((runner.folder / ALL[0] / 'evaluation.json').read_text())['returns'] == [1.0] * 3
    assert table.read(runner.folder / 'runs.csv')['result'] == ['done'] * 8


def test_a_second_start_does_nothing_again(runner):
    runner.end()
    before = {path: path.stat().st_mtime_ns for path in runner.folder.glob('*/*')}
    code, output = runner.end(failing='reaching')
    assert code == 0
    assert '4 runs are complete already' in output
    assert {path: path.stat().st_mtime_ns for path in runner.folder.glob('*/*')} == before


def test_runs_that_do_not_say_how_fast_they_went_are_counted(runner):
    assert runner.end()[0] == 0
    (runner.folder / ALL[0] / 'speed.json').unlink()
    (runner.folder / ALL[1] / 'speed.json').write_text('{')
    assert '2 of 4 runs, each in its own time: 2:00 of virtual time in 0:40: 3.00' in runner.end()[1]


def test_more_seeds_only_add_runs(runner):
    runner.end()
    runner.experiment['seeds'] = [1, 2, 3]
    _, output = runner.end()
    assert '4 runs are complete already' in output
    assert len(runner.complete()) == 6


def test_a_failed_run_is_named_and_the_others_go_on(runner):
    code, output = runner.end(failing='seq_sac_reaching_baseline_1')
    assert code == 1
    assert runner.complete() == [ALL[0], ALL[1], ALL[3]]
    told = [line for line in output.splitlines() if line.startswith('seq_sac_reaching_baseline_1 failed')]
    assert len(told) == 1
    assert 'exit code 2): the arm fell off |' in told[0]
    assert told[0].endswith('seq_sac_reaching_baseline_1.log')
    code, _ = runner.end()  # tries it again
    assert code == 0
    assert runner.complete() == ALL


def test_a_run_whose_steps_do_not_fit_its_time_is_not_kept(runner):
    code, output = runner.end(unbelievable='seq_sac_reaching_baseline_1')
    assert code == 1
    assert runner.complete() == [ALL[0], ALL[1], ALL[3]]
    assert 'seq_sac_reaching_baseline_1 failed (training, it counts 60 s, but its 5 steps are 0 s)' in output
    code, _ = runner.end()  # runs it again
    assert code == 0
    assert runner.complete() == ALL


@pytest.mark.parametrize(
    ('name', 'text'), [('summary.json', '[]'), ('evaluation.json', '{"returns": 3}'), ('run.json', '')]
)
def test_a_damaged_file_of_a_run_costs_this_run_alone(runner, name, text):
    runner.end()
    (runner.folder / ALL[2] / name).write_text(text)
    code, output = runner.end()
    if name == 'run.json':  # what it was is not known: a person decides
        assert f'{ALL[2]}/run.json is damaged' in output and 'and this run is made again' in output
        assert code == 2
    else:
        assert code == 0 and '3 runs are complete already' in output
        assert runner.complete() == ALL


def test_a_damaged_table_of_runs_loses_its_bad_lines_only(runner):
    runner.end()
    path = runner.folder / 'runs.csv'
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    path.write_bytes(
        b''.join([*lines[:2], b'\0' * 40 + b'\n', b'a,b,c,training,done,soon\r\n', *lines[2:], b'a,'])
    )
    code, output = runner.end()
    assert code == 0 and f'{path} was damaged; lost: 2 damaged lines, 2 bytes of a torn line' in output
    assert path.read_bytes() == content


def test_a_killed_runner_leaves_no_run_and_loses_those_in_flight_only(runner):
    runner.end(failing='baseline_2')  # two are complete
    for folder in runner.folder.glob('*_2/learner.csv'):
        folder.unlink()
    process = runner.start(600.0)
    pids = runner.in_flight(4)  # the two complete ones have a table, too
    process.kill()
    process.wait()
    process.stdout.close()
    wait(lambda: not any(lives(pid) for pid in pids))
    code, output = runner.end()
    assert code == 0
    assert '2 runs are complete already' in output
    assert runner.complete() == ALL


def test_an_interrupted_runner_ends_its_runs_in_good_order(runner):
    process = runner.start(600.0)
    pids = runner.in_flight(2)
    process.send_signal(signal.SIGINT)
    output = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert 'stopped; the same command goes on from here' in output
    assert 'Traceback' not in output
    assert not any(lives(pid) for pid in pids)
    assert len(list(runner.folder.glob('*/summary.json'))) == 2  # they heard the interrupt
    assert table.read(runner.folder / 'runs.csv')['result'] == ['stopped'] * 2


def test_two_runners_never_work_in_one_folder(runner):
    process = runner.start(600.0)
    runner.in_flight(2)
    code, output = runner.end()
    assert code == 2
    assert f'another runner (process {process.pid}) is at work in {runner.folder}' in output
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)


def test_a_complete_run_of_another_duration_is_refused(runner):
    runner.end()
    runner.experiment['duration'] = 90
    _, output = runner.end()
    assert 'was run with duration 60.0, the experiment says 90.0' in output
    assert runner.complete() == ALL


def test_a_complete_run_of_other_costs_under_the_same_name_is_refused(runner, tmp_path):
    costs, row = tmp_path / 'costs.yaml', {'action_ms': 2, 'sampling_ms': 20, 'gradient_ms': 5}
    costs.write_text(yaml.safe_dump({'baseline': row | {'environment_ms': 5}}))
    runner.experiment['costs'] = str(costs)
    assert runner.end()[0] == 0
    costs.write_text(yaml.safe_dump({'baseline': row | {'environment_ms': 5, 'gradient_ms': 500}}))
    code, output = runner.end()
    assert code == 2 and 'was run with costs_ms ' in output
    assert "'gradient_ms': 5.0" in output and "'gradient_ms': 500.0" in output
    for each in runner.folder.glob('*/run.json'):  # of a version that did not keep them
        about = json.loads(each.read_text())
        del about['costs_ms']
        each.write_text(json.dumps(about))
    assert runner.end()[0] == 0


@pytest.mark.parametrize(
    ('parameters', 'message'),
    [
        ({'crop_width': 161}, 'seq_sac baseline reaching: buffer_sampler: crop 161x88 does not fit'),
        ({'max_joint_velocity': 0.9}, 'seq_sac baseline reaching: max_joint_velocity (environment) is 0.9'),
    ],
)
def test_parameters_that_no_run_could_begin_with_are_refused_before_anything_is_written(
    runner, parameters, message
):
    runner.experiment['parameters'] = parameters
    code, output = runner.end()
    assert code == 2 and f'error: {message}' in output and output.count('\n') == 0
    assert not runner.folder.exists()


def test_a_setting_that_the_costs_lack_is_refused_before_anything_is_written(runner):
    runner.experiment['settings'] = ['baseline', 'costly_sampling']
    code, output = runner.end()
    assert code == 2 and 'has no costs of setting costly_sampling' in output
    assert not runner.folder.exists()


def test_a_campaign_of_which_nothing_has_run_takes_other_parameters(runner):
    assert runner.end(failing='baseline')[0] == 1
    runner.experiment['parameters'] = {'batch_size': 16}
    assert 'baseline.yaml has other parameters than' in runner.end()[1]
    for folder in runner.folder.glob('seq_sac_*/'):
        shutil.rmtree(folder)
    assert 'async_sac_2/baseline.yaml has other parameters than' in runner.end()[1]
    for folder in runner.folder.glob('async_sac_2_*/'):
        shutil.rmtree(folder)
    assert runner.end()[0] == 0
    assert 'batch_size: 16' in (runner.folder / 'settings/seq_sac/baseline.yaml').read_text()


def test_what_is_no_run_is_never_removed(runner):
    (runner.folder / ALL[0]).mkdir(parents=True)
    (runner.folder / ALL[0] / 'thesis.txt').write_text('precious')
    code, output = runner.end()
    assert code == 1
    assert 'is in the way and is no run' in output
    assert (runner.folder / ALL[0] / 'thesis.txt').read_text() == 'precious'
    assert len(runner.complete()) == 3


def test_real_time_runs_at_once_have_places_of_their_own(runner):
    runner.experiment |= {'mode': 'real_time'}
    del runner.experiment['costs']
    process = runner.start(600.0)
    runner.in_flight(2)
    numbers = {json.loads(path.read_text())['place'] for path in runner.folder.glob('*/run.json')}
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert len(numbers) == 2
    assert numbers <= set(places.PLACES)


def test_a_place_is_free_again_after_its_holder():
    first = 1000 + 2 * os.getpid()  # no other test's
    numbers = range(first, first + 2)
    one, two = places.take(numbers), places.take(numbers)
    assert (one.number, two.number) == tuple(numbers)
    with pytest.raises(OSError, match=f'from {first} to {first + 1} are taken'):
        places.take(numbers)
    one.socket.close()
    three = places.take(numbers)
    assert three.number == first
    two.socket.close()
    three.socket.close()
