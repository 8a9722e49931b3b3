"""Gaps between the servo's writes beside a program that uses one core (duration:=1200)."""

import dataclasses
import json
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from _options import options

from ur5_cell.controller_process import ControllerProcess, child_environment
from ur5_rl_env.devices.arm_config import ArmConfig
from ur5_rl_env.devices.arm_packets import Request, StatePacket
from ur5_rl_env.devices.arm_session import ArmSession
from ur5_rl_env.guard import GuardConfig
from ur5_rl_env.watchdog import WatchdogConfig
from ur5_rl_graph.priority import wake_in_time

EPISODE_S, CYCLE_S, REST_S = 4.0, 0.04, 0.3
PATIENT_S = 0.2  # the servo's watchdog here, so that long gaps are seen to their end
STEP_S = GuardConfig().control_period_s
BUSY = 'from ur5_cell.die_with_parent import die_with_parent; die_with_parent()\nwhile True: pass'
RECORDED = str(Path(__file__).with_name('_recorded_controller.py'))


class Recorded(ControllerProcess):
    """A simulated controller that leaves a file of its writes behind."""

    def __init__(self, host: str, file: Path):
        """Starts it."""
        self.program = (RECORDED, str(file))
        super().__init__(host)


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


def measure(duration: float, host: str) -> np.ndarray:
    """Returns `silences` of so many seconds of episodes."""
    folder = Path(tempfile.mkdtemp(prefix='ur5rl_servo_'))
    configs = {
        'arm': ArmConfig(robot_ip=host),
        'guard': GuardConfig(servo_watchdog_s=PATIENT_S),
        'watchdog': WatchdogConfig(),
    }
    heard = threading.Event()
    rng = np.random.default_rng(0)
    with subprocess.Popen([sys.executable, '-c', BUSY], env=child_environment()) as busy:
        try:
            wake_in_time()  # not the program beside it
            with Recorded(host, folder / 'writes.npy'):
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


def main() -> None:
    """Prints the distribution and the trips, and, as the last line, the figures as JSON."""
    chosen = options(sys.argv[1:], duration=1200.0, address='127.0.0.9')
    silent = measure(chosen['duration'], chosen['address'])
    hours = len(silent) * STEP_S / 3600.0
    steps = round(GuardConfig().servo_watchdog_s / STEP_S)
    print(f'{len(silent)} writes of speed motions, {3600 * hours:.0f} s; control steps without a write:')
    for most in range(12):
        print(f'  more than {most:2}  {int((silent > most).sum()):6}')
    trips = int((silent > steps).sum())
    print(f'longest {silent.max()}; the watchdog of {steps} steps would have tripped {trips} times')
    figures = {
        'writes': len(silent),
        'longest_steps': int(silent.max()),
        'trips_per_hour': round(trips / hours, 2),
    }
    print(json.dumps(figures))


if __name__ == '__main__':
    main()
