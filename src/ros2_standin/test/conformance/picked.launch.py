"""A function picks a process that ends for good; the launch goes on without it, until nothing is left."""

from conformance_notes import events, lives, name, shell
from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument, EmitEvent, OpaqueFunction
from launch.events.process import ShutdownProcess


def generate_launch_description():
    """Returns the processes, by how the first one ends."""
    return LaunchDescription(
        [DeclareLaunchArgument('code', default_value='0'), OpaqueFunction(function=processes)]
    )


def processes(context):
    """Returns one that is picked, one that ends before that, and one that goes on behind it."""
    code = context.launch_configurations['code']
    if code == 'none':  # it is picked while it waits for its restart; the launch goes on for longer
        alone = shell('alone', 'exit 0', respawn=True, respawn_delay=0.3)
        return [*events(pick, {'other': alone}), shell('other', "until_noted 'alone has ended'; sleep 0.6")]
    last = shell('last', "until_noted 'picked has ended'; note 'last goes on'")
    waits = f"until_noted 'last has started'; until_noted 'picked is there'; exit {code}"
    first = shell('first', waits, respawn=True, respawn_delay=1.0)
    picked = lives('picked', after='first', respawn=True, respawn_delay=0.02)
    return [*events(pick, {'picked': last, 'last': first}), picked]


def pick(event, context):
    """Has `picked` end when `first` has ended, which ends for good, too."""
    known = name(event) in ('first', 'alone')
    return [EmitEvent(event=ShutdownProcess(process_matcher=is_picked))] if known else None


def is_picked(action):
    """Whether this is one to end."""
    return (action.process_details or {}).get('name', '').startswith(('picked', 'first', 'alone'))
