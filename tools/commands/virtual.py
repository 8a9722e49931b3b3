"""./ur5rl virtual"""

from tools.python_program import python_program

SUMMARY = 'run or evaluate in virtual time: ./ur5rl virtual seq_sac [name:=value ...]'
help_text, run = python_program(
    'virtual_time',
    (
        'usage: ./ur5rl virtual seq_sac|async_sac_1|async_sac_2 [name:=value ...]\n'
        '       ./ur5rl virtual evaluate checkpoint:=FILE [name:=value ...]\n\n'
        'The components of the graph under a discrete-event clock, without ROS and robot: what each costs\n'
        'is what a table says, so that runs of any hardware take as long as this one computes, and a seed\n'
        'gives the same run bit for bit. Leaves a run folder as the graph does.\n\n'
        '  task:=reaching      reaching or tracking\n'
        '  setting:=small      name in config/settings or a YAML file\n'
        '  costs:=NAME         a table in config/costs, or what ./ur5rl profile has written; none = thesis\n'
        '                      (table 5.2), or two_cores for a setting that the thesis does not have\n'
        '  duration:=900       after the random steps [s]\n'
        '  seed:=0             of everything\n'
        '  init:=FILE          checkpoint to start from; none = untrained\n'
        '  init_from_other_setting:=false   true = also where what it was learned with differs\n'
        '  replay:=BAG,BAG     bags whose experience it begins with; none = nothing\n'
        '  output:=FOLDER      run folder; none = results/<time>_virtual_...\n\n'
        'evaluate lets a policy act without noise for episodes:=10 on the targets of seed:=12345, and\n'
        'prints each return, their mean and standard deviation; output:=FILE keeps them as JSON.'
    ),
)
