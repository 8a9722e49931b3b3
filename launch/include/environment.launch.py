"""Arm, camera, monitor and environment: the same nodes for a real UR5 and for the simulated cell."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration
from launch_ros.parameter_descriptions import ParameterValue

from ur5_rl_env.cell.listening import take_address
from ur5_rl_graph.launching import run_node


def generate_launch_description():
    """Returns arguments and nodes; takes seed, run_folder and parameter_file."""
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
                description='camera device, such as 0 or /dev/video0; none = simulated',
            ),
            DeclareLaunchArgument(
                'display',
                default_value='',
                description='X display that shows the target full screen, such as :0; '
                'none = not shown, which a real arm has to be told',
            ),
            DeclareLaunchArgument(
                'confirm',
                default_value='true',
                choices=['true', 'false'],
                description="a real arm waits for a person's environment/start, once in a launch; "
                'false = this command is that word. A simulated arm does not wait',
            ),
            DeclareLaunchArgument(
                'cell_address',
                default_value='',
                description='loopback address of the simulated arm; none = the first free from 127.0.0.1 on',
            ),
            OpaqueFunction(function=devices),
        ]
    )


def devices(context):
    """Returns the nodes for the devices that were named, simulated where none was."""
    chosen = context.launch_configurations
    robot_ip, camera = chosen['robot_ip'], chosen['camera']
    if robot_ip and not camera:
        raise RuntimeError(
            f'robot_ip is {robot_ip} but no camera is named; a real arm needs a real one: camera:=0'
        )
    display = chosen['display']
    if robot_ip and not display:
        raise RuntimeError(
            f'robot_ip is {robot_ip} but no display is named; the arm would learn before a blank monitor: '
            'display:=:0, or display:=none where that is meant'
        )
    if robot_ip:
        robot = {'robot_ip': robot_ip}
    else:
        cell_address = take_address(chosen['cell_address'])
        own_run = ParameterValue(LaunchConfiguration('run_identity'), value_type=str)
        robot = {'robot_ip': cell_address, 'cell_run': own_run}
    confirm = {'confirm': bool(robot_ip) and chosen['confirm'] == 'true'}
    nodes = [
        run_node('ur5_rl_env', 'target_monitor', {'display': '' if display == 'none' else display}),
        run_node('ur5_rl_env', 'arm_driver', robot, confirm),
        run_node('ur5_rl_env', 'environment', confirm),
    ]
    if camera:
        nodes.append(run_node('ur5_rl_env', 'camera', {'device': ParameterValue(camera, value_type=str)}))
    if not robot_ip:
        nodes.append(
            run_node(
                'ur5_rl_env', 'robot_cell', {'controller_address': cell_address, 'publish_camera': not camera}
            )
        )
    return nodes
