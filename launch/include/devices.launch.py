"""Which devices a run has: the arguments that name them, refused here where they cannot be."""

import re

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction, SetLaunchConfiguration

from ur5_cell.cell_config import SIMULATORS
from ur5_cell.loopback import take_address
from ur5_rl_env.devices.x_display import check_display
from ur5_rl_env.robot_models import MODELS
from ur5_rl_gazebo import installed


def generate_launch_description():
    """Returns the arguments; sets cell_address to the address that a simulated arm has; starts nothing."""
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'robot_ip',
                default_value='',
                description='address of the UR5; none = a simulated one on this machine',
            ),
            DeclareLaunchArgument(
                'robot_model',
                default_value='',
                choices=['', *MODELS],
                description='model of the arm, real or simulated; none = as the setting says, else ur5',
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
            DeclareLaunchArgument(
                'simulator',
                default_value='mujoco',
                choices=list(SIMULATORS),
                description='what moves and films a simulated arm; gazebo = Gazebo Harmonic, which must be '
                'installed',
            ),
            DeclareLaunchArgument(
                'gazebo_window',
                default_value='false',
                choices=['true', 'false'],
                description="true = also Gazebo's own window",
            ),
            OpaqueFunction(function=check),
        ]
    )


def check(context):
    """Refuses devices that do not go together; returns what takes the address of a simulated arm."""
    chosen = context.launch_configurations
    robot_ip, display = chosen['robot_ip'], chosen['display']
    if display not in ('', 'none'):
        check_display(display)
    check_simulator(chosen)
    if not robot_ip:
        return [SetLaunchConfiguration('cell_address', take_address(chosen['cell_address']))]
    if not re.fullmatch(r'[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?', robot_ip):
        raise RuntimeError(f"robot_ip is '{robot_ip}'; give the address of the UR5, such as 192.168.1.10")
    if not chosen['camera']:
        raise RuntimeError(
            f'robot_ip is {robot_ip} but no camera is named; a real arm needs a real one: camera:=0'
        )
    if not display:
        raise RuntimeError(
            f'robot_ip is {robot_ip} but no display is named; the arm would learn before a blank monitor: '
            'display:=:0, or display:=none where that is meant'
        )
    if chosen['cell_address']:
        raise RuntimeError(
            f'cell_address is {chosen["cell_address"]}, that of a simulated arm, but robot_ip is {robot_ip}, '
            'a real one: leave one of them out'
        )
    return []


def check_simulator(chosen):
    """Refuses a Gazebo that is not there, or that nobody asked for."""
    if chosen['simulator'] == 'gazebo' and chosen['robot_ip']:
        raise RuntimeError(
            f'simulator is gazebo, but robot_ip is {chosen["robot_ip"]}, a real arm: leave one of them out'
        )
    if chosen['simulator'] == 'gazebo':
        installed.check_installed()
    elif chosen['gazebo_window'] == 'true':
        raise RuntimeError('gazebo_window is true, but simulator is mujoco: simulator:=gazebo')
