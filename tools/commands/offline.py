"""./ur5rl offline"""

from tools.python_program import python_program

SUMMARY = 'learn from bags, without a robot: ./ur5rl offline BAG ... updates:=N [name:=value ...]'
help_text, run = python_program(
    'offline_learning',
    (
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
        '  init_from_other_setting:=false   true = also where what it was learned with differs\n'
        '  output:=FOLDER      none = results/<time>_offline_...'
    ),
    'offline needs a bag, or the folder of a run that holds one: ./ur5rl offline BAG',
)
