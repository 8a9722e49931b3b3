"""A driver that is going to be killed: `python arm_scenarios.py JSON` keeps an arm moving until it is ended.

A program of its own, for test_arm_servo.py; prints the process id of its servo once the arm moves.
JSON: the settings of ArmSession.
"""

import json
import sys
import time

from ur5_rl_env.devices.arm_packets import StatePacket
from ur5_rl_env.devices.arm_session import ArmSession

VELOCITY = (0.0, 0.1, 0.0, 0.0, 0.0, 0.0)


def main(settings):
    moving = []

    def heard(packet):
        if isinstance(packet, StatePacket) and packet.qd[1] > 0.099 and not moving:
            moving.append(True)
            print(session._process.pid, flush=True)

    session = ArmSession(settings, heard, lambda code: None)
    while True:
        session.velocity(time.time_ns(), VELOCITY)
        time.sleep(0.04)


if __name__ == '__main__':
    main(json.loads(sys.argv[1]))
