"""Whether a run of a campaign left the networks that its summary tells of."""

import json

import numpy as np
import pytest

from experiments import runs
from sac_learner.checkpoint import save_checkpoint

SUMMARY = {'complete': True, 'elapsed_s': 60.0, 'steps': 1500, 'cycle_mean_ms': 40.0, 'updates': 900}


@pytest.fixture
def run(tmp_path):
    about = {'architecture': 'seq_sac', 'mode': 'virtual', 'task': 'reaching', 'setting': 'small', 'seed': 1}
    (tmp_path / 'run.json').write_text(json.dumps(about | {'duration': 60.0}))
    (tmp_path / 'summary.json').write_text(json.dumps(SUMMARY))
    (tmp_path / 'checkpoints').mkdir()
    return tmp_path


@pytest.mark.parametrize(('saved', 'doubt'), [(899, '{} holds 899 of its 900 updates'), (900, ''), (905, '')])
def test_networks_older_than_the_run_do_not_count_as_trained(run, saved, doubt):
    """The disk was full at the end, or the learner was killed."""
    save_checkpoint(runs.checkpoint(run), {'updates': np.array(saved)}, {})
    assert runs.untrained(run) == doubt.format(runs.checkpoint(run))


def test_networks_that_are_missing_or_damaged_are_named(run):
    assert runs.untrained(run) == f'there is no {runs.checkpoint(run)}'
    runs.checkpoint(run).write_bytes(b'')
    assert runs.untrained(run).startswith(f'{runs.checkpoint(run)} is not a checkpoint of this project')


def test_a_duration_that_is_not_known_is_not_called_none(run):
    (run / 'run.json').write_text('')
    (run / 'summary.json').write_text(json.dumps(SUMMARY | {'complete': False}))
    assert runs.untrained(run) == 'it is not said to be complete, and its duration is not known'
    (run / 'summary.json').write_text(json.dumps(SUMMARY))
    assert runs.untrained(run) == f'there is no {runs.checkpoint(run)}'
