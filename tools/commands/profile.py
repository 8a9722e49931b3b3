"""./ur5rl profile"""

from tools.python_program import python_program

SUMMARY = 'measure what each component costs here, and which architecture fits: ./ur5rl profile [setting ...]'
help_text, run = python_program(
    'cost_profile',
    (
        'usage: ./ur5rl profile [setting ...] [key:=value ...]\n\n'
        'Measures action computation, replay sampling, gradient update and environment computation (thesis\n'
        'table 5.2), and predicts whether the three architectures hold the action cycle, and their update\n'
        'rates. Writes a cost table for runs in virtual time, and a picture beside it.\n\n'
        '  setting                       names in config/settings or YAML files; none = small;\n'
        '                                or folders of runs: what they cost there, by their spans\n'
        '  output:=results/costs.yaml    the cost table\n'
        '  seconds:=5                    least time of measuring gradient updates, for each setting\n'
        '  device:=auto                  auto, cpu or cuda, for gradient updates\n'
        "  threads:=0                    of torch in gradient updates; 0 = those of the setting's learner\n\n"
        'The machine should do nothing else meanwhile.'
    ),
)
