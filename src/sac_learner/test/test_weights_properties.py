"""Weights as bytes: any arrays come back bit for bit; damaged bytes are refused in one way."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sac_learner.weights import not_finite, weights_from_bytes, weights_to_bytes

SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)
NAMES = st.text(min_size=1, max_size=8).filter(lambda name: name != '__metadata__')


@st.composite
def arrays(draw):
    shape = draw(SHAPES)
    size = int(np.prod(shape))
    values = draw(st.lists(st.floats(width=32), min_size=size, max_size=size))
    return np.array(values, np.float32).reshape(shape)


WEIGHTS = st.dictionaries(NAMES, arrays(), max_size=4)


@given(weights=WEIGHTS)
def test_arrays_come_back_bit_for_bit(weights):
    found = weights_from_bytes(weights_to_bytes(weights))
    assert found.keys() == weights.keys()
    for name, array in weights.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tobytes() == array.tobytes()
    bad = [name for name, array in found.items() if not np.isfinite(array).all()]
    assert not_finite(found) in (bad or [''])


def refused_or_read(data):
    try:
        assert all(isinstance(array, np.ndarray) for array in weights_from_bytes(data).values())
    except ValueError as error:
        assert f'{len(data)} bytes of weights cannot be read' in str(error)


@given(weights=WEIGHTS, place=st.integers(0, 400), value=st.integers(0, 255), cut=st.integers(0, 400))
def test_one_wrong_byte_or_a_lost_end_is_refused_in_one_way_or_does_not_matter(weights, place, value, cut):
    data = bytearray(weights_to_bytes(weights))
    data[place % len(data)] = value
    refused_or_read(bytes(data))
    refused_or_read(bytes(data[: cut % len(data)]))


@given(data=st.binary(max_size=100))
def test_any_bytes_are_refused_in_one_way(data):
    refused_or_read(data)


def bytes_of(kind, shape, size):
    """A file of one array of zeros, of a type that numpy may not have."""
    end = size * int(np.prod(shape))
    header = json.dumps({'w': {'dtype': kind, 'shape': shape, 'data_offsets': [0, end]}}).encode()
    return struct.pack('<Q', len(header)) + header + bytes(end)


def test_a_type_that_numpy_has_not_is_refused():
    with pytest.raises(ValueError, match='cannot be read as safetensors .*BF16'):
        weights_from_bytes(bytes_of('BF16', (1,), 2))


TYPES = ['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2', 'I64', 'U16', 'U8', 'BOOL', 'C64', 'F4', '?']


@given(kind=st.sampled_from(TYPES), shape=SHAPES, size=st.sampled_from([1, 2, 4, 8]))
def test_a_header_of_another_kind_is_refused_in_one_way(kind, shape, size):
    refused_or_read(bytes_of(kind, shape, size))
