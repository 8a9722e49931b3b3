"""A saved policy without exploration noise, for some episodes; nobody learns."""

from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetLaunchConfiguration
from launch.substitutions import LaunchConfiguration

from ur5_rl_graph import run_files, shipped
from ur5_rl_graph.launch_arguments import check_numbers, existing_file
from ur5_rl_graph.launching import run, run_node


def generate_launch_description():
    """Returns the graph with an actor alone; targets and noise of devices are those of the seed."""
    return run(
        __file__,
        DeclareLaunchArgument(
            'checkpoint',
            default_value='',
            description=f"a run's {run_files.CHECKPOINT}; none = the one shipped for setting small",
        ),
        DeclareLaunchArgument(
            'setting', default_value='small', description='the setting that the checkpoint was trained in'
        ),
        DeclareLaunchArgument('episodes', default_value='10', description='episodes until it ends'),
        DeclareLaunchArgument('duration', default_value='0.0', description='time limit [s]; 0 = none'),
        checks=(OpaqueFunction(function=find_checkpoint),),
        agent=(run_node('sac_learner', 'actor', {'checkpoint': LaunchConfiguration('checkpoint_file')}),),
    )


def find_checkpoint(context):
    """Sets the checkpoint that was chosen, or the task's own."""
    chosen = context.launch_configurations
    check_numbers(chosen)
    if not any(float(chosen[name]) for name in ('episodes', 'duration')):
        raise RuntimeError('episodes is 0 and duration is 0: an evaluation without end; give one of them')
    own = shipped.folder() / 'checkpoints' / f'{chosen["task"]}_small.safetensors'
    hint = f"give checkpoint:=PATH, such as a run's {run_files.CHECKPOINT}"
    path = existing_file('checkpoint', chosen['checkpoint'] or str(own), hint)
    return [SetLaunchConfiguration('checkpoint_file', str(path))]
