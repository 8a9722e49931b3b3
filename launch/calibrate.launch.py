"""Arm, camera and monitor are measured; a setting with what was found is written (docs/hardware.md)."""

from launch.actions import OpaqueFunction, SetLaunchConfiguration

from ur5_rl_env.run_parameters import setting_file
from ur5_rl_graph.launching import calibration


def generate_launch_description():
    """Returns the devices of a run, and the node that measures them."""
    return calibration(__file__, OpaqueFunction(function=find_setting))


def find_setting(context):
    """Sets the file of the setting that is to be measured."""
    path = setting_file(context.launch_configurations['setting'])
    return [SetLaunchConfiguration('setting_file', str(path))]
