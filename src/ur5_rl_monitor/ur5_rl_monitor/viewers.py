"""The programs of ROS 2 that show a run: what they are called, and why one cannot be opened here."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ament_index_python.packages import PackageNotFoundError, get_package_prefix

from ur5_rl_graph.topics import TOPICS
from ur5_rl_monitor.browser import DISPLAYS


class Viewer(NamedTuple):
    """A program and the layout that it opens."""

    package: str
    executable: str
    option: str  # before the layout
    layout: str  # in config/
    remedy: str


VIEWERS = (
    Viewer('rviz2', 'rviz2', '-d', 'rviz/ur5_rl.rviz', 'apt install ros-jazzy-rviz2'),
    Viewer(
        'rqt_gui',
        'rqt_gui',
        '--perspective-file',
        'rqt/ur5_rl.perspective',
        'apt install ros-jazzy-rqt ros-jazzy-rqt-common-plugins ros-jazzy-rqt-runtime-monitor',
    ),
)


def missing(
    viewer: Viewer, environment: Mapping[str, str], prefix: Callable[[str], str] = get_package_prefix
) -> str:
    """Returns one line on why a viewer cannot be opened and what to do; '' where it can.

    Args:
        viewer: what is to be opened.
        environment: variables of the launch.
        prefix: raises PackageNotFoundError for a package that is not installed.
    """
    try:
        prefix(viewer.package)
    except PackageNotFoundError:
        return (
            f'{viewer.package} is not installed: where ROS 2 Jazzy comes from Ubuntu 24.04, {viewer.remedy}; '
            'elsewhere see docs/install.md, which has an image with it'
        )
    if not any(environment.get(name) for name in DISPLAYS):
        return f'{viewer.package} needs a display, and {" and ".join(DISPLAYS)} are empty: log in with ssh -X'
    return ''


def remappings(namespace: str) -> list[tuple[str, str]]:
    """Returns what makes a layout, whose names have no namespace, show the run in a namespace."""
    inside = namespace.strip('/')
    names = [topic.name for topic in TOPICS if not topic.name.startswith('/')]
    return [(f'/{name}', f'/{inside}/{name}') for name in names] if inside else []
