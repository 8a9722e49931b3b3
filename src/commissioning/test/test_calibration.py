"""The whole calibration in a cell whose delays and places it does not know."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from fake_cell import ACCELERATION, DELAYS, HIDDEN, NOMINAL, SIZE, FakeCell, measured, run

from commissioning.calibration import monitor_geometry, poses, procedure, result
from commissioning.calibration.delays import Delay
from commissioning.calibration.procedure import CalibrationError
from commissioning.calibration.sensed import Picture, Recording
from commissioning.finding import State
from ur5_rl_env.guard import Guard, GuardConfig
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_env.red_disc import Spot
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.task import CONTROL_CYCLE_S
from ur5_rl_graph import parameter_file


@pytest.fixture(scope='module')
def places():
    return poses.choose(UR5.home, GuardConfig(), NOMINAL, SIZE)


@pytest.mark.parametrize('seed', range(3))
def test_hidden_delays_and_places_are_found(seed):
    cell, harvest, found = measured(seed)
    monitor, camera, stamp, arm = DELAYS[seed]
    assert found.monitor.seconds == pytest.approx(monitor, abs=0.004)
    assert found.camera.seconds == pytest.approx(camera, abs=0.003)
    assert found.stamps.seconds == pytest.approx(stamp, abs=0.002)
    assert found.arm.seconds == pytest.approx(arm + CONTROL_CYCLE_S / 2, abs=0.004)  # until a control step
    geometry, true = found.screen.geometry, HIDDEN
    assert np.linalg.norm(geometry.centre - true.centre) < 0.005
    assert abs(geometry.width - true.width) < 0.005 and abs(geometry.height - true.height) < 0.005
    assert np.abs(geometry.turn - true.turn).max() < 0.01
    assert len(found.screen.used) > 60 and len(harvest.shown) == procedure.JUMPS
    assert cell.fastest <= procedure.FASTEST + 1e-9


def test_no_delay_is_called_surer_than_the_stamps_of_joint_states_are():
    found = measured(0)[2]
    for delay in (found.camera, found.stamps, found.monitor, found.arm):
        assert CONTROL_CYCLE_S <= delay.within < 2 * CONTROL_CYCLE_S
    lines = {finding.name: finding.text for finding in result.findings(found)}
    assert '(within 8.' in lines['camera'] and '(within 8.' in lines['stamps']


def test_the_setting_gets_what_was_measured_and_keeps_the_rest(tmp_path):
    found = measured(0)[2]
    before = {'/**': {'batch_size': 64, 'monitor_y': 0.9}, '/robot_cell': {'screen_width': 0.5, 'seed': 1}}
    nodes = result.parameters(found, before)
    path = tmp_path / 'calibrated.yaml'
    result.write(path, nodes, ['what was found'])
    assert path.read_text().startswith('# what was found\n')
    assert parameter_file.read(path) == nodes
    assert nodes['/**']['batch_size'] == 64 and nodes['/robot_cell']['seed'] == 1
    assert nodes['/**']['monitor_y'] == pytest.approx(1.0, abs=0.005)
    assert nodes['/**']['screen_width'] == pytest.approx(0.56, abs=0.005)
    assert nodes['/**']['screen_height'] == pytest.approx(0.32, abs=0.005)
    assert nodes['/**']['horizontal_fov'] == pytest.approx(63.0, abs=0.3)
    assert 'screen_width' not in nodes['/robot_cell']
    assert nodes['/camera']['camera_latency_ms'] == pytest.approx(37.4, abs=3.0)
    assert nodes['/robot_cell']['camera_delay_ms'] == nodes['/camera']['camera_latency_ms']
    assert before['/**']['monitor_y'] == 0.9


def test_what_no_parameter_takes_is_refused_with_its_limits():
    found = measured(0)[2]
    near = found.screen.geometry._replace(centre=np.array([0.0, 0.5, 0.6]))
    with pytest.raises(ValueError, match=r'monitor_y is 0.5; allowed is 0.85 to 2.0'):
        result.parameters(found._replace(screen=found.screen._replace(geometry=near)), {})


def test_a_screen_that_was_seen_from_too_few_places_is_not_written():
    _, harvest, found = measured(0)
    few = found._replace(
        screen=monitor_geometry.measure(harvest.sightings[15:30], NOMINAL, SIZE, Kinematics(UR5))
    )
    assert np.abs(few.screen.geometry.centre - HIDDEN.centre).max() > 0.01  # and nobody knows
    with pytest.raises(ValueError, match=r'known within \d\d mm only \(limit 20\), by 15 discs'):
        result.parameters(few, {})
    unsure = found.screen.deviations._replace(width=0.006)
    lines = result.findings(found._replace(screen=found.screen._replace(geometry=NOMINAL, deviations=unsure)))
    (line,) = (line for line in lines if line.name == 'screen')
    assert line.state is State.WARNING and 'within 12.0 mm' in line.text and 'too few' in line.remedy


def test_a_person_is_told_what_is_not_as_it_should_be():
    found, soon = measured(1)[2], Delay(0.001, 0.0005)
    good = found._replace(stamps=soon, screen=found.screen._replace(geometry=NOMINAL))
    lines = {finding.name: finding for finding in result.findings(good)}
    assert {finding.state for finding in lines.values()} == {State.OK}, lines
    spoilt = np.array([[90, 90, 250]] * 30 + [[10, 10, 200]] * 20)
    bad = found._replace(colour=spoilt, camera=Delay(0.12, 0.001))
    lines = {finding.name: finding for finding in result.findings(bad)}
    wrong = {name for name, finding in lines.items() if finding.state is State.WARNING}
    assert wrong == {'stamps', 'camera', 'screen', 'colour'}
    assert '40 % of it' in lines['colour'].text and 'up of its place' in lines['screen'].text
    turned = found.screen._replace(geometry=HIDDEN._replace(camera_turn=np.array([0.0, 0.0, 0.1])))
    assert {f.name: f for f in result.findings(bad._replace(screen=turned))}['mount'].state is State.WARNING
    off = found.screen._replace(residuals=100.0 * found.screen.residuals)
    assert {f.name: f for f in result.findings(found._replace(screen=off))}['fit'].state is State.WARNING
    assert result.colour(np.empty((0, 3))).state is State.WARNING


def test_the_arm_stays_inside_the_guards_bounds_and_looks_from_different_places(places):
    guard = Guard(GuardConfig())
    assert places[0] == tuple(UR5.home) and len(set(places)) == poses.POSES
    for q in places:
        assert not guard.outside(q, poses.DEPTH) and q[5] == UR5.home[5]
    for before, after in zip(places, places[1:], strict=False):
        assert guard.bounds.line_inside(before, after)


def test_an_arm_that_may_only_go_slowly_is_measured_slowly(places):
    cell = FakeCell(NOMINAL, camera_s=0.03, arm_s=0.02, noise_pixel=0.1)
    harvest = run(cell, places[:1], max_velocity=0.08)
    assert cell.fastest == pytest.approx(0.08)
    jogged = result.jogged(harvest, cell.recording, 'arrival')
    assert result.delays.of_motion(*jogged).seconds == pytest.approx(0.03, abs=0.003)


def test_the_last_wrist_joint_is_never_asked_to_move(places, monkeypatch):
    cell, asked = FakeCell(NOMINAL), []
    move = cell.move
    monkeypatch.setattr(cell, 'move', lambda velocity: (asked.append(velocity[5]), move(velocity)))
    run(cell, [(*places[1][:5], places[1][5] + 0.2)])
    assert asked and set(asked) == {0.0}


def test_a_disturbance_while_the_joint_is_jogged_has_it_jogged_again(places):
    cell = FakeCell(NOMINAL, camera_s=0.03)
    undisturbed = FakeCell(NOMINAL, camera_s=0.03)
    begin, end = run(undisturbed, places[:1]).jog
    cell.troubles = [((begin + end) / 2, (begin + end) / 2 + 3.0, 'arm: disconnected')]
    harvest = run(cell, places[:1])
    assert harvest.jog[0] > end and 'waits: arm: disconnected' in cell.said
    assert cell.said.count('moving home') == undisturbed.said.count('moving home') + 1


def test_trouble_that_does_not_pass_ends_it_with_the_cause(places):
    cell = FakeCell(NOMINAL, troubles=[(1005.0, 1e9, 'camera silent')])
    with pytest.raises(CalibrationError, match='camera silent; put it right and start'):
        run(cell, places)
    assert cell.time < 1005.0 + procedure.PATIENCE_S + 1.0


@pytest.mark.parametrize('stopped_at', [0.1, 1018.5, 1026.5, 1032.0, 1034.0, 1038.0])
def test_a_stop_that_passes_within_the_patience_costs_no_other_limit_its_time(places, stopped_at):
    lasted = procedure.PATIENCE_S - 1.0
    begin = max(stopped_at, 1000.6)
    cell = FakeCell(NOMINAL, troubles=[(begin, begin + lasted, 'arm: protective stop')])
    harvest = run(cell, places[:3])
    assert len(harvest.sightings) == 3 * len(poses.PLACES)


def test_a_disc_that_is_never_seen_ends_it_before_the_arm_leaves_home(places, monkeypatch):
    cell = FakeCell(NOMINAL)
    monkeypatch.setattr(cell, '_take_picture', lambda at: cell.pictures.append(Picture(at, at, None)))
    with pytest.raises(CalibrationError, match=r'never seen: ./ur5rl doctor'):
        run(cell, places)
    assert cell.fastest == 0.0


def test_a_clock_that_is_set_ends_it_though_it_is_told_once(places, monkeypatch):
    cell, told = FakeCell(NOMINAL), []

    def over():
        if cell.time > 1005.0 and not told:
            told.append(1)
            return 'the clock was set'

    monkeypatch.setattr(cell, 'over', over)
    with pytest.raises(CalibrationError, match='the clock was set; put it right'):
        run(cell, places)


def test_each_new_trouble_is_said_once(places):
    cell = FakeCell(NOMINAL, troubles=[(1005.0, 1008.0, 'safety mode 5'), (1008.0, 1010.0, 'your word')])
    run(cell, places[:1])
    assert [line for line in cell.said if 'waits' in line] == ['waits: safety mode 5', 'waits: your word']


def test_what_ends_a_run_is_not_waited_for(places, monkeypatch):
    cell = FakeCell(NOMINAL, troubles=[(1005.0, 1e9, 'x')])
    monkeypatch.setattr(cell, 'over', lambda: 'emergency stop' if cell.time > 1005.0 else None)
    with pytest.raises(CalibrationError, match='emergency stop'):
        run(cell, places)
    assert cell.time < 1005.1


def test_a_move_home_that_fails_is_tried_again_and_not_for_ever(places):
    cell = FakeCell(NOMINAL, homes=[(False, 'not connected')] * 2)
    run(cell, places[:1])
    cell = FakeCell(NOMINAL, homes=[(False, 'something is in the way')] * 1000)
    with pytest.raises(CalibrationError, match='not at home after 60 s: something is in the way'):
        run(cell, places[:1])


def test_a_driver_that_dies_on_the_way_home_is_asked_again_when_it_is_back(places, monkeypatch):
    undisturbed, cell = (
        FakeCell(NOMINAL),
        FakeCell(NOMINAL, troubles=[(1000.7, 1003.7, 'joint_states silent')]),
    )
    go_home = cell.go_home
    monkeypatch.setattr(cell, 'go_home', lambda: go_home() if cell.time > 1000.7 else lambda: None)
    run(undisturbed, places[:1])
    run(cell, places[:1])
    assert cell.time < undisturbed.time + 3.0 + 2 * procedure.AGAIN_S


def test_an_arm_that_does_not_follow_ends_it(places, monkeypatch):
    cell = FakeCell(NOMINAL)
    monkeypatch.setattr(cell, '_step', lambda at: cell.recording.add_joints(at, UR5.home, (0.0,) * 6))
    with pytest.raises(CalibrationError, match='a place is not reached within 30 s'):
        run(cell, places)


def test_a_disc_that_is_cut_off_is_no_sighting(places):
    low = NOMINAL._replace(centre=NOMINAL.centre + (0.0, 0.0, -0.35))
    with pytest.raises(CalibrationError, match='seen whole from no place'):
        run(FakeCell(low), places[:1])


def test_what_was_not_measured_is_said(places):
    harvest = run(FakeCell(NOMINAL), places[:1])
    with pytest.raises(ValueError, match='10 measurements do not tell 15|no jump'):
        result.of(harvest, FakeCell(NOMINAL).recording, NOMINAL, SIZE, ACCELERATION, Kinematics(UR5))


def looked(pictures):
    """What is noted of pictures of one place of the disc, over a second."""
    cell = FakeCell(NOMINAL)
    cell.recording.add_joints(cell.time + 0.1, UR5.home, (0.0,) * 6)
    for number, spot in enumerate(pictures):
        cell.recording.pictures.append(Picture(0.0, cell.time + 0.1 * number, spot))
    asked = procedure.Procedure(cell, cell.recording, [], np.random.default_rng(0), 0.7)
    since, cell.time = cell.time, cell.time + 1.0
    asked._note((0.1, 0.2), since)
    return asked.harvest.sightings


def test_a_disc_is_noted_where_it_was_on_the_whole_and_only_if_it_was_whole_all_the_time():
    whole, cut = Spot(50.0, 40.0, 70.0, True), Spot(52.0, 41.0, 30.0, False)
    (found,) = looked([whole, whole._replace(column=51.0), None, whole._replace(column=52.0)])
    assert found == monitor_geometry.Sighting(UR5.home, (0.1, 0.2), 51.0, 40.0)
    assert looked([whole, whole, whole, cut]) == looked([whole, whole]) == looked([None] * 5) == []


def test_joint_states_that_come_out_of_order_are_left_out():
    recording = Recording()
    for stamp in (1.0, 1.008, 1.004, 1.016):
        recording.add_joints(stamp, (stamp,) * 6, (0.0,) * 6)
    times, positions, velocities = recording.joints_between(1.0, 1.016)
    assert times.tolist() == [1.0, 1.008] and positions[:, 2].tolist() == [1.0, 1.008]
    assert velocities.shape == (2, 6) and recording.joints_between(5.0, 6.0)[1].shape == (0, 6)
