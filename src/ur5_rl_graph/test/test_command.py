"""How a command ends, and what its words are."""

import pytest

from ur5_rl_graph.command import command, words_and_options

FULL = 'cannot be written (No space left on device): free some disk space, or write elsewhere'


def ends(error):
    @command
    def main(argv):
        if error is not None:
            raise error
        return len(argv)

    return main(['a', 'b'])


@pytest.mark.parametrize(
    ('error', 'code', 'told'),
    [
        (None, 2, ''),
        (ValueError('seed is\n  x'), 2, 'error: seed is x\n'),
        (FileNotFoundError(2, 'No such file', 'run'), 2, "error: [Errno 2] No such file: 'run'\n"),
        (OSError(28, 'No space left on device', '/run/report.html'), 2, f'error: /run/report.html {FULL}\n'),
        (OSError(28, 'No space left on device'), 2, f'error: its output {FULL}\n'),
        (OSError('/a cannot be written'), 2, 'error: /a cannot be written\n'),
        (KeyboardInterrupt(), 130, ''),
    ],
)
def test_what_a_person_gave_ends_a_command_with_one_line_and_a_code(error, code, told, capsys):
    assert ends(error) == code
    assert capsys.readouterr() == ('', told)


@pytest.mark.parametrize('error', [KeyError('joint'), BrokenPipeError(32, 'nobody reads')])
def test_a_fault_of_the_program_and_a_reader_that_has_gone_are_not_hidden(error, monkeypatch):
    monkeypatch.setattr('ur5_rl_graph.program.nobody_reads', lambda: True)
    with pytest.raises(type(error)):
        ends(error)


def test_a_socket_of_its_own_that_is_broken_ends_a_command_with_one_line(monkeypatch, capsys):
    monkeypatch.setattr('ur5_rl_graph.program.nobody_reads', lambda: False)
    assert ends(BrokenPipeError(32, 'Broken pipe')) == 2
    assert capsys.readouterr() == ('', 'error: [Errno 32] Broken pipe\n')


def test_words_and_options():
    assert words_and_options(['a', 'n:=3', 'b=c'], n=1, x='') == (['a', 'b=c'], {'n': 3, 'x': ''})
    with pytest.raises(ValueError, match='is no option'):
        words_and_options(['m:=3'], n=1)
