"""Pictures by which a person sees whether to trust a calibration."""

from pathlib import Path
from typing import Any

import numpy as np

from commissioning.calibration.procedure import JOGGED, Harvest, jumps_seen
from commissioning.calibration.result import Result, jogged
from commissioning.calibration.sensed import Recording
from ur5_rl_env.kinematics import Kinematics
from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure

DPI = 110


def draw_delays(path: Path, harvest: Harvest, recording: Recording, result: Result) -> None:
    """Draws what the three delays were read from."""
    plt = pyplot()
    figure, (jumps, motion, response) = plt.subplots(3, 1, figsize=(9, 10), layout='constrained')
    _jumps(jumps, harvest, recording, result)
    _motion(motion, harvest, recording, result)
    _response(response, harvest, recording, result)
    save_figure(figure, path, DPI)


def draw_screen(path: Path, result: Result, size: tuple[int, int], arm: Kinematics) -> None:
    """Draws places of camera and screen from above and from the side, and what is left unexplained."""
    plt = pyplot()
    figure, (above, beside, left) = plt.subplots(1, 3, figsize=(13, 4.6), layout='constrained')
    found = result.screen.geometry
    places = np.array([arm.base_link_from_tool0(sighting.q)[:3, 3] for sighting in result.screen.used])
    ends = np.array([[-0.5, 0.5], [0.0, 0.0]])
    for axes, other, name, extent in ((above, 0, 'x', found.width), (beside, 2, 'z', found.height)):
        axes.plot(places[:, 1], places[:, other], '.', label='the flange, looking')
        axes.plot(
            2 * [found.centre[1]], found.centre[other] + ends[0] * extent, 'k', lw=4, label='the screen'
        )
        axes.set(xlabel='y [m]', ylabel=f'{name} [m]', title='from above' if name == 'x' else 'from the side')
        axes.set_aspect('equal')
        axes.legend(loc='upper center')
    seen = np.array([(sighting.column, sighting.row) for sighting in result.screen.used])
    arrows = left.quiver(
        *seen.T, *result.screen.residuals.T, angles='xy', scale=0.02, scale_units='xy', width=0.003
    )
    left.quiverkey(arrows, 0.7, 0.06, 0.2, '0.2 pixels', labelpos='E')
    left.set(xlim=(0, size[1]), ylim=(size[0], 0), xlabel='column [pixel]', ylabel='row [pixel]')
    left.set_title('discs in the pictures, and how far off')
    left.set_aspect('equal')
    save_figure(figure, path, DPI)


def _jumps(axes: Any, harvest: Harvest, recording: Recording, result: Result) -> None:
    found = jumps_seen(harvest.shown, recording.pictures, lambda picture: picture.arrival)
    for number, jump in enumerate(found):
        axes.plot(
            [1e3 * (jump.before - jump.shown), 1e3 * (jump.after - jump.shown)], 2 * [number], 'C0', lw=2
        )
    total = 1e3 * (result.monitor.seconds + result.camera.seconds)
    axes.axvline(total, color='C3', label=f'monitor and camera: {total:.1f} ms')
    axes.set(
        xlabel='after the word [ms]', ylabel='jump', title='the target has jumped within each of these times'
    )
    axes.legend()


def _motion(axes: Any, harvest: Harvest, recording: Recording, result: Result) -> None:
    times, seen, joint_times, angles = jogged(harvest, recording, 'arrival')
    axes.plot(times - times[0], seen[:, 0], 'C0.', label='disc in the pictures, as they arrive')
    for shift, style, label in (
        (0.0, 'C7--', 'by the joint'),
        (result.camera.seconds, 'C3-', f'by the joint, {1e3 * result.camera.seconds:.1f} ms later'),
    ):
        angle = np.interp(times - shift, joint_times, angles)
        terms = np.column_stack([np.ones_like(angle), angle, angle**2])
        axes.plot(
            times - times[0], terms @ np.linalg.lstsq(terms, seen[:, 0], rcond=None)[0], style, label=label
        )
    axes.set(
        xlabel='time [s]',
        ylabel='column [pixel]',
        xlim=(0, 3.5),
        title='the disc while a joint goes to and fro',
    )
    axes.legend(loc='lower right')


def _response(axes: Any, harvest: Harvest, recording: Recording, result: Result) -> None:
    times, _, velocities = recording.joints_between(*harvest.jog)
    sent_times, sent = np.array(recording.sent).T
    axes.plot(sent_times - times[0], sent, 'C7', drawstyle='steps-post', label='asked for')
    axes.plot(times - times[0], velocities[:, JOGGED], 'C0', label='done')
    label = f'the arm begins {1e3 * result.arm.seconds:.1f} ms after the word'
    axes.set(xlabel='time [s]', ylabel='velocity [rad/s]', xlim=(0, 3.5), title=label)
    axes.legend(loc='lower right')
