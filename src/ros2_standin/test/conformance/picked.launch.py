"""A function picks a process that ends for good; the launch goes on without it, until nothing is left."""

from conformance_notes import events, lives, name, shell
from launch import LaunchDescription
from launch.actions import EmitEvent
from launch.events.process import ShutdownProcess


def generate_launch_description():
    """Returns a process that ends, one that is picked then, and one that goes on until that has ended."""
    last = shell('last', "until_noted 'picked has ended'; note 'last goes on'")
    first = shell('first', "until_noted 'last has started'; until_noted 'picked is there'")
    return LaunchDescription(
        [
            *events(pick, {'picked': last, 'last': first}),
            lives('picked', after='first', respawn=True, respawn_delay=0.02),
        ]
    )


def pick(event, context):
    """Has `picked` end when `first` has ended."""
    return [EmitEvent(event=ShutdownProcess(process_matcher=is_picked))] if name(event) == 'first' else None


def is_picked(action):
    """Whether this is the process whose command says so."""
    return "trap 'note" in (action.process_details or {}).get('cmd', ('', '', ''))[2]
