"""./ur5rl cell"""

from tools.python_program import python_program

SUMMARY = 'a simulated UR5 controller to connect to, without ROS: ./ur5rl cell [address:=127.0.0.1]'
help_text, run = python_program(
    'ur5_cell',
    (
        'usage: ./ur5rl cell [name:=value ...]\n\n'
        'A UR5 with its controller on loopback, until Ctrl-C: RTDE (30004), script port (30003),\n'
        'dashboard (29999), and faults on demand (30099). The unmodified ur_rtde client and drivers of your\n'
        'own connect to it as to a robot; src/ur5_cell/README.md says what of one is there.\n\n'
        '  address:=127.0.0.1    any of 127.0.0.0/8, another for each further arm\n'
        '  robot_model:=ur5      or ur5e, with its lengths and home; it steps and speaks at 500 Hz\n'
        '  start_joints:=home    or A,B,C,D,E,F: where it stands at power-up [rad]\n'
        '  program_after_protective_stop:=ended\n'
        '                        or paused, until play on the dashboard\n'
        '  watchdog_action:=stop what a missed watchdog does: stop the program, or protective_stop\n\n'
        'exit code 0: ended by Ctrl-C; 2: a value that is none, or a busy port, in one line'
    ),
)
