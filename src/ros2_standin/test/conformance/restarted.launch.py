"""A process is started again until it ends well, which ends the launch and with it another process."""

from conformance_notes import events, lives, name, note, shell
from launch import LaunchDescription
from launch.actions import EmitEvent, RegisterEventHandler
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown

CODE = """
until_noted 'other is there'
echo "$MORE"; echo an error >&2; printf 'no line end'
[ -e "$FOLDER/again" ] && exit 0
touch "$FOLDER/again"; exit 3
"""


def generate_launch_description():
    """Returns a process that goes on, and behind it one that ends with 3, then with 0."""
    again = shell('again', CODE, respawn=True, respawn_delay=1.0, additional_env={'MORE': 'a word'})
    return LaunchDescription(
        [
            *events(over, {'other': again}),
            RegisterEventHandler(
                OnProcessExit(on_exit=lambda event, context: note('the last one is asked first'))
            ),
            lives('other', after='again', respawn=True),
        ]
    )


def over(event, context):
    """Ends the launch with the good end of a process."""
    return None if event.returncode else [EmitEvent(event=Shutdown(reason=f'{name(event)} is over'))]
