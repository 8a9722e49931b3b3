"""./ur5rl profile"""

from tools.handover import become_python
from tools.preparation import ready

SUMMARY = 'measure what each component costs here, and which architecture fits: ./ur5rl profile [setting ...]'


def help_text() -> str:
    """The text of ./ur5rl profile --help."""
    return (
        'usage: ./ur5rl profile [setting ...] [key:=value ...]\n\n'
        'Measures action computation, replay sampling, gradient update and environment computation (thesis\n'
        'table 5.2), the smallest action cycle that Seq-SAC can hold with them, and the update rates of the\n'
        'three architectures. Writes a cost table for runs in virtual time.\n\n'
        '  setting                       names in config/settings or YAML files; none = small;\n'
        '                                or folders of runs: what they cost there, by their spans\n'
        '  output:=results/costs.yaml    the cost table\n'
        '  seconds:=5                    least time of measuring gradient updates, for each setting\n'
        '  device:=auto                  auto, cpu or cuda, for gradient updates\n'
        '  threads:=1                    of torch on the CPU\n\n'
        'The machine should do nothing else meanwhile.'
    )


def run(argv: list[str]) -> None:
    """Becomes the program that measures."""
    become_python('cost_profile', argv, ready())
