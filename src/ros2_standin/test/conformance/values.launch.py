"""Arguments, substitutions, conditions, scopes and inclusion: what each is when it is visited."""

from pathlib import Path

from conformance_notes import note, say
from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    GroupAction,
    IncludeLaunchDescription,
    LogInfo,
    OpaqueFunction,
    SetEnvironmentVariable,
    SetLaunchConfiguration,
)
from launch.conditions import IfCondition, UnlessCondition
from launch.launch_description_sources import PythonLaunchDescriptionSource
from launch.substitutions import (
    EnvironmentVariable,
    EqualsSubstitution,
    LaunchConfiguration,
    TextSubstitution,
)
from launch_ros.actions import PushRosNamespace

ODD = ('1e3', 'yes', '007', '~', '', ' a  b ', '[1, 2]', '{a: b}', 'a # b', '"q"', "it's", '$HOME', 'ü')
"""Texts that YAML or a shell would read otherwise."""
EQUAL = [('a', 'a'), ('a', 'b'), ('true', 'True'), ('true', '1'), ('1.0', '1'), ('', ''), ('1', '1.5')]
TRUTH = ('true', 'TRUE', '1', 'false', 'False', '0')


def generate_launch_description():
    """Returns what notes values."""
    inner = PythonLaunchDescriptionSource(str(Path(__file__).parent / 'included.launch.py'))
    return LaunchDescription(
        [
            *(DeclareLaunchArgument(f'odd{place}', default_value=text) for place, text in enumerate(ODD)),
            *(say(f'odd{place}', LaunchConfiguration(f'odd{place}')) for place in range(len(ODD))),
            DeclareLaunchArgument('chosen', default_value='b', choices=['a', 'b'], description='one of two'),
            DeclareLaunchArgument('chosen', default_value='a'),  # the first one holds
            say('chosen', LaunchConfiguration('chosen')),
            DeclareLaunchArgument('joined', default_value=['x_', LaunchConfiguration('chosen')]),
            say('joined', [LaunchConfiguration('joined'), TextSubstitution(text='!')]),
            DeclareLaunchArgument('given', default_value='not this'),
            say('given', LaunchConfiguration('given')),
            say('unset', LaunchConfiguration('unset', default='its default')),
            say('unset', LaunchConfiguration('unset', default='')),
            say('environment', EnvironmentVariable('NOT_THERE', default_value='its default')),
            SetEnvironmentVariable('THERE', LaunchConfiguration('given')),
            say('environment', EnvironmentVariable('THERE', default_value='its default')),
            *(say(f'{pair}', EqualsSubstitution(*pair)) for pair in EQUAL),
            *(say(f'if {text}', '', condition=IfCondition(text)) for text in TRUTH),
            *(say(f'unless {text}', '', condition=UnlessCondition(text)) for text in TRUTH),
            LogInfo(msg=['a line: ', LaunchConfiguration('given')]),
            OpaqueFunction(function=computed, args=['argument']),
            say('set', [LaunchConfiguration('returned'), ' ', LaunchConfiguration('written')]),
            GroupAction(
                [
                    PushRosNamespace('robot'),
                    SetLaunchConfiguration('given', 'inside'),
                    SetEnvironmentVariable('THERE', 'inside'),
                    SetEnvironmentVariable('ONLY_INSIDE', 'inside'),
                    *scope(),
                    GroupAction([PushRosNamespace('arm'), *scope()]),
                    GroupAction([PushRosNamespace('/alone'), *scope()]),
                    *scope(),
                ]
            ),
            *scope(),
            IncludeLaunchDescription(inner, launch_arguments={'first': 'its', 'given': 'included'}.items()),
            say('after', [LaunchConfiguration('from_included'), ' ', LaunchConfiguration('given')]),
        ]
    )


def scope():
    """Returns what notes all that ends with a group."""
    parts = [LaunchConfiguration(name, default='none') for name in ('ros_namespace', 'given')]
    parts += [EnvironmentVariable(name, default_value='none') for name in ('THERE', 'ONLY_INSIDE')]
    return [say('scope', [parts[0], *(word for part in parts[1:] for word in (' ', part))])]


def computed(context, word):
    """Takes an argument, writes a configuration and returns what sets another."""
    note(f'computed {word} {sorted(context.argv)} {context.environment["THERE"]} {context.is_shutdown}')
    context.launch_configurations['written'] = 'written'
    return [SetLaunchConfiguration('returned', 'returned')]
