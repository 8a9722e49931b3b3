"""./ur5rl video"""

from tools.python_program import python_program

SUMMARY = 'make a film of episodes: ./ur5rl video RUN|CHECKPOINT|BAG [name:=value ...]'
help_text, run = python_program(
    'ur5_rl_video',
    (
        'usage: ./ur5rl video RUN|CHECKPOINT|BAG [name:=value ...]\n\n'
        'Writes an MP4 and a small animated picture (WebP): the room, the wrist camera, what the network\n'
        'sees and the reward over time, as fast as it was. Of a run its last checkpoint acts without noise\n'
        'in virtual time; where it has none, or where its bag/ is named, what was recorded is shown.\n\n'
        '  episodes:=3         how many; of a bag the last ones that were finished\n'
        "  task:=NAME          reaching, tracking, or both with a comma; none = the run's, or reaching\n"
        '  setting:=NAME       name in config/settings or a YAML file; none = that of the run, or small\n'
        '  seed:=12345         of the targets in virtual time\n'
        '  checkpoint:=FILE    for a bag: the policy whose positions are drawn\n'
        '  namespace:=NAME     for a bag of several robots: that of one of them\n'
        '  output:=NAME        the files are NAME.mp4 and NAME.webp; none = in the folder of a run,\n'
        '                      else video_ and the name of what is shown, in the present folder\n\n'
        'The same input gives the same frames.'
    ),
    'video needs a run, a checkpoint or a bag: ./ur5rl video RUN|CHECKPOINT|BAG',
)
