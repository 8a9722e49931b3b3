"""What a person sees of the long reading of a bag: a line now and then."""

from ur5_rl_bags.share_done import told


def test_a_line_every_ten_seconds_says_how_many_of_how_many():
    now_s, lines, taken = [100.0], [], []
    for item in told(range(8), 8, 'messages', lines.append, lambda: now_s[0]):
        taken.append(item)
        now_s[0] += 4.0  # before the next one is asked for
    assert taken == list(range(8))
    assert lines == ['37 %: 3 of 8 messages', '75 %: 6 of 8 messages']


def test_more_than_a_damaged_index_counts_is_no_more_than_all():
    now_s, lines = iter(range(0, 100, 20)), []
    assert list(told('abc', 1, 'messages', lines.append, lambda: next(now_s))) == list('abc')
    assert lines == ['0 %: 0 of 1 messages', '100 %: 1 of 1 messages', '100 %: 2 of 2 messages']
