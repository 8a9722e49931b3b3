"""Gaps between the servo's writes beside a program that uses one core: duration:=1200 robot_model:=ur5."""

import dataclasses
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from _options import options_in_range, refusals

from ur5_cell.controller_process import ControllerProcess, child_environment
from ur5_cell.loopback import loopback_address
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_packets import Request, StatePacket
from ur5_rl_env.devices.arm_session import ArmSession
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.robot_models import UR5
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph.priority import wake_in_time

EPISODE_S, CYCLE_S, REST_S = 4.0, 0.04, 0.3
PATIENT_S = 0.2  # the servo's watchdog here, so that long gaps are seen to their end
BUSY = 'from ur5_cell.die_with_parent import die_with_parent; die_with_parent()\nwhile True: pass'
RECORDED = str(Path(__file__).with_name('_recorded_controller.py'))


class Recorded(ControllerProcess):
    """A simulated controller that leaves a file of its writes behind."""

    def __init__(self, host: str, model: str, file: Path):
        """Starts it."""
        self.program = (RECORDED, str(file))
        super().__init__(host, arguments=('--robot-model', model))


def drive(session: ArmSession, rng: np.random.Generator) -> None:
    """An episode of wandering commands, and the way home."""
    velocity, end = rng.uniform(-0.7, 0.7, 6), time.monotonic() + EPISODE_S
    while time.monotonic() < end:
        velocity = np.clip(velocity + rng.normal(0.0, 0.2, 6), -0.7, 0.7)
        session.velocity(time.time_ns(), velocity)
        time.sleep(CYCLE_S)
    answered = threading.Event()
    session.request(Request.HOME, lambda *_: answered.set())
    answered.wait(60.0)
    time.sleep(REST_S)


def silences(file: Path) -> np.ndarray:
    """Returns the control steps without a write after each speedj that was followed by another one."""
    steps, speedj = np.load(file).T
    return (np.diff(steps) - 1)[(speedj[:-1] == 1) & (speedj[1:] == 1)]


def configs_of(model: str, host: str) -> dict[str, ArmConfig | GuardConfig | WatchdogConfig]:
    """Returns what the servo of an arm is told."""
    return {
        'arm': ArmConfig(robot_ip=host, robot_model=model),
        'guard': GuardConfig(robot_model=model, servo_watchdog_s=PATIENT_S),
        'watchdog': WatchdogConfig(),
    }


def measure(duration: float, host: str, model: str) -> np.ndarray:
    """Returns `silences` of so many seconds of episodes."""
    folder = Path(tempfile.mkdtemp(prefix='ur5rl_servo_'))
    configs = configs_of(model, host)
    heard = threading.Event()
    rng = np.random.default_rng(0)
    with subprocess.Popen([sys.executable, '-c', BUSY], env=child_environment()) as busy:
        try:
            wake_in_time()  # not the program beside it
            with Recorded(host, model, folder / 'writes.npy'):
                session = ArmSession(
                    {name: dataclasses.asdict(config) for name, config in configs.items()},
                    lambda packet: heard.set() if isinstance(packet, StatePacket) else None,
                    lambda code: print(f'servo ended with {code}; another one goes on', flush=True),
                )
                heard.wait(30.0)
                end = time.monotonic() + duration
                while time.monotonic() < end:
                    drive(session, rng)
                session.close()
        finally:
            busy.kill()
    return silences(folder / 'writes.npy')


def main(argv: Sequence[str]) -> int:
    """Prints the distribution and the trips, and, as the last line, the figures as JSON."""
    with refusals():
        chosen = options_in_range(argv, duration=1200.0, address='127.0.0.9', robot_model=UR5.name)
        guard = GuardConfig(robot_model=chosen['robot_model'])
        host = loopback_address(chosen['address'], 'address')
    silent = measure(chosen['duration'], host, chosen['robot_model'])
    out, figures = lines(silent, guard.control_period_s, guard.servo_watchdog_s)
    print('\n'.join(out))
    print(json.dumps(figures))
    return 0


def lines(silent: np.ndarray, step_s: float, watchdog_s: float) -> tuple[list[str], dict[str, float]]:
    """Returns a table and the figures of `silences` in control steps [s], with a watchdog of a time [s]."""
    seconds = len(silent) * step_s
    steps = round(watchdog_s / step_s)
    out = [f'{len(silent)} writes of speed motions, {seconds:.0f} s; control steps of {1e3 * step_s:.0f} ms']
    out[0] += ' without a write:'
    for most in dict.fromkeys([*range(min(12, steps)), steps // 2, steps, 2 * steps]):
        out.append(f'  more than {most:2}  {int((silent > most).sum()):6}')
    trips = int((silent > steps).sum())
    out.append(f'longest {silent.max()}; the watchdog of {steps} steps would have tripped {trips} times')
    figures = {
        'writes': len(silent),
        'longest_steps': int(silent.max()),
        'trips_per_hour': round(3600 * trips / seconds, 2),
    }
    return out, figures


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
