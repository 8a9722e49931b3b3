"""Arm, camera, monitor and environment: the same nodes for a real UR5 and for the simulated cell."""

from launch import LaunchDescription
from launch.actions import OpaqueFunction
from launch.substitutions import LaunchConfiguration

from ur5_rl_graph.launching import RECORDED, run_node


def generate_launch_description():
    """Returns the nodes; takes what devices.launch.py and begin.launch.py have set."""
    return LaunchDescription([OpaqueFunction(function=nodes)])


def nodes(context):
    """Returns the nodes for the devices that were named, simulated where none was."""
    chosen = context.launch_configurations
    camera, display, simulated = chosen['camera'], chosen['display'], not chosen['robot_ip']
    address = chosen['cell_address'] if simulated else chosen['robot_ip']
    robot = {'robot_ip': address}
    if simulated:
        robot['cell_run'] = LaunchConfiguration('run_identity')
    confirm = {'confirm': not simulated and chosen['confirm'] == 'true'}
    shown = {'display': '' if display == 'none' else display}
    found = [run_node('ur5_rl_env', 'arm_driver', robot, confirm)]
    if chosen['architecture'] == 'calibrate':
        setting = {'setting_file': LaunchConfiguration('setting_file')}
        found.append(run_node('commissioning', 'calibration', shown, setting, confirm))
    else:
        found.append(run_node('ur5_rl_env', 'target_monitor', shown))
        found.append(run_node('ur5_rl_env', 'environment', confirm, RECORDED))
    if camera:
        found.append(run_node('ur5_rl_env', 'camera', {'device': camera}))
    if simulated:
        cell = {
            'controller_address': address,
            'publish_camera': not camera,
            'simulator': chosen['simulator'],
        }
        found.append(run_node('ur5_cell', 'robot_cell', cell))
    return found
