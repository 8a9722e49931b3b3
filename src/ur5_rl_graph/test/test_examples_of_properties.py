"""Properties are tried with the same examples whatever was loaded or run before."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers


def test_examples_do_not_depend_on_the_modules_that_are_loaded():
    drawn = []

    @given(st.floats())
    def look(value):
        drawn.append(value)

    look()
    assert drawn and not any(providers._local_constants)
