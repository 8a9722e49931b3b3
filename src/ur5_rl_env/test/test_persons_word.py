"""A person's word: once in a launch, kept for restarts, asked for again by a new launch and after a stop."""

from pathlib import Path

import pytest

from ur5_rl_env.persons_word import FILE_NAME, PersonsWord


def word(folder, run='run_1', needed=True):
    return PersonsWord(needed, str(folder), run)


def test_a_simulated_arm_needs_none():
    assert PersonsWord().given


def test_it_is_given_once_in_a_launch_and_known_to_every_node_and_restart_of_it(tmp_path):
    environment, driver = word(tmp_path), word(tmp_path)
    assert not environment.given and not driver.given
    environment.give()
    assert environment.given and driver.given and word(tmp_path).given


def test_a_new_launch_asks_again_in_the_same_folder_too(tmp_path):
    word(tmp_path).give()
    assert not word(tmp_path, 'run_2').given
    assert word(tmp_path).given


def test_an_emergency_stop_takes_it_back_for_all(tmp_path):
    environment, driver = word(tmp_path), word(tmp_path)
    environment.give()
    driver.take_back()
    assert not environment.given and not driver.given
    driver.take_back()  # there is nothing left to take


def test_a_stop_is_kept_of_an_arm_too_that_needs_no_word(tmp_path):
    environment, driver = word(tmp_path, needed=False), word(tmp_path, needed=False)
    assert environment.given
    environment.take_back()
    assert not environment.given and not driver.given and word(tmp_path, 'run_2', needed=False).given
    environment.give()
    assert environment.given and driver.given
    alone = PersonsWord()
    alone.take_back()
    assert not alone.given
    alone.give()
    assert alone.given


def test_a_file_that_cannot_be_read_is_no_word(tmp_path):
    for needed in (True, False):
        known = word(tmp_path, needed=needed)
        for damaged in (b'', b'{', b'\xff'):
            (tmp_path / FILE_NAME).write_bytes(damaged)
            assert not known.given


def test_who_stops_waits_for_no_disk(tmp_path, monkeypatch):
    monkeypatch.setattr('os.fsync', lambda handle: pytest.fail('a disk may take seconds, a servo has none'))
    word(tmp_path).give()
    word(tmp_path).take_back(by_servo=True)
    assert not word(tmp_path).given


def test_what_the_servo_has_taken_back_it_gives_back_unless_a_person_has_said_stop_since(tmp_path):
    environment, servo, next_servo = (word(tmp_path) for _ in range(3))
    environment.give()
    servo.take_back(by_servo=True)
    next_servo.give_back()
    assert environment.given
    servo.take_back(by_servo=True)
    environment.take_back()
    servo.give_back()
    next_servo.give_back()
    assert not environment.given and not servo.given
    word(tmp_path / 'new', 'run_2').give_back()
    assert not word(tmp_path / 'new', 'run_2').given, 'what nobody has given'


def test_on_a_full_disk_a_word_is_taken_back_all_the_same(tmp_path, monkeypatch):
    environment, driver = word(tmp_path), word(tmp_path)
    environment.give()

    def full(*_, **__):
        raise OSError('no room')

    monkeypatch.setattr('ur5_rl_env.persons_word.write_json', full)
    beforehand = word(tmp_path / 'new', 'run_2', needed=False)
    (tmp_path / 'new').mkdir()
    beforehand.take_back(by_servo=True)
    assert not word(tmp_path / 'new', 'run_2', needed=False).given, 'an empty file takes no room'
    driver.take_back(by_servo=True)
    assert not environment.given and not driver.given
    driver.give_back()
    assert not environment.given


@pytest.mark.parametrize('needed', [True, False])
def test_what_cannot_be_taken_back_for_all_is_taken_back_here(tmp_path, monkeypatch, needed):
    def fail(*_, **__):
        raise OSError('read-only')

    environment = word(tmp_path, needed=needed)
    environment.give()
    monkeypatch.setattr('ur5_rl_env.persons_word.write_json', fail)
    monkeypatch.setattr(Path, 'write_bytes', fail)
    with pytest.raises(OSError):
        environment.take_back()
    assert not environment.given and word(tmp_path, needed=needed).given
    monkeypatch.undo()
    driver = word(tmp_path, needed=needed)
    driver.take_back()
    driver.give()
    assert environment.given, 'said anew by somebody else'


@pytest.mark.parametrize('text', ['', '{', '[]', '{"run": null}', 'true', '\0' * 40, '{"run": "run_'])
def test_what_cannot_be_read_is_no_word(tmp_path, text):
    (tmp_path / FILE_NAME).write_text(text)
    assert not word(tmp_path).given


@pytest.mark.parametrize('folder, run', [('', ''), ('', 'run_1'), ('x', '')])
def test_a_word_that_no_other_node_could_hear_is_refused_in_one_line(folder, run):
    with pytest.raises(ValueError) as caught:
        PersonsWord(True, folder, run)
    line = str(caught.value)
    assert line.startswith(f"confirm is true, run_folder is '{folder}' and run_identity is '{run}': ")
    assert 'give both' in line and 'or leave confirm out' in line and '\n' not in line
    assert PersonsWord(False, folder, run).given


def test_a_word_that_cannot_be_kept_is_not_given(tmp_path):
    lost = word(tmp_path / 'gone')
    with pytest.raises(OSError):
        lost.give()
    assert not lost.given


def test_the_line_says_what_to_call_and_what_the_arm_will_do():
    asked = PersonsWord(True, 'folder', 'run_1', service='/left/environment/start').request
    assert 'ros2 service call /left/environment/start std_srvs/srv/Trigger.' in asked
    assert 'moves home and goes on by itself' in asked and '\n' not in asked
