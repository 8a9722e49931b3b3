"""Which code and which machine made something: only what can be found out is said."""

import subprocess

import pytest

from ur5_rl_graph import provenance


@pytest.mark.parametrize(
    'error',
    [
        FileNotFoundError('git'),
        subprocess.TimeoutExpired('git', 5),
        subprocess.CalledProcessError(1, 'git'),
    ],
)
def test_versions_and_revision_are_told_where_they_are_known(monkeypatch, error):
    found = provenance.provenance()
    assert found['python'].count('.') == 2 and found['numpy']

    def fail(*words, **more):
        raise error

    monkeypatch.setattr(subprocess, 'run', fail)
    assert 'revision' not in provenance.provenance()


def test_the_origin_of_a_run_is_its_machine_and_its_code():
    found = provenance.origin()
    assert found.items() >= provenance.provenance().items()
    assert int(found['cores']) >= 1 and found['memory'].endswith(' GB') and found['host'] and found['system']
    assert all(isinstance(text, str) for text in found.values())


@pytest.mark.parametrize(
    ('text', 'name'),
    [
        ('processor: 0\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: other\n', 'Some CPU @ 3 GHz'),
        ('Hardware: x\n', 'riscv64'),
        (None, 'riscv64'),
    ],
)
def test_the_processor_has_the_name_that_the_kernel_gives_it(tmp_path, monkeypatch, text, name):
    monkeypatch.setattr(provenance.platform, 'machine', lambda: 'riscv64')
    if text is not None:
        (tmp_path / 'cpuinfo').write_text(text)
    assert provenance.processor(tmp_path / 'cpuinfo') == name
