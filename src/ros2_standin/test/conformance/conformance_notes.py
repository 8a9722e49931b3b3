"""What the launch files of the conformance test share: notes of values and events, in one file in order."""

import os

from launch.actions import ExecuteProcess, OpaqueFunction, RegisterEventHandler
from launch.event_handlers import OnProcessExit, OnProcessStart
from launch.utilities import normalize_to_list_of_substitutions, perform_substitutions


def note(text):
    """Adds a line."""
    with open(os.environ['NOTES'], 'a', encoding='utf-8') as file:
        file.write(f'{text}\n')


def say(name, value, **condition):
    """Returns an action that notes what substitutions are when it is visited."""

    def now(context):
        note(f'{name} <{perform_substitutions(context, normalize_to_list_of_substitutions(value))}>')

    return OpaqueFunction(function=now, **condition)


FUNCTIONS = """
note() { echo "$1" >>"$NOTES"; }
launch_lives() { kill -0 "$PPID" 2>/dev/null; }
until_noted() { until grep -q "$1" "$NOTES" || ! launch_lives; do sleep 0.02; done; }
"""
"""For the code of processes: adds a line; waits for a part of one. A killed launch leaves none of them."""


def shell(label, code, **words):
    """Returns a process of /bin/sh."""
    return ExecuteProcess(cmd=['sh', '-c', FUNCTIONS + code], name=label, output='screen', **words)


def lives(label, after, **words):
    """Returns a process that is there once another one has started, and goes on until SIGINT."""
    code = f"""
        trap 'note "{label} is interrupted"; exit 0' INT
        until_noted '{after} has started'; note '{label} is there'
        while launch_lives; do sleep 0.02; done
    """
    return shell(label, code, **words)


def events(on_exit, following):
    """Returns what notes each start and end.

    Args:
        on_exit: called with (event, context) after an end, unless the launch ends; says what follows.
        following: by the name of a process what is visited at its first start.
    """

    def started(event, context):
        note(f'{name(event)} has started with {os.path.basename(event.cmd[0])}')
        return following.pop(name(event), None)

    def exited(event, context):
        end = ' at the end' if context.is_shutdown else ''
        note(f'{name(event)} has ended with {event.returncode}{end}')
        return None if context.is_shutdown else on_exit(event, context)

    return [
        RegisterEventHandler(OnProcessStart(on_start=started)),
        RegisterEventHandler(OnProcessExit(on_exit=exited)),
    ]


def name(event):
    """Returns the name of a process; the number behind it goes on from one launch to the next."""
    label, _, number = event.process_name.rpartition('-')
    assert number.isdigit()
    return label
