"""./ur5rl launch"""

import os
from pathlib import Path

from tools.extras import THE_VIEWER, with_extra
from tools.handover import become
from tools.layout import LAUNCH_FILES, STATE
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'run a launch file: ./ur5rl launch async_sac_2 [name:=value ...]'
_ENDING = '.launch.py'


def names() -> list[str]:
    """The launch files by name, without their ending."""
    return sorted(path.name.removesuffix(_ENDING) for path in LAUNCH_FILES.glob(f'*{_ENDING}'))


def help_text() -> str:
    """The text of ./ur5rl launch --help."""
    return '\n'.join(
        [
            'usage: ./ur5rl launch NAME [name:=value ...]',
            '',
            'Sets up on first use, then runs "ros2 launch launch/NAME.launch.py name:=value ...".',
            '  ./ur5rl launch NAME --show-args   explains the arguments of one launch file',
            '  Ctrl-C                            ends all nodes; the run folder is complete',
            '  ./ur5rl launch NAME resume:=RUN   goes on with a run; duration:= is the total',
            '',
            'launch files:',
            *(f'  {name}' for name in names()),
        ]
    )


def run(argv: list[str]) -> None:
    """Becomes ros2 launch; the name is checked before anything is set up."""
    known = names()
    if not argv:
        raise Stop(f'launch needs the name of a launch file: {", ".join(known)}', 2)
    name = argv[0].removeprefix('launch/').removesuffix(_ENDING)
    if name not in known:
        raise Stop(
            f'there is no launch file "{argv[0]}" in {LAUNCH_FILES}; there are: {", ".join(known) or "none"}',
            2,
        )
    env = with_log_folder(ready())
    if 'monitor:=true' in argv:
        env = with_extra(THE_VIEWER, env)
    become(['ros2', 'launch', str(LAUNCH_FILES / f'{name}{_ENDING}'), *argv[1:]], env)


def with_log_folder(env: dict[str, str]) -> dict[str, str]:
    """Returns the environment with a folder for the launch's own log, where the user's home offers none.

    The real launch does not even begin without.
    """
    home = env.get('ROS_HOME') or (env.get('HOME') and f'{env["HOME"]}/.ros')
    if env.get('ROS_LOG_DIR') or (home and _is_writable(Path(home, 'log'))):
        return env
    return env | {'ROS_LOG_DIR': str(STATE / 'ros_log')}


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)
