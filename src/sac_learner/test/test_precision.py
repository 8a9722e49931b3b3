"""Which precision a processor has no units for."""

import pytest
import torch

from sac_learner.precision import unfit

CPU = torch.device('cpu')


@pytest.mark.parametrize('flags', ['fpu avx512f avx512_bf16', 'amx_bf16', 'fp asimd bf16'])
def test_a_processor_with_units_for_bfloat16_is_fit(tmp_path, flags):
    cpuinfo = tmp_path / 'cpuinfo'
    cpuinfo.write_text(f'processor : 0\nflags : {flags}\n')
    assert not unfit('bfloat16', CPU, cpuinfo)


def test_one_without_is_named_and_only_where_it_multiplies(tmp_path):
    cpuinfo = tmp_path / 'cpuinfo'
    cpuinfo.write_text('flags : fpu avx2 avx512f not_bf16\n')
    assert unfit('bfloat16', CPU, cpuinfo).startswith(
        'precision is bfloat16, which this processor has no units'
    )
    assert not unfit('float32', CPU, cpuinfo)
    assert not unfit('bfloat16', torch.device('cuda'), cpuinfo)
    assert not unfit('bfloat16', CPU, tmp_path / 'none')  # another system: not known
