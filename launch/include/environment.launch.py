"""Arm, camera, monitor and environment: the same nodes for a real UR5 and for the simulated cell."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PythonExpression
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue

SIMULATED_ROBOT = '127.0.0.1'


def generate_launch_description():
    """Returns the environment's nodes; `parameter_files` are set by the file that includes this one."""
    robot_ip, camera = LaunchConfiguration('robot_ip'), LaunchConfiguration('camera')
    common = {
        'seed': ParameterValue(LaunchConfiguration('seed'), value_type=int),
        'run_folder': LaunchConfiguration('run_folder'),
    }
    files = [LaunchConfiguration('setting_file'), LaunchConfiguration('task_file')]

    def node(executable, *parameters, condition=None):
        return Node(
            package='ur5_rl_env',
            executable=executable,
            name=executable,
            parameters=[*files, common, *parameters],
            output='screen',
            respawn=True,
            respawn_delay=1.0,
            condition=condition,
        )

    simulated = PythonExpression(["'", robot_ip, "' == '' and '", camera, "' == ''"])
    real_camera = PythonExpression(["'", camera, "' != ''"])
    driver_ip = PythonExpression(["'", robot_ip, f"' or '{SIMULATED_ROBOT}'"])
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'robot_ip',
                default_value='',
                description='address of the UR5; none = a simulated one on this machine',
            ),
            DeclareLaunchArgument(
                'camera',
                default_value='',
                description='camera device, such as 0 or /dev/video0; none = the simulated one',
            ),
            DeclareLaunchArgument(
                'display',
                default_value='',
                description='X display that shows the target full screen, such as :0; none = not shown',
            ),
            node('robot_cell', condition=IfCondition(simulated)),
            node('camera', {'device': camera}, condition=IfCondition(real_camera)),
            node('target_monitor', {'display': LaunchConfiguration('display')}),
            node('arm_driver', {'robot_ip': driver_ip}),
            node('environment'),
        ]
    )
