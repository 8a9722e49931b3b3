"""The states of a UR controller by their numbers, as RTDE tells them."""

PLAYING = 2  # runtime_state of a running program
RUNNING = 7  # robot_mode with the brakes released
ROBOT_MODES = {
    -1: 'NO_CONTROLLER', 0: 'DISCONNECTED', 1: 'CONFIRM_SAFETY', 2: 'BOOTING', 3: 'POWER_OFF', 4: 'POWER_ON',
    5: 'IDLE', 6: 'BACKDRIVE', 7: 'RUNNING',
}  # fmt: skip
NORMAL, REDUCED, PROTECTIVE_STOP = 1, 2, 3  # safety_mode
SAFETY_NORMAL = NORMAL, REDUCED  # in which an arm may move
