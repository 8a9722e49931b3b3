"""./ur5rl replay"""

from tools.python_program import python_program

SUMMARY = 'have the environment live a recorded run again and compare, bit for bit: ./ur5rl replay BAG|RUN'
help_text, run = python_program(
    'ur5_rl_bags.exact_replay',
    (
        'usage: ./ur5rl replay BAG|RUN\n'
        '       ./ur5rl replay BAG|RUN name:=value ... output:=FOLDER\n\n'
        'Drives the logic of the environment by the journal, images and joint states of a bag, and compares\n'
        'observations, timing, commands, episodes and transitions with what was recorded (docs/bags.md).\n\n'
        'With another reward:=released, size or rule of pairing: writes the bag of transitions and episodes\n'
        'that it would have made; a wrong name lists all that can be changed.\n'
        '  output:=FOLDER   that is not there yet\n\n'
        'exit code 0: no difference; 1: differences, listed with time and cause; 2: a bag that cannot be used'
    ),
    'replay needs a bag, or the folder of a run that holds one: ./ur5rl replay BAG',
)
