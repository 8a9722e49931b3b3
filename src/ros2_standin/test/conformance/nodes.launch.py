"""The words that nodes are started with."""

from pathlib import Path

from conformance_notes import name, note
from launch import LaunchDescription
from launch.actions import GroupAction, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.substitutions import LaunchConfiguration, TextSubstitution
from launch_ros.actions import Node, PushRosNamespace

RULES = (
    'text:="1e3"',
    'empty:=""',
    r'odd:="a  \"b\" # $HOME"',
    'words:=["y", "1"]',
    'numbers:=[1.0, -2.5e-07]',
)
PLAIN = {'package': 'demo', 'executable': 'talker', 'output': 'screen'}


def generate_launch_description():
    """Returns the first of the nodes; each that ends is followed by the next."""
    following = nodes()

    def next_node(event, context):
        note(f'{name(event)} of {Path(event.cmd[0]).name} has ended with {event.returncode}')
        return next(following, None)

    return LaunchDescription([RegisterEventHandler(OnProcessExit(on_exit=next_node)), next(following)])


def nodes():
    """Yields nodes that note their words."""
    yield Node(**PLAIN)
    yield Node(
        **PLAIN, name='own', namespace=['a', '/b'], arguments=['--first', LaunchConfiguration('given')]
    )
    yield Node(**PLAIN, namespace='', exec_name='label')
    yield Node(
        **PLAIN, namespace='/alone', remappings=[('/tf', 'tf'), ('x', ['y', TextSubstitution(text='z')])]
    )
    words = [word for rule in RULES for word in ('-p', rule)]
    yield Node(**PLAIN, ros_arguments=['--params-file', LaunchConfiguration('given'), *words], name='own')
    yield Node(
        **PLAIN,
        prefix='env -u HOME',
        exec_name='prefixed',
        additional_env={'MORE': LaunchConfiguration('given')},
    )
    yield GroupAction([PushRosNamespace('robot'), Node(**PLAIN, namespace=LaunchConfiguration('given'))])
    yield GroupAction([PushRosNamespace('robot'), Node(**PLAIN, namespace='')])
    yield GroupAction([PushRosNamespace('robot'), Node(**PLAIN, namespace='/alone')])
    yield Node(**PLAIN)
