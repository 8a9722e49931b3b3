"""What a package imports stands in its package.xml by its rosdep key, or is pinned for pip; nothing more."""

import re
import runpy
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
import setuptools

sys.path.insert(0, str(Path(__file__).parent))
from packages import BRINGUP, PACKAGES, ROOT, code, imported

from ur5_rl_graph.declared import NODES

CODE = [name for name, folder in PACKAGES.items() if (folder / 'setup.py').exists()]
KEYS = {
    'cv2': 'python3-opencv',
    'matplotlib': 'python3-matplotlib',
    'numpy': 'python3-numpy',
    'pytest': 'python3-pytest',
    'setuptools': 'python3-setuptools',
    'tkinter': 'python3-tk',
    'yaml': 'python3-yaml',
}
"""Keys of rosdep, by what is imported (rosdep/python.yaml of the ROS distribution)."""
ROS = {
    'ament_index_python',
    'builtin_interfaces',
    'cv_bridge',
    'diagnostic_msgs',
    'geometry_msgs',
    'launch',
    'launch_ros',
    'rcl_interfaces',
    'rclpy',
    'rosgraph_msgs',
    'sensor_msgs',
    'std_msgs',
    'std_srvs',
    'tf2_msgs',
    'visualization_msgs',
}
"""Packages of ROS 2 Jazzy: import, package and key have one name."""
PIP = {
    'av': 'av',
    'dashboard_client': 'ur_rtde',
    'gymnasium': 'gymnasium',
    'h5py': 'h5py',
    'hypothesis': 'hypothesis',
    'mcap': 'mcap',
    'mcap_ros2': 'mcap-ros2-support',
    'mujoco': 'mujoco',
    'pyarrow': 'pyarrow',
    'rerun': 'rerun-sdk',
    'rosbags': 'rosbags',
    'rtde_control': 'ur_rtde',
    'rtde_io': 'ur_rtde',
    'rtde_receive': 'ur_rtde',
    'safetensors': 'safetensors',
    'tensorboard': 'tensorboard',
    'torch': 'torch',
    'triton': 'torch',
    'zstandard': 'zstandard',
}
"""What Ubuntu 24.04 has not, or too old: lines of tools/requirements*.txt, as docs/install.md says."""


def for_tests(folder):
    """What only its tests import; without packages of this workspace, since those would go in circles."""
    found = set().union(*map(imported, (folder / 'test').rglob('*.py')))
    helpers = {path.stem for path in (*ROOT.glob('src/*/test/*.py'), *ROOT.glob('test/*.py'))}
    return found - helpers - code(folder) - PACKAGES.keys() - {'tools'}


def keys(names):
    """The keys that imports need; names that no table has fail."""
    outside = {name for name in names if name not in sys.stdlib_module_names or name in KEYS}
    unknown = outside - KEYS.keys() - ROS - PIP.keys() - PACKAGES.keys()
    assert not unknown, f'{sorted(unknown)}: give each its key of rosdep, or its line for pip, in {__file__}'
    return {KEYS.get(name, name) for name in outside if name not in PIP}


def declared(folder, *tags):
    """The dependencies of some kinds, in their order."""
    tree = ElementTree.parse(folder / 'package.xml').getroot()
    return [element.text for element in tree if element.tag in tags]


@pytest.mark.parametrize('name', CODE)
def test_what_the_code_imports_is_what_the_package_depends_on(name):
    folder = PACKAGES[name]
    wanted = keys(code(folder))
    if name == BRINGUP:
        wanted |= {node.package for node in NODES.values()}  # started, not imported
    if not wanted and not any((folder / name).glob('[!_]*')):
        pytest.skip('it has no code yet')
    assert set(declared(folder, 'exec_depend')) == wanted


@pytest.mark.parametrize('name', CODE)
def test_what_only_the_tests_import_is_a_dependency_of_the_tests(name):
    folder = PACKAGES[name]
    assert set(declared(folder, 'test_depend')) == keys(for_tests(folder)) | {'python3-pytest'}


@pytest.mark.parametrize('name', sorted(PACKAGES))
def test_each_dependency_stands_once_and_under_a_tag_that_is_looked_at(name):
    folder = PACKAGES[name]
    root = ElementTree.parse(folder / 'package.xml').getroot()
    tags = {element.tag for element in root if element.tag.endswith('depend')}
    assert tags <= (
        {'exec_depend', 'test_depend'} if name in CODE else {'buildtool_depend', 'depend', 'exec_depend'}
    )
    found = declared(folder, *tags)
    assert len(found) == len(set(found))
    assert root.findtext('name') == name


def test_the_interfaces_depend_on_what_cmake_finds_and_messages_name():
    folder = PACKAGES['ur5_rl_interfaces']
    text = (folder / 'CMakeLists.txt').read_text(encoding='utf-8')
    found = set(re.findall(r'find_package\((\w+) REQUIRED\)', text))
    assert found == set(declared(folder, 'buildtool_depend', 'depend'))
    messages = ' '.join(path.read_text(encoding='utf-8') for path in folder.glob('*/*.[ms][sr][gv]'))
    named = set(re.findall(r'^(\w+)/\w+', messages, re.M)) - {folder.name}
    assert named == set(declared(folder, 'depend'))
    assert named == set(re.search(r'DEPENDENCIES ([\w ]+)', text).group(1).split())
    assert declared(folder, 'exec_depend') == ['rosidl_default_runtime']


def test_no_packages_depend_on_each_other_in_a_circle():
    before = {
        name: set(declared(folder, 'depend', 'exec_depend', 'test_depend'))
        for name, folder in PACKAGES.items()
    }
    left = {name: needed & PACKAGES.keys() for name, needed in before.items()}
    while free := {name for name, needed in left.items() if not needed & left.keys()}:
        left = {name: needed for name, needed in left.items() if name not in free}
    assert not left


def test_only_the_simulated_cell_needs_mujoco_and_the_environment_not_the_cell():
    assert [name for name in CODE if 'mujoco' in code(PACKAGES[name])] == ['ur5_cell']
    assert code(PACKAGES['ur5_cell']) & PACKAGES.keys() == {'ur5_rl_env', 'ur5_rl_graph'}
    assert 'ur5_cell' not in code(PACKAGES['ur5_rl_env']) | code(PACKAGES['ur5_rl_graph'])


READS_RUNS = 'run_reading'


def test_what_reads_runs_knows_nothing_of_what_makes_them():
    """Whoever looks at a run needs no recorder, no learner and no ROS 2; the recorder knows its reader."""
    assert keys(code(PACKAGES[READS_RUNS])) & (PACKAGES.keys() | ROS) == {'ur5_rl_graph'}
    assert READS_RUNS in keys(code(PACKAGES['run_recorder']))


def test_what_pip_brings_is_pinned():
    lines = [
        re.match(r'[\w.-]+', line).group().lower()
        for path in (ROOT / 'tools').glob('requirements*.txt')
        for line in path.read_text(encoding='utf-8').splitlines()
        if not line.startswith('#')
    ]
    assert {name.lower() for name in PIP.values()} <= set(lines)


@pytest.mark.parametrize('name', CODE)
def test_colcon_runs_the_tests_with_pytest(name, monkeypatch):
    """Without this extra it runs `setup.py test`, which finds none of ours, and says that all is well."""
    said = {}
    monkeypatch.chdir(PACKAGES[name])
    monkeypatch.setattr(setuptools, 'setup', lambda **words: said.update(words))
    runpy.run_path('setup.py')
    assert said['extras_require'] == {'test': ['pytest']}
