"""What people see of a run: nodes that listen, and that a run can do without."""

from ament_index_python import get_resources
from launch import LaunchDescription
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration

from ur5_rl_graph import declared
from ur5_rl_graph.launching import run_node

OF_RUN = ('architecture', 'robot_ip')
"""What of a run the diagnostics take."""


def generate_launch_description():
    """Returns the nodes; takes what begin.launch.py has set."""
    return LaunchDescription([OpaqueFunction(function=nodes)])


def nodes(context):
    """Returns what publishes the robot's description and frames, and the nodes that were asked for."""
    chosen = context.launch_configurations
    asked = declared.asked_for(chosen['view'], chosen['monitor'])
    given = {
        'network_view': {'checkpoint': chosen.get('checkpoint_file') or chosen['own_checkpoint']},
        'diagnostics': {name: LaunchConfiguration(name) for name in OF_RUN},
    }
    clock = {'use_sim_time': True} if chosen.get('use_sim_time') == 'true' else {}
    views = (run_node('ur5_rl_monitor', name, given.get(name, {}), clock) for name in asked)
    return [state_publisher(clock), *views]


def state_publisher(clock):
    """Returns ROS' own robot_state_publisher where it is installed, ours where it is not."""
    name = 'robot_state_publisher'
    if name in get_resources('packages'):
        # Its topics of tf have absolute names; ours are the run's own, as all others.
        return run_node(name, name, clock, remappings=[('/tf', 'tf'), ('/tf_static', 'tf_static')])
    return run_node('ur5_rl_monitor', name, clock)
