"""Everything that can be known before an arm moves: python -m commissioning.doctor [name:=value ...]."""

import math
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from buffer_sampler.config import BufferSamplerConfig
from buffer_sampler.frame_store import INDEX
from buffer_sampler.replay import RECORD
from commissioning import camera_checks, computer, controller_checks, controller_reading, probes, quick
from commissioning.finding import Check, Finding, State, exit_code, run
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.camera import CameraConfig
from ur5_rl_env.devices.monitor_config import MonitorConfig
from ur5_rl_env.devices.x_display import check_display
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.run_parameters import run_parameters, setting_file
from ur5_rl_graph import settings, shipped
from ur5_rl_graph.clock import Clock
from ur5_rl_graph.command import command
from ur5_rl_graph.options import options
from ur5_rl_graph.whole_run import place_name

ROOT = Path(__file__).resolve().parents[3]


def machine_checks(nodes: dict, robot_ip: str) -> list[Check]:
    """Returns the checks of the computer, for the parameters of a run."""
    env, results = os.environ, shipped.results()
    sampler = settings.of_node(nodes, 'buffer_sampler')
    domain, namespace = env.get('ROS_DOMAIN_ID') or '0', '/'
    found = [
        Check('python', lambda: computer.python(sys.version_info)),
        Check('packages', _packages),
        Check(
            'opengl',
            lambda: computer.opengl(
                env.get('MUJOCO_GL', 'egl'), probes.drawing_error(ROOT / 'tools/draw_once.py', env)
            ),
            20.0,
        ),
        Check('gpu', lambda: computer.gpu(probes.has_gpu(), probes.installed(['torch'])['torch'])),
        Check('scheduling', lambda: quick.scheduling(bool(robot_ip))),
        Check('clock', lambda: computer.clock(probes.clock_synchronised(), probes.clock_moved_s(Clock()))),
        Check('disk', lambda: computer.disk(probes.free_disk(results), buffer_bytes(sampler), str(results))),
        Check('memory', lambda: computer.memory(probes.available_memory())),
        Check('shm', lambda: computer.shared_memory(*probes.shared_memory())),
        Check('leftovers', lambda: computer.leftovers(probes.segments(), *probes.used_segments())),
        Check('discovery', lambda: computer.discovery(domain, _discovery_range(), probes.loopback_up())),
        Check('other runs', lambda: computer.other_runs(probes.places(), place_name(int(domain), namespace))),
    ]
    if robot_ip:
        found.append(Check('route', lambda: computer.route(robot_ip, *probes.way_to(robot_ip))))
    else:
        found.append(Check('cell', lambda: computer.cell_ports(probes.free_cell())))
    return found


def device_checks(nodes: dict, robot_ip: str, device: str, display: str) -> list[Check]:
    """Returns the checks of the devices that are named."""
    found = []
    if robot_ip:
        guard, arm = (settings.configuration(nodes, 'arm_driver', kind) for kind in (GuardConfig, ArmConfig))
        found.append(
            Check(
                'controller',
                lambda: _controller(robot_ip, guard, arm),
                15.0,
            )
        )
    if display:
        found.append(Check('display', lambda: _display(display)))
    if device:
        found.append(Check('camera', lambda: look_unless_used(nodes, device, display), 20.0))
    return found


def _controller(robot_ip: str, guard: GuardConfig, arm: ArmConfig) -> list[Finding]:
    reading = controller_reading.read(robot_ip, guard.control_period_s)
    return list(controller_checks.judge(robot_ip, reading, guard, arm))


def look_unless_used(nodes: dict, device: str, display: str) -> list[Finding]:
    """Returns what is found of the camera; of one that a run may be using, and of its monitor, nothing."""
    if runs := probes.places():
        text = f'not looked at, nor the target shown: there is a {runs[0]}, whose they may be'
        return [Finding(State.ASK, 'camera', text, 'end it first')]
    return look_through(nodes, device, display)


def look_through(nodes: dict, device: str, display: str) -> list[Finding]:
    """Returns what is found of the camera while the monitor shows the target in the middle."""
    from ur5_rl_env.devices.video_device import open_device  # OpenCV's: 0.2 s that other checks need not wait

    config = settings.configuration(nodes, 'camera', CameraConfig, device=device)
    try:
        show, close = _shown(nodes, display)
    except OSError:  # the check of the display says why
        display, (show, close) = '', _shown(nodes, '')
    try:
        sight = camera_checks.watch(config, lambda: open_device(config), show)
    finally:
        close()
    return list(camera_checks.judge(config, sight, bool(display)))


def buffer_bytes(sampler: dict) -> float:
    """Returns what a full replay buffer takes [byte], for the parameters of buffer_sampler."""
    config = settings.configuration({'/**': sampler}, 'buffer_sampler', BufferSamplerConfig, run_folder='-')
    frame = math.prod(config.observation_shape) + INDEX.itemsize
    return config.capacity * (config.frames_per_transition * frame + RECORD.itemsize)


def parameters(setting: str, robot_model: str = '') -> dict:
    """Returns the parameters of a run with a setting and an arm ('' = the setting's).

    Raises:
        ValueError, OSError: there is no such setting or arm, or what they say does not fit.
    """
    return run_parameters('async_sac_2', setting_file(setting), 'reaching', ('arm_driver',), robot_model)


def _packages() -> Finding:
    pinned = probes.pinned([ROOT / 'tools/requirements.txt'])
    return computer.packages(pinned, probes.installed(pinned))


def _discovery_range() -> str:
    return os.environ.get('ROS_AUTOMATIC_DISCOVERY_RANGE') or 'LOCALHOST'  # as every launch sets it


def _display(name: str) -> Finding:
    check_display(name)
    return Finding(State.OK, 'display', f'{name} is offered')


def _shown(nodes: dict, display: str) -> tuple[Callable[[], None], Callable[[], None]]:
    """Returns what paints the target, and what takes it away; without a display neither does a thing."""
    if not display:
        return (lambda: None), (lambda: None)
    from ur5_rl_env.devices.monitor_window import MonitorWindow

    config = settings.configuration(nodes, 'target_monitor', MonitorConfig)
    window = MonitorWindow(display, config, config.display_place)
    return (lambda: window.show(0.0, 0.0)), window.close


def arguments(argv: Sequence[str]) -> dict[str, str]:
    """Returns what the words of the command give; ValueError for one that it does not know."""
    return options(argv, robot_ip='', robot_model='', camera='', display='', setting='small')


@command
def main(argv: Sequence[str]) -> int:
    """Runs all checks; returns the exit code: 0, 1 where there is a fault, 2 for arguments that are none."""
    given = arguments(argv)
    nodes = parameters(given['setting'], given['robot_model'])
    display = '' if given['display'] == 'none' else given['display']
    checks = machine_checks(nodes, given['robot_ip'])
    checks += device_checks(nodes, given['robot_ip'], given['camera'], display)
    found = []
    for finding in run(checks):
        found.append(finding)
        print(finding, flush=True)
    counts = ', '.join(f'{sum(f.state is state for f in found)} {state.value}' for state in State)
    print(f'{counts}; nothing was moved, nothing was written to a controller', flush=True)
    return exit_code(found)


if __name__ == '__main__':
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)  # what a check left behind, such as a camera that hangs, is not waited for
