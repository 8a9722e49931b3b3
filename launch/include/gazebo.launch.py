"""Gazebo behind the simulated cell: server, window and bridge, where `simulator:=gazebo` asks for them."""

from pathlib import Path

from launch import LaunchDescription
from launch.actions import ExecuteProcess, OpaqueFunction, SetEnvironmentVariable
from launch.substitutions import LaunchConfiguration

from ur5_rl_gazebo.world import FILE_NAME
from ur5_rl_graph import shipped
from ur5_rl_graph.launching import run_node

ENDS_WITH_LAUNCH = 'setpriv --pdeathsig KILL'
"""What is not ours does not see the end of a launch that was killed: the kernel ends it then."""


def generate_launch_description():
    """Returns the processes; takes what devices.launch.py and begin.launch.py have set."""
    return LaunchDescription([OpaqueFunction(function=processes)])


def processes(context):
    """Returns nothing for MuJoCo, which draws inside robot_cell."""
    chosen = context.launch_configurations
    if chosen['robot_ip'] or chosen['simulator'] != 'gazebo':
        return []
    bridge = {'config_file': str(shipped.folder() / 'config/gazebo/bridge.yaml')}
    world = str(Path(chosen['run_folder']) / FILE_NAME)
    return [
        # Each run has a Gazebo of its own, which nobody hears outside this host.
        SetEnvironmentVariable('GZ_PARTITION', LaunchConfiguration('run_identity')),
        SetEnvironmentVariable('GZ_IP', '127.0.0.1'),
        gz_sim('gazebo', '-s', '-r', '--headless-rendering', world),
        *([gz_sim('gazebo_window', '-g')] if chosen['gazebo_window'] == 'true' else []),
        run_node(
            'ros_gz_bridge',
            'parameter_bridge',
            bridge,
            prefix=ENDS_WITH_LAUNCH,
            exec_name='parameter_bridge',  # the real launch would call it as the prefix
        ),
    ]


def gz_sim(label, *words):
    """Returns a process of Gazebo Harmonic; a server that ends is started again, a closed window is not."""
    server = '-s' in words
    command = ['gz', 'sim', *words, '--force-version', '8']
    return ExecuteProcess(
        cmd=command,
        prefix=ENDS_WITH_LAUNCH,
        name=label,
        output='screen',
        respawn=server,
        respawn_delay=1.0,
    )
