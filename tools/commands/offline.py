"""./ur5rl offline"""

from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'learn from bags, without a robot: ./ur5rl offline BAG ... updates:=N [name:=value ...]'


def help_text() -> str:
    """The text of ./ur5rl offline --help."""
    return (
        'usage: ./ur5rl offline BAG|RUN ... updates:=N|duration:=S [name:=value ...]\n\n'
        'Fills a replay buffer with the transitions of the bags and trains the learner of a run on it, as\n'
        'fast as this machine is. Leaves a folder with checkpoints/learner.safetensors, which evaluate\n'
        'takes as checkpoint:= and a run as init:=. Ctrl-C ends it in good order (docs/bags.md).\n\n'
        '  updates:=N          how many, or\n'
        '  duration:=S         how long [s]; with both, whatever comes first\n'
        '  setting:=small      name in config/settings or a YAML file; that of the bags, or one as large\n'
        '  task:=reaching      reaching or tracking\n'
        '  seed:=0             of weights, noise, draws and crops\n'
        '  init:=FILE          checkpoint to start from; none = untrained\n'
        '  output:=FOLDER      none = results/<time>_offline_...'
    )


def run(argv: list[str]) -> None:
    """Becomes the program that learns."""
    if not argv:
        raise Stop('offline needs a bag, or the folder of a run that holds one: ./ur5rl offline BAG', 2)
    become_python('offline_learning', argv, ready())
