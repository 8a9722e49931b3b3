"""Small files of state: what is read back, and that damage is told in one line whatever it is."""

import pytest

from ur5_rl_graph.whole_file import read_values, write_json

KINDS = {'name': str, 'count': int, 'time_s': float}
WHOLE = '{"name": "a", "count": 3, "time_s": 2.5}'


def test_what_was_written_is_read(tmp_path):
    path = tmp_path / 'state.json'
    write_json(path, {'name': 'a', 'count': 3, 'time_s': 2, 'further': []})
    assert read_values(path, KINDS) == {'name': 'a', 'count': 3, 'time_s': 2}


@pytest.mark.parametrize(
    'content',
    [
        *(WHOLE[:size] for size in (0, 1, 7, 20, len(WHOLE) - 1)),
        *('[]', '3', 'null', '"name"', 'true', '{}', '\0' * 4096, WHOLE + '\0', '[' * 100_000, 'ÿ'),
        *('{"name": "a", "count": 3}', '{"name": 1, "count": 3, "time_s": 2.5}'),
        *('{"name": "a", "time_s": 2.5, "count": ' + value + '}' for value in ('3.0', 'true', '"3"', 'null')),
        *(
            '{"name": "a", "count": 3, "time_s": ' + value + '}'
            for value in ('NaN', '1e999', '"2"', 'true', '[]')
        ),
        '{"name": "a", "count": 3, "time_s": 1%s}' % (400 * '0'),
    ],
)
def test_each_damage_is_one_line_that_names_the_file(tmp_path, content):
    path = tmp_path / 'state.json'
    path.write_bytes(content.encode('latin-1'))
    with pytest.raises(ValueError) as caught:
        read_values(path, KINDS)
    line = str(caught.value)
    assert line.startswith(f'{path} is damaged (') and line.endswith(')')
    assert line.isprintable() and len(line) < 400


def test_a_file_that_is_not_there_is_not_called_damaged(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_values(tmp_path / 'state.json', KINDS)


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_a_number_that_json_has_no_word_for_is_not_written(tmp_path, value):
    path = tmp_path / 'state.json'
    write_json(path, {'time_s': 2.5})
    with pytest.raises(ValueError, match=f'{path} is not written: '):
        write_json(path, {'time_s': value})
    assert read_values(path, {'time_s': float}) == {'time_s': 2.5}
