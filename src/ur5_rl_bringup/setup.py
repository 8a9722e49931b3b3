"""Installs the top-level folders launch, config, checkpoints and bags as they are; has no code of its own."""

import os
from pathlib import Path

from setuptools import setup

package_name = 'ur5_rl_bringup'
share = f'share/{package_name}'
root = Path(__file__).resolve().parents[2]


def files_of(folder: str) -> list[tuple[str, list[str]]]:
    """Returns (target, files) of a folder of the checkout; files as seen from where colcon works."""
    found = {}
    for path in sorted((root / folder).rglob('*')):
        if path.is_file() and '__pycache__' not in path.parts:
            target = f'{share}/{path.parent.relative_to(root)}'
            found.setdefault(target, []).append(os.path.relpath(path))
    return list(found.items())


setup(
    name=package_name,
    version='0.1.0',
    packages=[],
    data_files=[
        ('share/ament_index/resource_index/packages', ['resource/' + package_name]),
        (share, ['package.xml']),
        *files_of('launch'),
        *files_of('config'),
        *files_of('checkpoints'),
        *files_of('bags'),
    ],
    install_requires=['setuptools'],
    extras_require={'test': ['pytest']},  # or colcon test runs none
    zip_safe=True,
    maintainer='ur5_rl maintainers',
    maintainer_email='maintainers@ur5-rl.invalid',
    description='Launch files, settings, trained policies and a bag.',
    license='Apache-2.0',
)
