"""How launches end: by Ctrl-C, by a handler that raises, by themselves although a process has failed."""

from conformance_notes import events, lives, name, shell
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, OpaqueFunction

INTERRUPTS = """
trap '' INT
until_noted 'end has started'; until_noted 'other is there'
kill -INT $PPID
until_noted 'other has ended'
"""
FAILS = "until_noted 'other is there'; exit 2"


DEAF = """
exec 2>/dev/null  # where the shell speaks of its own processes
trap '' INT; trap 'note "other is terminated"; exit 5' TERM
until_noted 'end has started'; note 'other is there'
while launch_lives; do sleep 0.02; done
"""


def generate_launch_description():
    """Returns a process that goes on, and one that brings about the end."""
    words = ['interrupt', 'raise', 'deaf', 'die']
    return LaunchDescription([DeclareLaunchArgument('by', choices=words), OpaqueFunction(function=processes)])


def processes(context):
    """Returns the processes."""
    by = context.launch_configurations['by']
    if by == 'die':
        return [*events(lambda event, context: None, {}), shell('end', 'exit 2')]
    if by == 'interrupt':
        end = shell('end', INTERRUPTS)
    else:
        end = shell('end', FAILS, respawn=True, respawn_delay=1.0)
    deaf = shell('other', DEAF, sigterm_timeout='0.05') if by == 'deaf' else lives('other', after='end')
    return [*events(fail, {'other': end}), deaf]


def fail(event, context):
    """Raises where a process has ended."""
    raise RuntimeError(f'{name(event)} failed')
