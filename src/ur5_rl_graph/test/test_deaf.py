"""A process whose ports in shared memory are taken away."""

import os

import pytest

from ur5_rl_graph import deaf
from ur5_rl_graph.deaf import OwnPorts

OWN, OTHER = 'fastrtps_port7001', 'fastrtps_port7002'


class Machine:
    """A process that listens at OWN and sends to OTHER."""

    def __init__(self, folder):
        self.process, self.shared = folder / 'self', folder / 'shm'
        (self.process / 'fd').mkdir(parents=True)
        self.shared.mkdir()
        for name in (OWN, OTHER):
            self.make(name)
        (self.process / 'fd' / '7').symlink_to(f'/dev/shm/{OWN}_el')
        (self.process / 'fd' / '8').symlink_to('/dev/shm/fastrtps_0123456789abcdef_el')
        (self.process / 'fd' / '9').symlink_to('/dev/null')
        self.maps([OWN, OTHER])

    def make(self, name):
        """Makes a file of another inode."""
        (self.shared / f'{name}.new').write_text('')
        (self.shared / f'{name}.new').replace(self.shared / name)

    def maps(self, names):
        """The process has these mapped, as they are now."""
        lines = ['7f00-7f01 r-xp 00000000 fe:01 77                     /usr/lib/libc.so.6']
        for name in names:
            inode = os.stat(self.shared / name).st_ino
            lines.append(f'7f10-7f20 rw-s 00000000 00:1b {inode}                   /dev/shm/{name}')
        (self.process / 'maps').write_text('\n'.join([*lines, '']))

    def taken(self, name):
        """Another makes the port anew; the process has the old one."""
        text = (self.process / 'maps').read_text()
        (self.process / 'maps').write_text(text.replace(f'/dev/shm/{name}\n', f'/dev/shm/{name} (deleted)\n'))
        self.make(name)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def looks(ports, count=4):
    return [ports.look() for _ in range(count)]


def test_ports_that_are_there_are_no_matter(machine):
    assert looks(OwnPorts(machine.process, machine.shared)) == [[]] * 4


@pytest.mark.parametrize('known', [True, False])
def test_a_port_that_is_taken_away_is_told_at_the_second_look(machine, known):
    ports = OwnPorts(machine.process, machine.shared)
    if known:
        looks(ports)
    machine.taken(OWN)
    assert looks(ports) == [[], [OWN], [OWN], [OWN]]


def test_a_port_whose_file_is_removed_is_gone(machine):
    ports = OwnPorts(machine.process, machine.shared)
    looks(ports)
    (machine.shared / OWN).unlink()
    assert looks(ports) == [[], [OWN], [OWN], [OWN]]


def test_a_port_that_comes_back_is_its_own_again(machine):
    ports = OwnPorts(machine.process, machine.shared)
    looks(ports)
    for _ in range(3):
        machine.taken(OWN)
        assert ports.look() == []
        machine.maps([OWN, OTHER])  # Fast DDS has noticed
        assert looks(ports) == [[]] * 4


def test_the_ports_of_others_come_and_go(machine):
    ports = OwnPorts(machine.process, machine.shared)
    looks(ports)
    machine.taken(OTHER)
    assert looks(ports) == [[]] * 4


def test_a_port_that_it_has_closed_is_no_matter(machine):
    (machine.process / 'fd' / '10').symlink_to(f'/dev/shm/{OTHER}_el')  # a sender tries the lock just now
    ports = OwnPorts(machine.process, machine.shared)
    looks(ports)
    (machine.process / 'fd' / '10').unlink()
    (machine.shared / OTHER).unlink()
    assert looks(ports) == [[]] * 4


@pytest.mark.parametrize('unreadable', ['maps', 'fd'])
def test_what_linux_does_not_tell_ends_no_process(machine, unreadable):
    ports = OwnPorts(machine.process, machine.shared)
    looks(ports)
    machine.taken(OWN)
    (machine.process / unreadable).rename(machine.process / 'hidden')
    assert looks(ports) == [[]] * 4
    (machine.process / 'hidden').rename(machine.process / unreadable)
    assert looks(ports) == [[], [OWN], [OWN], [OWN]]


def test_a_mapped_file_may_have_any_name(machine):
    with (machine.process / 'maps').open('ab') as maps:
        maps.write(b'7f30-7f40 r-xp 00000000 fe:01 78                     /home/m\xfcller/libown.so\n')
    assert looks(OwnPorts(machine.process, machine.shared)) == [[]] * 4


def test_a_process_without_shared_memory_has_no_ports(machine):
    for entry in (machine.process / 'fd').iterdir():
        entry.unlink()
    assert looks(OwnPorts(machine.process, machine.shared)) == [[]] * 4


def test_it_ends_with_one_line_and_is_started_again(monkeypatch, capsys):
    timers = []
    monkeypatch.setattr(deaf, 'every', lambda node, period, callback: timers.append((period, callback)))
    found = iter([[], [OWN, OTHER]])
    monkeypatch.setattr(OwnPorts, 'look', lambda ports: next(found))
    deaf.end_if_deaf(None)
    ((period, look),) = timers
    look()
    assert capsys.readouterr().err == '' and period == deaf.LOOK_S
    with pytest.raises(SystemExit) as end:
        look()
    assert end.value.code == 1
    said = capsys.readouterr().err
    assert said.count('\n') == 1 and f'{OWN}, {OTHER}' in said
