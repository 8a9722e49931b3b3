"""Writing where the disk is full (the kernel's limit of a file's size stands for it), gone or read-only."""

import errno
import io
import sys
import threading

import pytest
from full_disk import no_room

from ur5_rl_graph.whole_file import write_bytes, write_json, write_text
from ur5_rl_graph.writing import SETTLED_S, AppendedFile, Writing, keep_printing


@pytest.fixture
def writing():
    lines = []
    writing = Writing(lines.append, lambda: writing.now_s)
    writing.lines, writing.now_s = lines, 0.0
    return writing


def fail(number=errno.ENOSPC):
    raise OSError(number, 'No space left on device')


def test_a_failure_and_its_end_are_one_line_each_whatever_lies_between(tmp_path, writing):
    path = tmp_path / 'table.csv'
    assert writing.attempt(path, lambda: None, count=5) and not writing.lines
    assert [writing.attempt(path, fail, count) for count in (1, 20, 3)] == [False] * 3
    line = f'{path} cannot be written (No space left on device): going on without it, trying again'
    assert writing.lines == [line]
    writing.now_s += SETTLED_S
    assert [writing.attempt(path, lambda: None) for _ in range(3)] == [True] * 3
    assert writing.lines == [line, f'{path} is written again; until then 24 were not']
    writing.attempt(path, fail)
    assert writing.lines[2:] == [line], 'it fails anew'
    assert writing.unwritten == {'table.csv not written': 25}


def test_what_now_and_then_fits_on_a_full_disk_is_no_news(tmp_path, writing):
    path = tmp_path / 'table.csv'
    for second in range(60):
        writing.now_s = float(second)
        writing.attempt(path, fail if second % 9 == 0 else lambda: None)
    assert len(writing.lines) == 1
    writing.now_s = 54.0 + SETTLED_S - 0.1
    writing.attempt(path, lambda: None)
    assert len(writing.lines) == 1
    writing.now_s += 0.2
    writing.attempt(path, lambda: None)
    assert writing.lines[1:] == [f'{path} is written again; until then 7 were not']


def test_each_path_has_lines_and_a_count_of_its_own(tmp_path, writing):
    for name in ('a', 'b', 'a'):
        writing.attempt(tmp_path / name, fail)
    assert [line.split()[0] for line in writing.lines] == [str(tmp_path / name) for name in 'ab']
    assert writing.unwritten == {'a not written': 2, 'b not written': 1}


def test_what_a_later_try_makes_good_is_not_called_missing(tmp_path, writing):
    writing.attempt(tmp_path / 'state', fail, count=0)
    writing.now_s = SETTLED_S
    writing.attempt(tmp_path / 'state', lambda: None, count=0)
    assert writing.lines[1:] == [f'{tmp_path / "state"} is written again']
    assert not any(writing.unwritten.values())


def test_a_programming_error_is_not_taken_for_a_full_disk(tmp_path, writing):
    with pytest.raises(ZeroDivisionError):
        writing.attempt(tmp_path, lambda: 1 / 0)


def test_a_piece_that_fits_in_part_leaves_nothing_of_it(tmp_path):
    path = tmp_path / 'table.csv'
    file = AppendedFile(path, b'head\n')
    file.append(b'one\n')
    with no_room(11), pytest.raises(OSError):
        file.append(b'twotwo\n')
    assert path.read_bytes() == b'head\none\n'
    file.append(b'three\n')
    assert path.read_bytes() == b'head\none\nthree\n'


def test_a_torn_piece_that_could_not_be_taken_back_at_once_is_so_later(tmp_path, monkeypatch):
    path = tmp_path / 'table.csv'
    file = AppendedFile(path)
    file.append(b'one\n')
    with monkeypatch.context() as patch:
        patch.setattr('os.ftruncate', lambda *_: fail(errno.EIO))
        for _ in range(2):
            with no_room(6), pytest.raises(OSError):
                file.append(b'two\n')
    assert path.read_bytes() == b'one\ntw'
    file.append(b'three\n')
    assert path.read_bytes() == b'one\nthree\n'


def test_a_disk_that_comes_back_is_written_to_again(tmp_path):
    folder = tmp_path / 'disk'
    folder.mkdir()
    file = AppendedFile(folder / 'table.csv', b'head\n')
    file.append(b'one\n')
    folder.rename(tmp_path / 'gone')
    (tmp_path / 'gone/table.csv').unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            file.append(b'two\n')
    folder.mkdir()
    file.append(b'three\n')
    assert (folder / 'table.csv').read_bytes() == b'head\nthree\n'


@pytest.mark.parametrize(
    'write', [write_text, write_json, lambda path, text: write_bytes(path, text.encode())]
)
def test_a_file_written_as_a_whole_stays_where_the_next_finds_no_room(tmp_path, write):
    path = tmp_path / 'state.json'
    write(path, 'the former')
    former = path.read_bytes()
    with no_room(20), pytest.raises(OSError):
        write(path, 'the next one, which is longer')
    assert path.read_bytes() == former
    assert list(tmp_path.iterdir()) == [path], 'no part takes the room that others need'


def test_the_disk_has_the_content_before_the_name_leads_to_it(tmp_path, monkeypatch):
    """Otherwise a power cut leaves an empty file."""
    path, seen = tmp_path / 'state', []
    write_text(path, 'former')
    monkeypatch.setattr('os.fsync', lambda handle: seen.append((path.read_text(), handle)))
    write_text(path, 'next')
    assert [content for content, _ in seen] == ['former'] and path.read_text() == 'next'


class Full:
    """A log on a full disk, or a pipe that nobody reads."""

    def __init__(self, error):
        self.error = error

    def write(self, _):
        raise self.error

    def flush(self):
        raise self.error


def test_a_line_that_cannot_be_printed_ends_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr('sys.stderr', Full(OSError(errno.ENOSPC, 'No space left on device')))
    assert not Writing().attempt(tmp_path, fail)


def test_a_program_whose_output_goes_to_a_full_disk_goes_on(monkeypatch):
    for name in ('stdout', 'stderr'):
        monkeypatch.setattr(f'sys.{name}', Full(OSError(errno.ENOSPC, 'No space left on device')))
    keep_printing()
    print('nobody reads this', flush=True)
    print('nor this', file=sys.stderr)
    assert sys.stdout.error.errno == errno.ENOSPC, 'all else is the stream as it was'


def test_a_pipe_without_a_reader_still_ends_a_program(monkeypatch):
    monkeypatch.setattr('sys.stdout', Full(BrokenPipeError()))
    monkeypatch.setattr('sys.stderr', sys.stderr)
    keep_printing()
    with pytest.raises(BrokenPipeError):
        print('gone')


def test_a_line_is_written_at_once_so_that_no_other_threads_comes_into_it(monkeypatch):
    class Stream(io.StringIO):
        def write(self, text):
            written.append(text)
            if text == 'mine ':
                other = threading.Thread(target=print, args=('other',))
                other.start()
                other.join()
            return super().write(text)

    written = []
    monkeypatch.setattr(sys, 'stdout', Stream())
    monkeypatch.setattr(sys, 'stderr', Stream())
    keep_printing()
    print('mine ', 'too')
    print('mine ', end='', flush=True)  # as told, and what another thread has begun stays its own
    print('then')
    assert written == ['mine  too\n', 'mine ', 'other\n', 'then\n']
