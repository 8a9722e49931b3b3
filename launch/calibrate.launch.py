"""Arm, camera and monitor are measured; a setting with what was found is written (docs/hardware.md)."""

from launch.actions import OpaqueFunction, SetLaunchConfiguration

from ur5_rl_graph import shipped
from ur5_rl_graph.launching import calibration
from ur5_rl_graph.settings import setting_file


def generate_launch_description():
    """Returns the devices of a run, and the node that measures them."""
    return calibration(__file__, OpaqueFunction(function=find_setting))


def find_setting(context):
    """Sets the file of the setting that is to be measured."""
    path = setting_file(shipped.folder() / 'config', context.launch_configurations['setting'])
    return [SetLaunchConfiguration('setting_file', str(path))]
