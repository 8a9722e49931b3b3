"""The simulated controller, which also keeps when it was written to: FILE, then its arguments."""

import sys

import numpy as np

from ur5_cell import controller
from ur5_cell.control_program import SPEED_J
from ur5_cell.robot import Robot

COMMAND = 'input_int_register_0'  # which the watchdog looks at


def record(written: list) -> None:
    """Has the robots of this process note the control step of each write, and whether it is a speedj."""
    write = Robot.write_inputs

    def noted(robot: Robot, fields: dict) -> None:
        if COMMAND in fields:
            written.append((robot.steps, fields[COMMAND] == SPEED_J))
        write(robot, fields)

    Robot.write_inputs = noted


if __name__ == '__main__':
    notes = []
    record(notes)
    code = controller.main(sys.argv[2:])
    np.save(sys.argv[1], np.array(notes, np.int64).reshape(-1, 2))
    sys.exit(code)
