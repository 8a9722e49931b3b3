"""./ur5rl doctor"""

from tools.python_program import python_program

SUMMARY = 'look at machine and devices before an arm moves: ./ur5rl doctor [name:=value ...]'
help_text, run = python_program(
    'commissioning.doctor',
    (
        'usage: ./ur5rl doctor [name:=value ...]\n\n'
        'One line for everything that can be known before an arm moves: ok, warning, fault, or ask, where\n'
        'only a person can tell, with what to change. It moves nothing and writes nothing to a controller;\n'
        'each check has a time limit.\n\n'
        '  robot_ip:=192.168.1.10   the controller: reachable, model, registers, mode, slider, payload,\n'
        '                           and the safety limits that the pendant must show\n'
        '  robot_model:=ur5e        the arm, where it is not a UR5 (nor as the setting says)\n'
        '  camera:=0                the camera: format, rate, latency, light, target in the picture\n'
        '  display:=:0              shows the target there while the camera looks\n'
        '  setting:=small           whose sizes and bounds count; as of launch\n\n'
        'exit code 0: no fault; 1: a fault; 2: arguments that are none'
    ),
)
