"""Texts of messages as they may be printed."""

import pytest

from ur5_rl_graph.say import one_line


@pytest.mark.parametrize(
    ('text', 'line'),
    [
        ('', ''),
        ('protective stop: unlock', 'protective stop: unlock'),
        ('größer, 手', 'größer, 手'),
        ('a\nb\r\n\tc\u2028d', 'a b c d'),
        ('\x1b[31mred\x07', r'\x1b[31mred\x07'),
        ('\0\ud800', r'\x00\ud800'),
    ],
)
def test_a_text_becomes_one_printable_line(text, line):
    assert one_line(text) == line and line.isprintable()
