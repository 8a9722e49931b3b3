"""Runs launch files as `ros2 launch` does, one after the other, by whichever `launch` PYTHONPATH has.

    python run_conformance.py RESULT CASE file.launch.py [name:=value ...] [--- CASE ...]

RESULT is a file in JSON: of each case the exit code, and what launch file and processes have noted. What is
printed stands behind a line '=== CASE'.
"""

import json
import os
import sys
from pathlib import Path

import launch
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource

HERE = Path(__file__).resolve().parent


def run(file, arguments):
    """Returns the exit code of a launch."""
    service = launch.LaunchService(argv=arguments, noninteractive=True)
    given = [argument.split(':=', 1) for argument in arguments]
    source = PythonLaunchDescriptionSource(file)
    service.include_launch_description(
        launch.LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given)])
    )
    return service.run()


def show_arguments(file):
    """Prints what `ros2 launch --show-args` does."""
    try:
        from ros2launch.api import print_arguments_of_launch_file
    except ImportError:
        from launch.introspection import format_arguments

        print(format_arguments(PythonLaunchDescriptionSource(file).get_launch_description(None)))
    else:
        print_arguments_of_launch_file(launch_file_path=file)
    return 0


def main(result, words):
    """Runs the cases."""
    seen, folder = {}, Path(result).parent  # there are launch files, too
    while words:
        end = words.index('---') if '---' in words else len(words)
        (name, file, *arguments), words = words[:end], words[end + 1 :]
        file = next(str(path) for path in (HERE / file, folder / file) if path.exists())
        notes = folder / f'{name}.notes'
        notes.touch()
        os.environ |= {'NOTES': str(notes), 'FOLDER': str(folder)}
        print(f'=== {name}', flush=True)
        code = show_arguments(file) if arguments == ['--show-args'] else run(file, arguments)
        seen[name] = {'code': code, 'notes': notes.read_text(encoding='utf-8').splitlines()}
    Path(result).write_text(json.dumps(seen), encoding='utf-8')


main(sys.argv[1], sys.argv[2:])
