"""ros2 launch and ros2 run: they start processes and need no ROS of their own."""

import os
import sys
from pathlib import Path

from .errors import UsageError


def add_parsers(verbs) -> None:
    """Add `launch` and `run`."""
    launch = verbs.add_parser('launch', help='run a launch file')
    launch.add_argument('file_or_package', help='path of a launch file, or the package that has it')
    launch.add_argument(
        'rest', nargs='*', metavar='[file] name:=value', help='file of the package; arguments'
    )
    launch.add_argument('-d', '--debug', action='store_true', help='show tracebacks of errors')
    launch.add_argument(
        '-s', '--show-args', '--show-arguments', action='store_true', help='list the arguments'
    )
    launch.set_defaults(main=run_launch_file)
    run = verbs.add_parser('run', help="run a package's executable")
    run.add_argument('package')
    run.add_argument('executable')
    run.add_argument('arguments', nargs='...', help='arguments of the executable')
    run.set_defaults(main=run_executable)


def run_launch_file(args) -> int:
    """Run a launch file, or list its arguments."""
    path, given = _launch_file(args.file_or_package, args.rest)
    values = dict(_split_argument(argument) for argument in given)
    from launch import LaunchService, actions, introspection
    from launch.launch_description_sources import InvalidLaunchFileError, PythonLaunchDescriptionSource

    try:
        include = actions.IncludeLaunchDescription(
            PythonLaunchDescriptionSource(path), launch_arguments=values.items()
        )
        if args.show_args:
            print(introspection.format_arguments(include), flush=True)
            return 0
    except InvalidLaunchFileError as error:
        if args.debug:
            raise
        raise UsageError(str(error)) from error
    service = LaunchService(argv=given, debug=args.debug)
    service.include_launch_description(include)
    return service.run()


def run_executable(args) -> int:
    """Become the executable of a package."""
    from launch import LaunchContext
    from launch.child_process import hold_interrupts
    from launch.substitutions import SubstitutionFailure
    from launch_ros.substitutions import ExecutableInPackage

    try:
        path = ExecutableInPackage(executable=args.executable, package=args.package).perform(LaunchContext())
    except SubstitutionFailure as error:
        raise UsageError(str(error)) from error
    sys.stdout.flush()
    hold_interrupts(path)
    os.execv(path, [path, *args.arguments])


def _launch_file(file_or_package: str, rest: list[str]) -> tuple[str, list[str]]:
    """The launch file's path and the arguments after it."""
    if os.path.isfile(file_or_package):
        return file_or_package, rest
    if not rest or ':=' in rest[0]:
        raise UsageError(
            f"'{file_or_package}' is no file; give a launch file, or a package and its launch file"
        )
    from ament_index_python.packages import PackageNotFoundError, get_package_share_directory

    try:
        share = get_package_share_directory(file_or_package)
    except (PackageNotFoundError, LookupError, ValueError) as error:
        raise UsageError(f"'{file_or_package}' is neither a file nor an installed package") from error
    found = [path for path in Path(share).rglob(rest[0]) if path.is_file()]
    if len(found) != 1:
        raise UsageError(f"{len(found)} files named '{rest[0]}' in {share}; expected one")
    return str(found[0]), rest[1:]


def _split_argument(argument: str) -> tuple[str, str]:
    name, mark, value = argument.partition(':=')
    if not mark or not name or not value:  # the real one takes no empty value either
        raise UsageError(f"launch argument '{argument}' is not of the form name:=value")
    return name, value
