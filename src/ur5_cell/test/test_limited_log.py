"""What clients make the controller say is short, printable and limited in number."""

from ur5_cell.limited_log import LONGEST_LINE, LimitedLog


def test_lines_beyond_the_limit_are_counted():
    lines = []
    log = LimitedLog(lines.append, lines=2, steps=3)
    for i in range(5):
        log(f'line {i}')
    assert lines == ['line 0', 'line 1']
    for _ in range(3):
        log.step()
    assert lines[2:] == ['3 more lines left out (limit 2 in 3 control steps)']
    log('again')
    for _ in range(6):
        log.step()
    assert lines[3:] == ['again']


def test_what_is_left_out_at_the_end_is_said_too():
    lines = []
    log = LimitedLog(lines.append, lines=1, steps=125)
    log('one')
    log('two')
    log.close()
    log.close()
    assert lines == ['one', '1 more lines left out (limit 1 in 125 control steps)']


def test_a_line_is_one_printable_line():
    lines = []
    log = LimitedLog(lines.append, steps=125)
    log('tear\nme\x1b[2J \udc80 \u00df')
    log('x' * 100_000)
    assert lines[0] == 'tear\\nme\\x1b[2J \\udc80 \\xdf'
    assert lines[1] == 'x' * (LONGEST_LINE - 3) + '...'
