"""Each fault of a machine, fed to its check; and that reading this one works."""

import shutil

import pytest
from interrupted_clock import AFTER_EITHER, InterruptedClock

from commissioning import computer, doctor, probes, quick
from commissioning.finding import Finding, State, run

OK, WARNING, FAULT, ASK = State.OK, State.WARNING, State.FAULT, State.ASK


@pytest.mark.parametrize(
    ('found', 'state', 'words'),
    [
        (computer.python((3, 9, 2)), FAULT, '3.9.2 3.10 to 3.13'),
        (computer.python((3, 10, 0)), OK, '3.10.0'),
        (computer.python((3, 13, 5)), OK, '3.13.5'),
        (computer.python((3, 14, 0)), FAULT, '3.14.0'),
        (computer.packages({'a': {'1'}, 'b': {'2', '3'}}, {'a': '1', 'b': '3+cpu'}), OK, '2 as pinned'),
        (
            computer.packages({'a': {'1'}, 'b': {'2', '3'}}, {'a': None, 'b': '3'}),
            FAULT,
            'a is missing setup',
        ),
        (computer.packages({'b': {'2', '3'}}, {'b': '4'}), FAULT, 'b is 4, not 2 or 3'),
        (computer.opengl('egl', ''), OK, 'draws'),
        (computer.opengl('egl', 'no EGL'), FAULT, 'no EGL apt'),
        (computer.opengl('disabled', None), OK, 'disabled not tried'),
        (computer.gpu(False, '2.1'), OK, 'none CPU'),
        (computer.gpu(True, '2.1+cpu'), WARNING, '2.1+cpu torch:=cuda'),
        (computer.gpu(True, '2.1+cu128'), OK, 'NVIDIA'),
        (computer.scheduling(5, True, 5), OK, 'priority 5'),
        (computer.scheduling(4, True, 4), OK, 'priority 4'),
        (computer.scheduling(4, True, 5), WARNING, 'priority 4 of 5 rtprio'),
        (computer.scheduling(0, True, 4), WARNING, 'priority none of 4 rtprio=4'),
        (computer.scheduling(4, False, 4), WARNING, 'memory may not be locked memlock'),
        (computer.clock(True, 0.0), OK, 'synchronised'),
        (computer.clock(False, 0.0), WARNING, 'not synchronised chrony'),
        (computer.clock(None, 0.0), WARNING, 'not synchronised'),
        (computer.clock(True, -0.005), FAULT, 'set by -5.0 ms'),
        (computer.disk(0.9e9, 5e9, '/r'), FAULT, '0.9 GB /r output'),
        (computer.disk(4.9e9, 5e9, '/r'), WARNING, '5.0 GB output'),
        (computer.disk(5.1e9, 5e9, '/r'), OK, '5.1 GB'),
        (computer.memory(1.4e9), FAULT, '1.4 GB end other'),
        (computer.memory(3.9e9), WARNING, '3.9 GB'),
        (computer.memory(4.1e9), OK, '4.1 GB'),
        (computer.shared_memory(64e6, 23e6), FAULT, '23 of 64 MB shm-size'),
        (computer.shared_memory(64e6, 25e6), OK, '25 of 64 MB'),
        (computer.leftovers({'a': 5, 'b': 3}, {'a', 'b'}, False), OK, '2 segments'),
        (
            computer.leftovers({'a': 5, 'b': 3_000_000}, {'a'}, False),
            WARNING,
            '1 segments 3.0 MB rm /dev/shm',
        ),
        (computer.leftovers({'a': 5}, set(), True), ASK, '1 segments no process of another user'),
        (computer.other_runs([], 'run in domain 0 /'), OK, 'none'),
        (computer.other_runs(['run in domain 5 /'], 'run in domain 0 /'), WARNING, 'domain 5'),
        (computer.other_runs(['run in domain 0 /'], 'run in domain 0 /'), FAULT, 'domain 0 ROS_DOMAIN_ID'),
        (computer.discovery('0', 'LOCALHOST', True), OK, 'domain 0 lo'),
        (computer.discovery('233', 'LOCALHOST', True), FAULT, "'233'"),
        (computer.discovery('x', 'LOCALHOST', True), FAULT, "'x'"),
        (computer.discovery('0', 'LOCALHOST', False), FAULT, 'lo is down'),
        (computer.discovery('0', 'SUBNET', True), WARNING, 'every interface =LOCALHOST'),
        (computer.discovery('0', 'SYSTEM_DEFAULT', True), WARNING, 'every interface'),
        (computer.discovery('0', 'OFF', True), FAULT, 'OFF =LOCALHOST'),
        (computer.cell_ports('127.0.0.1'), OK, '127.0.0.1'),
        (computer.cell_ports(None), FAULT, 'no loopback'),
        (computer.route('10.0.0.1', 'eth0', False, False), OK, 'eth0'),
        (computer.route('10.0.0.1', 'wlan0', True, False), FAULT, 'radio wlan0 cable'),
        (computer.route('10.0.0.1', 'eth0', False, True), WARNING, 'router cable'),
    ],
)
def test_what_a_check_makes_of_a_machine(found, state, words):
    assert found.state is state
    line, place = str(found), 0
    for word in words.split(' '):
        place = line.index(word, place) + len(word)
    assert (found.remedy == '') == (state is OK) and '\n' not in line


def test_this_machine_is_read_without_an_error():
    parameters = doctor.parameters('small')
    checks = doctor.machine_checks(parameters, '') + doctor.machine_checks(parameters, '127.0.0.1')
    checks = [
        check for check in checks if check.name not in ('opengl', 'packages', 'clock')
    ]  # slow, or of set-up
    found = {finding.name: finding for finding in run(checks)}
    assert len(found) == 11
    assert found['route'].text == '127.0.0.1 is reached through lo'
    for finding in found.values():  # a reading that fails has no remedy
        assert finding.state is not FAULT or finding.remedy, finding


def test_a_full_buffer_takes_what_the_sampler_would_store():
    small = doctor.buffer_bytes(
        {'observation_width': 80, 'observation_height': 45, 'crop_width': 78, 'crop_height': 44}
    )
    assert 1e5 * 1.03 * 3 * 80 * 45 < small < 1.4e9
    assert 4.4e9 < doctor.buffer_bytes({}) < 5e9


def test_pins_of_one_package_for_several_pythons_are_all_good(tmp_path):
    path = tmp_path / 'requirements.txt'
    path.write_text('# x==9\na==1.0; python_version >= "3.11"\na==0.9; python_version < "3.11"\nb-c==2.0.1\n')
    assert probes.pinned([path]) == {'a': {'1.0', '0.9'}, 'b-c': {'2.0.1'}}
    assert probes.installed(['no-such-package']) == {'no-such-package': None}


def test_a_launch_is_told_faults_and_beside_a_real_arm_warnings_in_one_line():
    found = [
        Finding(OK, 'disk', 'fine'),
        Finding(WARNING, 'clock', 'off', 'mend'),
        Finding(FAULT, 'shm', 'full', 'rm'),
    ]
    assert quick.worst(found, False) == 'this machine: shm: full (./ur5rl doctor says what to change)'
    assert 'clock: off; shm: full' in quick.worst(found, True)
    assert quick.worst(found[:2], False) == quick.worst(found[:1], True) == ''


def test_a_launch_looks_at_its_own_folder(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(probes, 'free_disk', lambda folder: asked.append(folder) or 0.5e9)
    monkeypatch.setattr(probes, 'available_memory', lambda: 1e10)
    monkeypatch.setattr(probes, 'shared_memory', lambda: (1e9, 1e9))
    monkeypatch.setattr(probes, 'real_time_priority', lambda wanted: 0)
    monkeypatch.setattr(probes, 'may_lock_memory', lambda: True)
    monkeypatch.setattr(probes, 'clock_synchronised', lambda: True)
    assert quick.line(tmp_path, False).startswith('this machine: disk: 0.5 GB')
    assert 'priority none' in quick.line(tmp_path, True) and asked == [tmp_path, tmp_path]


@pytest.mark.parametrize(('robot_ip', 'wanted'), [('', 5), ('192.0.2.1', 4)])
def test_a_real_arm_has_its_controller_elsewhere_and_needs_no_priority_for_it(monkeypatch, robot_ip, wanted):
    monkeypatch.setattr(probes, 'real_time_priority', lambda wanted: min(wanted, 4))
    monkeypatch.setattr(probes, 'may_lock_memory', lambda: True)
    checks = doctor.machine_checks(doctor.parameters('small'), robot_ip)
    (check,) = [check for check in checks if check.name == 'scheduling']
    assert check.look() == quick.scheduling(bool(robot_ip))
    assert check.look().state is (OK if wanted == 4 else WARNING)


def test_processes_that_are_not_shown_may_use_what_nobody_seems_to_use(tmp_path, monkeypatch):
    monkeypatch.setattr(probes, 'PROCESSES', tmp_path)
    for process, mapped in (('1', 'fastrtps_a'), ('77', 'fastrtps_b')):
        (tmp_path / process).mkdir()
        (tmp_path / process / 'maps').write_text(f'7f rw-s 00:19 5 /dev/shm/{mapped}\n')
    assert probes.used_segments() == ({'fastrtps_a', 'fastrtps_b'}, False)
    shutil.rmtree(tmp_path / '1')  # as with hidepid=2
    assert probes.used_segments() == ({'fastrtps_b'}, True)


def test_a_segment_that_goes_while_it_is_looked_at_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(probes, 'SHARED_MEMORY', tmp_path)
    (tmp_path / 'fastrtps_here').write_bytes(b'123')
    (tmp_path / 'fastrtps_here_el').touch()
    (tmp_path / 'fastrtps_gone').symlink_to(tmp_path / 'nowhere')
    assert probes.segments() == {'fastrtps_here': 3}


def test_free_room_is_that_of_the_nearest_folder_that_is_there(tmp_path):
    assert probes.free_disk(tmp_path / 'not/yet') > 0.0


@AFTER_EITHER
@pytest.mark.parametrize('set_s', [0.0, -0.005])
def test_the_clock_is_compared_over_a_moment_however_the_process_is_set_aside(reading, set_s):
    host = InterruptedClock()

    def sleep(seconds):
        host.s += seconds
        host.epoch_s += set_s
        host.set_aside(0.05, reading)

    host.set_aside(0.02, reading)
    assert probes.clock_moved_s(host.clock, sleep) == pytest.approx(set_s, abs=1e-6)


def test_the_real_time_priority_that_was_tried_is_not_kept(monkeypatch):
    asked = []

    def schedule(_, policy, parameters):
        asked.append((policy, parameters.sched_priority))
        if parameters.sched_priority > 2:
            raise PermissionError

    monkeypatch.setattr(probes.os, 'sched_setscheduler', schedule)
    assert probes.real_time_priority(4) == 2
    assert asked[-1] == (probes.os.SCHED_OTHER, 0) and len(asked) == 4
