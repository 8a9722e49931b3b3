"""Visits a launch file without starting anything: which nodes it would start, with which parameters."""

import sys
from pathlib import Path

import yaml
from launch import LaunchContext
from launch.actions import OpaqueFunction
from launch.launch_description_sources import PythonLaunchDescriptionSource

from ur5_cell import loopback
from ur5_rl_env.devices import x_display
from ur5_rl_graph import launching, run_of_launch, whole_run

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(path.name.removesuffix('.launch.py') for path in (ROOT / 'launch').glob('*.launch.py'))
RUNS = [name for name in NAMES if name not in ('calibrate', 'monitor', 'replay')]
"""Those in which somebody acts."""


def description(name: str):
    """Returns the description of launch/<name>.launch.py."""
    path = str(ROOT / f'launch/{name}.launch.py')
    return PythonLaunchDescriptionSource(path).get_launch_description(LaunchContext())


def replace_what_starts(monkeypatch) -> None:
    """Has launch files start nothing, hold nothing and wait for no disk."""

    def take_address(wanted):
        return loopback.loopback_address(wanted or '127.0.0.1', 'cell_address')

    class Node(OpaqueFunction):
        def __init__(self, **words):
            super().__init__(
                function=lambda context: context.nodes.append(_rules(context, words)),
                condition=words.get('condition'),
            )

    monkeypatch.setattr(launching, 'Node', Node)
    monkeypatch.setattr(x_display, '_offered', lambda number: True)
    monkeypatch.setattr(loopback, 'take_address', take_address)
    monkeypatch.setattr(run_of_launch, 'take_place', lambda *place, **ways: None)
    monkeypatch.setattr(whole_run, 'take_folder', lambda folder: None)
    monkeypatch.setattr(run_of_launch, '_runs', [])
    for name in ('ROS_AUTOMATIC_DISCOVERY_RANGE', 'ROS_LOG_DIR'):
        monkeypatch.setenv(name, '')  # what the launch sets in this process is undone after the test


def visit(monkeypatch, name: str, command: str = '', **arguments: str) -> list[dict]:
    """Returns the parameters of each process that a launch would start; raises what the launch refuses.

    Args:
        monkeypatch: of the test.
        name: of the launch file.
        command: the launch file that the command line names, where it is another one, which includes this.
        arguments: of the command line.
    """
    words = [f'{key}:={value}' for key, value in arguments.items()]
    file = command or str(ROOT / f'launch/{name}.launch.py')
    monkeypatch.setattr(sys, 'argv', ['ros2', 'launch', file, *words])
    context = LaunchContext(argv=words)
    context.launch_configurations.update(arguments)
    context.nodes = []
    _visit(description(name), context)
    return context.nodes


def _visit(entity, context) -> None:
    for inner in entity.visit(context) or ():
        if inner is not None:
            _visit(inner, context)


def _rules(context, words: dict) -> dict:
    """The values behind -p as YAML reads them, and the words themselves."""
    said = [word if isinstance(word, str) else word.perform(context) for word in words['ros_arguments']]
    rules = [said[place + 1] for place, word in enumerate(said) if word == '-p']
    node = {'name': words['executable'], 'file': said[said.index('--params-file') + 1], 'first': said[0]}
    node |= {'package': words['package'], 'remappings': words.get('remappings')}
    environment = {name: value.perform(context) for name, value in words['additional_env'].items()}
    node['log'] = environment['ROS_LOG_DIR']
    node['discovery'] = context.environment.get('ROS_AUTOMATIC_DISCOVERY_RANGE')
    node['dds'] = environment.get(launching.DDS_PROFILE)
    for rule in rules:
        name, _, value = rule.partition(':=')
        node[name] = yaml.safe_load(value)
    return node
