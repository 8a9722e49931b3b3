"""./ur5rl export"""

from tools.python_program import python_program

SUMMARY = "write a bag's episodes for other programs: ./ur5rl export BAG|RUN format:=lerobot output:=DIR"
help_text, run = python_program(
    'ur5_rl_bags.export',
    (
        'usage: ./ur5rl export BAG|RUN format:=lerobot|hdf5|npz output:=FOLDER\n\n'
        'Writes the transitions of a bag, or of a run that has one, as episodes (docs/bags.md):\n'
        '  format:=lerobot   a data set of LeRobot, version 3.0: Parquet files with PNG images\n'
        '  format:=hdf5      a data set of Minari: one HDF5 file and its metadata\n'
        '  format:=npz       a file of numpy for each episode\n\n'
        '  output:=FOLDER    that is not there yet; it is there when all is in it\n'
        '  namespace:=NAME   whose transitions, where a bag tells of several robots\n'
        "  task:=TEXT        the task in words; none = the bag's own task\n"
        '  action_cycle:=S   [s], where the bag does not say it\n\n'
        'exit code 0: done; 2: a bag or folder that cannot be used, in one line'
    ),
    'export needs a bag, or the folder of a run that holds one (./ur5rl export --help)',
)
