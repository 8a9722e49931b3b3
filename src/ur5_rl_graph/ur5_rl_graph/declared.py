"""What the nodes of the graph declare, known without starting them: the one list of their configurations.

A test compares it with what the nodes really declare.
"""

import dataclasses
import difflib
import functools
import importlib
from collections.abc import Iterable
from typing import NamedTuple


class Declared(NamedTuple):
    """A node: the package that holds it, and its configurations as <module>.<class>."""

    package: str
    configs: tuple[str, ...]
    needed: bool = True  # False: people look at what it shows; a run goes on without it


NODES = {
    'actor': Declared(
        'sac_learner',
        (
            'sac_learner.actor_config.ActorConfig',
            'sac_learner.agent_config.AgentConfig',
            'ur5_rl_env.task.TaskConfig',
        ),
    ),
    'learner': Declared(
        'sac_learner',
        (
            'sac_learner.learner_config.LearnerConfig',
            'sac_learner.agent_config.AgentConfig',
            'ur5_rl_env.task.TaskConfig',
        ),
    ),
    'buffer_sampler': Declared('buffer_sampler', ('buffer_sampler.config.BufferSamplerConfig',)),
    'run_recorder': Declared('run_recorder', ('run_recorder.recorder_config.RecorderConfig',)),
    'bag_player': Declared('ur5_rl_bags', ('ur5_rl_bags.play_config.PlayConfig',)),
    'bag_recorder': Declared('ur5_rl_bags', ('ur5_rl_bags.bag_config.BagConfig',)),
    'environment': Declared(
        'ur5_rl_env', ('ur5_rl_env.task.TaskConfig', 'ur5_rl_env.lifecycle_config.LifecycleConfig')
    ),
    'arm_driver': Declared(
        'ur5_rl_env',
        (
            'ur5_rl_env.devices.arm_config.ArmConfig',
            'ur5_rl_env.guard.GuardConfig',
            'ur5_rl_env.watchdog.WatchdogConfig',
        ),
    ),
    'camera': Declared('ur5_rl_env', ('ur5_rl_env.devices.camera.CameraConfig',)),
    'target_monitor': Declared('ur5_rl_env', ('ur5_rl_env.devices.monitor_config.MonitorConfig',)),
    'robot_cell': Declared(
        'ur5_cell',
        (
            'ur5_cell.cell_config.CellConfig',
            'ur5_cell.cell_config.SimulatedCameraConfig',
            'ur5_cell.sensor_delay.DelayConfig',
        ),
    ),
    'calibration': Declared(
        'commissioning',
        ('commissioning.calibration_config.CalibrationConfig', 'ur5_rl_env.guard.GuardConfig'),
    ),
    'robot_state_publisher': Declared(
        'ur5_rl_monitor', ('ur5_rl_monitor.state_publisher_config.StatePublisherConfig',), needed=False
    ),
    'scene_markers': Declared(
        'ur5_rl_monitor',
        ('ur5_rl_monitor.markers_config.MarkersConfig', 'ur5_rl_env.guard.GuardConfig'),
        needed=False,
    ),
    'network_view': Declared(
        'ur5_rl_monitor',
        (
            'ur5_rl_monitor.network_view_config.NetworkViewConfig',
            'sac_learner.agent_config.AgentConfig',
            'ur5_rl_env.task.TaskConfig',
        ),
        needed=False,
    ),
    'diagnostics': Declared(
        'ur5_rl_monitor', ('ur5_rl_monitor.diagnostics_config.DiagnosticsConfig',), needed=False
    ),
    'live_view': Declared(
        'ur5_rl_monitor', ('ur5_rl_monitor.live_view_config.LiveViewConfig',), needed=False
    ),
}

OF_THE_RUN = ('run_reading.report.report_config.ReportConfig',)
"""Configurations of no node: a setting holds them for whoever begins and ends a run."""

WITH_VIEW = ('scene_markers', 'network_view', 'diagnostics')
"""Nodes that start with view:=true only; the robot's frames are published in every run."""
WITH_MONITOR = (*WITH_VIEW, 'live_view')
"""Nodes that start with monitor:=true: what shows the run in a browser, and what that is made of."""


def asked_for(view: str, monitor: str) -> tuple[str, ...]:
    """Returns the nodes for people that a launch starts, by its arguments of these names."""
    if monitor == 'true':
        return WITH_MONITOR
    return WITH_VIEW if view == 'true' else ()


GIVEN = {
    'architecture': 'the launch file',
    'awaits_recorder': 'the launch file',
    'awaits_sampler': 'the launch file',
    'cell_run': 'the launch',
    'checkpoint': 'checkpoint:=PATH',
    'confirm': 'confirm:=false',
    'controller_address': 'cell_address:=ADDRESS',
    'display': 'display:=:0',
    'duration': 'duration:=SECONDS',
    'episodes': 'episodes:=NUMBER',
    'init': 'init:=PATH',
    'init_from_other_setting': 'init_from_other_setting:=true',
    'publish_camera': 'camera:=DEVICE',
    'record': 'record:=true',
    'replay': 'replay:=BAG',
    'robot_description': 'the launch',
    'robot_ip': 'robot_ip:=ADDRESS',
    'run_folder': 'output:=PATH',
    'run_identity': 'the launch',
    'run_started_s': 'the launch',
    'seed': 'seed:=NUMBER',
    'setting_file': 'setting:=NAME',
    'setting_name': 'setting:=NAME',
    'simulator': 'simulator:=gazebo',
    'task': 'task:=NAME',
    'title': 'the launch',
}
"""Parameters that a launch gives its nodes whatever a setting says, and what of it does."""


def giver(node: str, name: str) -> str | None:
    """Returns what of a launch gives a parameter, None where a setting may.

    Args:
        node: '/' and its name; '/**' stands for every node.
        name: of the parameter.
    """
    if (node, name) == ('/camera', 'device'):  # the learner has a device, too
        return 'camera:=DEVICE'
    if node == '/scene_markers' and name in fields('arm_driver'):  # the bounds that it draws
        return 'those of arm_driver'
    if name in fields('bag_player'):  # which no run has
        return 'launch replay'
    return GIVEN.get(name)


def needed(process: str) -> bool:
    """Returns whether a run ends where a process cannot work; `process` is its executable, or its label."""
    return process not in NODES or NODES[process].needed


@functools.cache
def configs(node: str) -> tuple[type, ...]:
    """Returns the configuration classes of a node."""
    return tuple(map(_imported, NODES[node].configs))


def _imported(path: str) -> type:
    module, _, name = path.rpartition('.')
    return getattr(importlib.import_module(module), name)


@functools.cache
def fields(node: str) -> dict[str, dataclasses.Field]:
    """Returns the parameters of a node by their names."""
    return {field.name: field for config in configs(node) for field in dataclasses.fields(config)}


@functools.cache
def every_field() -> dict[str, tuple[dataclasses.Field, ...]]:
    """Returns the parameters of all nodes, where a name may be that of several, and those of the run."""
    found: dict[str, tuple[dataclasses.Field, ...]] = {}
    for kind in map(_imported, OF_THE_RUN):
        found |= {field.name: (field,) for field in dataclasses.fields(kind)}
    for node in NODES:
        for name, field in fields(node).items():
            found[name] = (*found.get(name, ()), field)
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """Returns the known name that looks most like `name`, which is none of them."""
    return difflib.get_close_matches(name, list(known), n=1, cutoff=0.0)[0]
