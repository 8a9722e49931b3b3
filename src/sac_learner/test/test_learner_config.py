"""On which device the learner works, and what is refused."""

import pytest

from sac_learner.learner_config import LearnerConfig


@pytest.mark.parametrize(
    ('device', 'there', 'chosen'),
    [('auto', True, 'cuda'), ('auto', False, 'cpu'), ('cpu', True, 'cpu'), ('cuda', True, 'cuda')],
)
def test_a_gpu_is_taken_where_there_is_one(device, there, chosen, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: there)
    assert LearnerConfig(device=device).chosen_device == chosen


def test_a_gpu_that_is_not_there_is_refused_in_one_line_by_who_needs_it(monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    config = LearnerConfig(device='cuda')  # a run of another machine may be read here
    with pytest.raises(ValueError, match='^device is cuda, but torch .* sees no GPU; choose cpu, or auto$'):
        assert config.chosen_device
