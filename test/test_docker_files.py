"""What docker/ builds and starts is there: files, packages, arguments. Read, not run: there is no Docker."""

import fnmatch
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from ur5_rl_graph.priority import Priority
from ur5_rl_monitor.viewers import VIEWERS

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILES = sorted(ROOT.glob('docker/*ockerfile'))
COMPOSE = yaml.safe_load((ROOT / 'docker/compose.yaml').read_text(encoding='utf-8'))
SERVICES = COMPOSE['services']
INSTRUCTIONS = 'ARG CMD COPY ENTRYPOINT ENV FROM HEALTHCHECK RUN STOPSIGNAL USER WORKDIR'.split()
GRAPH = ('simulated', 'real', 'rviz', 'rqt')
"""The services that speak DDS."""


def instructions(path):
    """The (name, argument) pairs of a Dockerfile, continued lines joined, comments left out."""
    lines = [
        line for line in path.read_text(encoding='utf-8').splitlines() if not line.lstrip().startswith('#')
    ]
    joined = re.sub(r'\\\n\s*', ' ', '\n'.join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def arguments(path, name):
    """The arguments of all instructions of one name."""
    return [argument for found, argument in instructions(path) if found == name]


def copies(path):
    """(sources, stage or None) of each COPY."""
    for argument in arguments(path, 'COPY'):
        *words, _ = argument.split()
        stages = [word.removeprefix('--from=') for word in words if word.startswith('--from=')]
        yield [word for word in words if not word.startswith('--')], stages[0] if stages else None


def is_left_out(path):
    """Whether .dockerignore keeps a path, relative to the root, from images; the last rule counts."""
    left_out = False
    for rule in (ROOT / '.dockerignore').read_text(encoding='utf-8').splitlines():
        if rule and not rule.startswith('#'):
            pattern = rule.removeprefix('!')
            parts = [path, *map(str, Path(path).parents)][:-1]
            if any(_fits(part, pattern) for part in parts):
                left_out = not rule.startswith('!')
    return left_out


def _fits(path, pattern):
    if pattern.startswith('**/'):
        return fnmatch.fnmatchcase(path.rpartition('/')[2], pattern[3:])
    return path.count('/') == pattern.count('/') and fnmatch.fnmatchcase(path, pattern)


def tracked():
    listed = subprocess.run(['git', 'ls-files'], cwd=ROOT, capture_output=True, encoding='utf-8').stdout
    return listed.splitlines()


def test_there_is_one_for_wheels_and_one_for_an_installed_ros():
    assert [path.name for path in DOCKERFILES] == ['Dockerfile', 'ros-jazzy.Dockerfile']


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_a_dockerfile_is_one(path):
    found = instructions(path)
    assert {name for name, *_ in found} <= set(INSTRUCTIONS)
    assert all(len(pair) == 2 for pair in found)
    assert [name for name, _ in found if name in ('FROM', 'RUN')][0] == 'FROM'
    for name in ('CMD', 'ENTRYPOINT'):  # as lists: a shell between would keep the signals
        (argument,) = arguments(path, name)
        assert all(isinstance(word, str) for word in json.loads(argument))
    for command in arguments(path, 'RUN'):
        assert subprocess.run(['sh', '-n', '-c', command]).returncode == 0, command


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_the_first_process_hands_signals_on_and_is_not_root(path):
    (entry,) = arguments(path, 'ENTRYPOINT')
    first, dashes, *scripts = json.loads(entry)
    assert (first, dashes) == ('tini', '--')
    assert any('apt-get install' in command and ' tini ' in command for command in arguments(path, 'RUN'))
    for script in scripts:
        inside = ROOT / script.removeprefix('/opt/ur5-rl/')
        assert os.access(inside, os.X_OK) and not is_left_out(str(inside.relative_to(ROOT)))
        assert inside.read_text(encoding='utf-8').rstrip().endswith('exec "$@"')
    assert arguments(path, 'STOPSIGNAL') == ['SIGINT']
    assert arguments(path, 'USER')[-1] not in ('root', '0')
    names = [name for name, _ in instructions(path)]
    assert 'RUN' not in names[names.index('USER') :]


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_what_is_copied_is_there(path):
    stages = re.findall(r' AS (\w+)', '\n'.join(arguments(path, 'FROM')))
    for sources, stage in copies(path):
        if stage:
            assert stage in stages
        else:
            for source in sources:
                assert (ROOT / source).exists(), source
                assert source == '.' or not is_left_out(source)


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_every_argument_of_the_build_is_used(path):
    declared = re.findall(r'^ARG (\w+)=', path.read_text(encoding='utf-8'), re.M)
    used = ' '.join(f'{name} {argument}' for name, argument in instructions(path) if name != 'ARG')
    assert declared and all(f'${{{name}' in used for name in declared)
    assert set(re.findall(r'\$\{(\w+)', used)) == set(declared)


@pytest.mark.parametrize('path', DOCKERFILES, ids=lambda path: path.name)
def test_layers_go_from_what_changes_seldom_to_what_changes_often(path):
    own = [' '.join(sources) for sources, stage in copies(path) if not stage and sources != ['src']]
    order = [
        next(index for index, text in enumerate(own) if name in text) for name in ('tools', 'interfaces')
    ]
    assert order == sorted(order) and own[-1] == '.'
    names = [text for name, text in instructions(path) if name in ('COPY', 'RUN')]
    last = names[names.index('. .') + 1]
    assert last.startswith('find src/ur5_rl_interfaces -exec touch -d ')


def test_the_image_on_wheels_is_set_up_after_each_layer_by_its_own_command():
    names = [text for name, text in instructions(DOCKERFILES[0]) if name in ('COPY', 'RUN')]
    for copied in ('tools tools', 'src/ur5_rl_interfaces src/ur5_rl_interfaces', '. .'):
        assert './ur5rl setup' in names[names.index(copied) + 1]


def test_the_image_on_an_installed_ros_takes_every_package_and_requirement():
    path = DOCKERFILES[1]
    text = ' '.join(arguments(path, 'RUN'))
    assert (['src'], None) in list(copies(path))
    assert 'find . -name package.xml -exec cp --parents' in text
    assert 'rosdep install --from-paths src --ignore-src' in text
    named = re.findall(r'-[rc] (\S+)', text)
    copied = [source for sources, _ in copies(path) for source in sources]
    assert named and set(named) <= set(copied)
    for wanted in ('tools/requirements.txt', 'tools/requirements-system-ros.txt', 'tools/constraints.txt'):
        assert wanted in named
    layouts = {word for viewer in VIEWERS for word in viewer.remedy.split() if word.startswith('ros-jazzy-')}
    for package in {'ros-jazzy-rosbag2', 'ros-jazzy-ros-gz'} | layouts:
        assert f' {package} ' in text, package


def test_the_images_hold_what_git_holds_and_nothing_that_it_ignores():
    kept = tracked()
    if not kept:
        pytest.skip('no checkout of git')
    left_out = {path for path in kept if is_left_out(path)}
    assert left_out == {path for path in kept if path.startswith('docker/')} - {
        'docker/entrypoint.sh',
        'docker/healthy.py',
    }
    for path in ('.git', '.ur5rl/venv/x', 'results/a/run.json', 'build/x', 'install/x', 'log/x', 'x.pyc'):
        assert is_left_out(path), path
    for path in ('src/a/__pycache__/b.pyc', 'src/a/a.egg-info/x', '.pytest_cache/x', 'test/.ruff_cache/x'):
        assert is_left_out(path), path
    assert is_left_out('docker/compose.yaml')


# compose.yaml


def substituted(text):
    """A word as compose makes it where nothing is set."""
    return re.sub(r'\$\{\w+:-([^}]*)\}', r'\1', text)


def test_each_deployment_has_its_profile():
    profiles = {}
    for name, service in SERVICES.items():
        for profile in service['profiles']:
            profiles.setdefault(profile, []).append(name)
    assert profiles == {
        'simulated': ['simulated'],
        'real': ['real'],
        'monitoring': ['rviz', 'rqt', 'tensorboard'],
    }


@pytest.mark.parametrize('name', SERVICES)
def test_a_service_is_built_from_what_is_there(name):
    service = SERVICES[name]
    build = service['build']
    assert (ROOT / 'docker' / build['context']).resolve() == ROOT
    path = ROOT / build['dockerfile']
    assert path in DOCKERFILES
    declared = re.findall(r'^ARG (\w+)=', path.read_text(encoding='utf-8'), re.M)
    assert build.get('args', {}).keys() <= set(declared)
    assert {'Dockerfile': 'ur5rl', 'ros-jazzy.Dockerfile': 'ur5rl:ros-jazzy'}[path.name] in service['image']
    assert service['image'] == 'ur5rl:cuda' or build.get('args', {}).get('TORCH', 'cpu') == 'cpu'
    for volume in service['volumes']:
        source = volume.partition(':')[0]
        assert source.startswith('/') or source in COMPOSE['volumes']


@pytest.mark.parametrize('name', SERVICES)
def test_a_service_starts_something_that_there_is(monkeypatch, tmp_path, name):
    program, *words = map(substituted, SERVICES[name]['command'])
    if program != './ur5rl':
        (viewer,) = [viewer for viewer in VIEWERS if program == viewer.executable.removesuffix('_gui')]
        assert words == [viewer.option, f'config/{viewer.layout}']  # from WORKDIR, the checkout
        assert SERVICES[name]['image'] == 'ur5rl:ros-jazzy'
    elif words[0] == 'shell':
        assert words[1] == 'tensorboard'
    else:
        pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
        from launch_files import replace_what_starts, visit

        replace_what_starts(monkeypatch)
        command, launch_file, *given = words
        assert command == 'launch'
        chosen = dict(word.split(':=', 1) for word in given)
        assert visit(monkeypatch, launch_file, output=str(tmp_path / 'run'), **chosen)


@pytest.mark.parametrize('name', GRAPH)
def test_who_speaks_dds_shares_network_and_memory_with_the_host(name):
    service = SERVICES[name]
    assert service['network_mode'] == service['ipc'] == 'host'
    assert service['environment']['ROS_AUTOMATIC_DISCOVERY_RANGE'] == 'LOCALHOST'
    assert service['environment'].keys() >= {'ROS_DOMAIN_ID'}


@pytest.mark.parametrize('name', ['simulated', 'real'])
def test_a_run_may_have_its_priorities_and_time_to_end(name):
    assert SERVICES[name]['ulimits']['rtprio'] == max(Priority)
    assert SERVICES[name]['ulimits']['memlock'] == -1
    assert SERVICES[name]['stop_grace_period'] == '60s'
    assert 'healthcheck' not in SERVICES[name]


def test_the_real_arm_has_camera_monitor_and_gpu():
    real = SERVICES['real']
    assert real['devices'] == ['/dev/video0'] and 'camera:=0' in real['command']
    assert '/tmp/.X11-unix:/tmp/.X11-unix' in real['volumes'] and 'display:=${DISPLAY:-:0}' in real['command']
    (device,) = real['deploy']['resources']['reservations']['devices']
    assert device['capabilities'] == ['gpu'] and real['build']['args'] == {'TORCH': 'cuda'}


# the scripts


def test_the_script_that_builds_without_docker_parses_and_names_what_is_there():
    path = ROOT / 'docker/build_here.sh'
    assert subprocess.run(['bash', '-n', str(path)]).returncode == 0
    assert os.access(path, os.X_OK)
    words = shlex.split(path.read_text(encoding='utf-8').replace("'", ''), comments=True)
    assert words[words.index('-f') + 1] == 'docker/Dockerfile'
    for name in re.findall(r'--build-arg (\w+)=', path.read_text(encoding='utf-8')):
        assert f'ARG {name}=' in DOCKERFILES[0].read_text(encoding='utf-8')
    assert '--format docker' in path.read_text(encoding='utf-8')  # or the health check is lost


@pytest.fixture
def building(tmp_path):
    """build_here.sh where programs do nothing: run(*words, environment, **programs) -> how it ended.

    A program that is None is not there.
    """
    bin_folder = tmp_path / 'bin'
    bin_folder.mkdir()
    for name in (
        'bash',
        'dirname',
        'realpath',
        'sed',
        'mktemp',
        'rm',
        'mv',
        'tail',
        'date',
        'mkdir',
        'touch',
    ):
        (bin_folder / name).symlink_to(shutil.which(name))
    usual = {
        'id': 'echo 0',
        'tar': 'touch "$WORK/ur5rl-base.tar"',
        'debootstrap': 'mkdir -p "$4"',
        'buildah': 'case "$*" in *inspect*) exit 1;; esac',
    }

    def run(*words, environment=(), **programs):
        for name, body in (usual | programs).items():
            (bin_folder / name).unlink(missing_ok=True)
            if body is not None:
                (bin_folder / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{tmp_path}/calls\n{body}\n')
                (bin_folder / name).chmod(0o755)
        return subprocess.run(
            [ROOT / 'docker/build_here.sh', *words],
            env={'PATH': str(bin_folder), 'WORK': str(tmp_path / 'work')} | dict(environment),
            cwd=tmp_path,
            capture_output=True,
            encoding='utf-8',
        )

    (tmp_path / 'work').mkdir()
    return run


@pytest.mark.parametrize(
    'words, programs, said',
    [
        (['--torch'], {}, '--torch is no word of ./ur5rl'),
        ([], {'id': 'echo 1000'}, 'want root'),
        ([], {'buildah': None}, 'buildah is missing: apt-get install'),
        ([], {'debootstrap': None}, 'debootstrap is missing: apt-get install'),
    ],
)
def test_what_cannot_build_without_docker_is_refused_before_anything_is_made(
    building, tmp_path, words, programs, said
):
    done = building(*words, **programs)
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1
    assert list((tmp_path / 'work').iterdir()) == []


def test_help_builds_nothing_and_names_all_that_can_be_set(building, tmp_path):
    done = building('--help')
    assert done.returncode == 0 and not (tmp_path / 'calls').exists()
    text = (ROOT / 'docker/build_here.sh').read_text(encoding='utf-8')
    assert all(name in done.stdout for name in re.findall(r'\$\{(\w+):[-+]', text) if name.isupper())


def test_a_base_that_was_not_finished_is_said_and_not_taken_the_next_time(building, tmp_path):
    broken = 'mkdir -p "$4/etc"\necho "E: no Release file at that mirror"\nexit 1'
    done = building(debootstrap=broken)
    assert done.returncode == 1 and 'E: no Release file at that mirror' in done.stderr
    assert 'debootstrap has made no base' in done.stderr.splitlines()[-1]
    (tmp_path / 'calls').unlink()
    done = building()
    assert done.returncode == 0, done.stderr
    calls = (tmp_path / 'calls').read_text().splitlines()
    assert sum(call.startswith('debootstrap ') for call in calls) == 1
    assert any(' bud ' in call for call in calls)
    assert not (tmp_path / 'work/ur5rl-base/etc').exists()


NO_FOLDER = 'in which no folder can be made: name another'
NO_VOLUME = 'which is no FROM:TO of two absolute paths, the first of which is there'


@pytest.mark.parametrize(
    'environment, said',
    [
        ({'WORK': '/proc/nope'}, f'WORK is /proc/nope, {NO_FOLDER}'),
        ({'WORK': '/etc/passwd'}, f'WORK is /etc/passwd, {NO_FOLDER}'),
        ({'VOLUMES': 'nonsense'}, f'VOLUMES has nonsense, {NO_VOLUME}'),
        ({'VOLUMES': '/etc:/etc /etc:inside'}, f'VOLUMES has /etc:inside, {NO_VOLUME}'),
        ({'VOLUMES': 'bin:/bin'}, f'VOLUMES has bin:/bin, {NO_VOLUME}'),
        ({'VOLUMES': '/nowhere:/etc'}, f'VOLUMES has /nowhere:/etc, {NO_VOLUME}'),
        ({'VOLUMES': '/etc:/etc:rw'}, f'VOLUMES has /etc:/etc:rw, {NO_VOLUME}'),
        ({'VOLUMES': '/etc/*:/etc'}, f'VOLUMES has /etc/*:/etc, {NO_VOLUME}'),
    ],
)
def test_what_cannot_be_set_is_refused_in_one_line_before_anything_is_made(
    building, tmp_path, environment, said
):
    done = building(environment=environment)
    assert done.returncode == 2 and done.stderr.startswith(f'build_here.sh: {said}'), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert list((tmp_path / 'work').iterdir()) == []


def test_a_storage_that_buildah_has_not_is_refused_in_its_words(building):
    words = 'case "$*" in *info*) echo "graphdriver: nonsense: not there" >&2; exit 125;; esac'
    done = building(environment={'STORAGE': 'nonsense'}, buildah=words)
    assert done.returncode == 2 and done.stdout == ''
    theirs, ours = done.stderr.splitlines()
    assert theirs == 'graphdriver: nonsense: not there' and 'STORAGE is nonsense' in ours


def test_volumes_are_mounted_as_they_are_said(building, tmp_path):
    (tmp_path / 'a*').mkdir()
    (tmp_path / 'ab').mkdir()
    done = building(environment={'VOLUMES': f'{tmp_path}/a*:/in /etc:/e'})
    assert done.returncode == 0, done.stderr
    (build,) = [call for call in (tmp_path / 'calls').read_text().splitlines() if ' bud ' in call]
    assert f'--volume {tmp_path}/a*:/in:ro --volume /etc:/e:ro' in build


def test_a_folder_that_is_not_absolute_is_one_of_whoever_calls(building, tmp_path):
    done = building(environment={'WORK': 'work'})
    assert done.returncode == 0, done.stderr
    assert (tmp_path / 'work/ur5rl-base').is_dir() and not (ROOT / 'work').exists()


def test_what_a_person_has_in_the_folder_stays(building, tmp_path):
    names = ('base', 'unfinished')
    for name in names:
        (tmp_path / 'work' / name).mkdir()
    (tmp_path / 'work/base.tar').write_text('mine')
    assert building(debootstrap='exit 1').returncode == 1
    done = building()
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / 'work' / name).is_dir() for name in names)
    assert (tmp_path / 'work/base.tar').read_text() == 'mine'
    assert (tmp_path / 'work/ur5rl-base').is_dir()


def test_what_a_killed_debootstrap_has_mounted_is_not_removed_but_told(building, tmp_path):
    rest = tmp_path / 'work/ur5rl-base.unfinished'
    rest.mkdir()
    done = building(rm='echo "rm: skipping proc, on a different device" >&2; exit 1')
    assert done.returncode == 1 and rest.is_dir()
    assert done.stderr.splitlines()[-1].startswith(f'build_here.sh: {rest} cannot be removed')
    calls = (tmp_path / 'calls').read_text().splitlines()
    removed = [call.split() for call in calls if call.startswith('rm ')]
    assert removed == [['rm', '-rf', '--one-file-system', str(rest)]]
    assert not any(call.startswith('debootstrap') for call in calls)


def test_a_folder_of_its_own_goes_at_the_end_without_what_is_mounted_in_it(building, tmp_path):
    made = tmp_path / 'made'
    words = {
        'mktemp': f'mkdir {made}; echo {made}',
        'rm': 'case "$*" in *made) exit 1;; esac',
        'buildah': 'case "$*" in *inspect*) exit 1;; *run*tini*) exit 3;; esac',
    }
    done = building(environment={'WORK': ''}, **words)
    assert done.returncode == 3  # that of the run
    calls = (tmp_path / 'calls').read_text().splitlines()
    assert calls[-1] == f'rm -rf --one-file-system {made}'
    assert done.stderr.splitlines()[-1].startswith(f'build_here.sh: {made} cannot be removed')


def test_a_build_that_failed_says_what_can_be_mounted(building):
    failing = 'case "$*" in *inspect*) exit 1;; *bud*) echo "pip: no index" >&2; exit 125;; esac'
    done = building(buildah=failing)
    assert done.returncode == 1
    first, last = done.stderr.splitlines()
    assert first == 'pip: no index' and 'VOLUMES' in last


def healthy():
    spec = importlib.util.spec_from_file_location('healthy', ROOT / 'docker/healthy.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_container_is_healthy_while_its_newest_run_acts(tmp_path):
    verdict = healthy().verdict
    assert verdict(tmp_path / 'none', 0.0) == (False, f'no run in {tmp_path}/none has acted yet')
    for name, time_s in (('old', 100.0), ('campaign/new', 1000.0), ('other', 900.0)):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / 'cycle_timing.csv').touch()
        os.utime(tmp_path / name / 'cycle_timing.csv', (time_s, time_s))
    assert verdict(tmp_path, 1060.0) == (
        True,
        'campaign/new recorded its last action cycle 60 s ago (limit 60)',
    )
    assert verdict(tmp_path, 1061.0) == (
        False,
        'campaign/new recorded its last action cycle 61 s ago (limit 60)',
    )


def test_health_is_looked_at_where_the_runs_are():
    module = healthy()
    assert module.RESULTS == ROOT / 'results'
    for path in DOCKERFILES:
        (check,) = arguments(path, 'HEALTHCHECK')
        assert json.loads(check[check.index('CMD') + 3 :]) == ['python3', 'docker/healthy.py']


# what whoever has Docker runs

VERIFY = ROOT / 'docker/verify.sh'
WORKFLOW = yaml.safe_load((ROOT / '.github/workflows/verify.yml').read_text(encoding='utf-8'))


def verifying():
    """The commands of verify.sh, continued lines joined."""
    text = re.sub(r'\\\n\s*', ' ', VERIFY.read_text(encoding='utf-8'))
    return [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith('#')]


@pytest.mark.parametrize('path', sorted(ROOT.glob('docker/*.sh')), ids=lambda path: path.name)
def test_the_scripts_parse_and_can_be_run(path):
    assert subprocess.run(['bash', '-n', str(path)]).returncode == 0
    assert os.access(path, os.X_OK)
    if shutil.which('shellcheck'):
        done = subprocess.run(
            ['shellcheck', '-S', 'warning', str(path)], capture_output=True, encoding='utf-8'
        )
        assert done.returncode == 0, done.stdout


def test_the_image_for_verifying_is_that_of_ros_with_what_tests_need():
    text = VERIFY.read_text(encoding='utf-8')
    assert '-f docker/ros-jazzy.Dockerfile -t ur5rl:ros-jazzy --build-arg TORCH_INDEX=https://' in text
    assert 'ARG TORCH_INDEX=' in (ROOT / 'docker/ros-jazzy.Dockerfile').read_text(encoding='utf-8')
    own = text[text.index("<<'DOCKERFILE'\n") + 14 : text.index('\nDOCKERFILE\n')]
    assert own.split()[:2] == ['FROM', 'ur5rl:ros-jazzy']
    run = own[own.index('RUN ') + 4 :]
    assert subprocess.run(['sh', '-n', '-c', run]).returncode == 0
    for named in re.findall(r'-[rc] (tools/\S+)', run):
        assert (ROOT / named).is_file()
    assert 'tools/requirements-dev.txt' in run
    for program, package in (('Xvfb', 'xvfb'), ('import', 'imagemagick'), ('identify', 'imagemagick')):
        assert f'{program} ' in text and package in run.split()


def test_every_launch_file_that_starts_a_run_is_run_with_arguments_that_it_has(monkeypatch, tmp_path):
    pytest.importorskip('launch_ros', reason='the workspace is not built: run ./ur5rl test')
    from launch_files import NAMES, replace_what_starts, visit

    replace_what_starts(monkeypatch)
    loop = next(line for line in verifying() if line.startswith('for name in '))
    named = loop.removeprefix('for name in ').partition(';')[0].split()
    tried = [line.split()[4:] for line in verifying() if re.match(r'try "?launch_\S+ launched ', line)]
    runs = [(name, words) for first, *words in tried for name in (named if '$name' in first else [first])]
    (replayed,) = [line.split() for line in verifying() if line.startswith('try launch_replay played ')]
    replay = replayed[replayed.index('replay.launch.py') + 1 :]
    others = {'environment', 'replay', 'monitor'}  # under Gymnasium; by what is heard of it; by its picture
    assert {name for name, _ in runs} == set(NAMES) - others
    for name, words in [*runs, ('replay', replay)]:
        words = [word.strip('"').replace('$PWD', str(ROOT)) for word in words]
        output = {} if name == 'replay' else {'output': str(tmp_path / name)}
        assert visit(monkeypatch, name, **output, **dict(word.split(':=', 1) for word in words))


@pytest.fixture
def container(tmp_path):
    """verify.sh with programs that do nothing: run(**programs) -> its table, its exit code."""
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'out').mkdir()
    text = VERIFY.read_text(encoding='utf-8')
    for inside, here in (('cd /opt/ur5-rl', f'cd {ROOT}'), ('out=/verify', f'out={tmp_path}/out')):
        assert text.count(f'\n{inside}\n') == 1
        text = text.replace(f'\n{inside}\n', f'\n{here}\n')
    (tmp_path / 'verify.sh').write_text(text)
    ros2 = """
case "$*" in
  *output:=*)
    folder=${*#*output:=}
    folder=${folder%% *}
    mkdir -p $folder
    case "$*" in *calibrate*) left=calibrated.yaml;; *) left=summary.json;; esac
    echo {} >$folder/$left;;
  *echo*) echo episode_return: 1;;
esac"""
    programs = {name: '' for name in ('python3', 'Xvfb', 'import', 'sleep')}
    programs |= {'ros2': ros2, 'identify': 'echo 5000'}
    programs['colcon'] = 'echo Summary: 900 tests, 0 errors, 0 failures, 3 skipped'

    def run(**other):
        for name, body in (programs | other).items():
            (tmp_path / 'bin' / name).write_text(f'#!/bin/sh\n{body}\n')
            (tmp_path / 'bin' / name).chmod(0o755)
        done = subprocess.run(
            ['bash', str(tmp_path / 'verify.sh'), '--inside'],
            env=os.environ | {'PATH': f'{tmp_path}/bin:{os.environ["PATH"]}'},
            capture_output=True,
            encoding='utf-8',
        )
        _, _, table = done.stdout.partition('--- all\n')
        return dict(reversed(line.split()) for line in table.splitlines()), done.returncode

    return run


def test_a_table_says_what_passed(container):
    table, code = container()
    assert code == 0 and set(table.values()) == {'passed'}
    launch_files = {path.name.removesuffix('.launch.py') for path in ROOT.glob('launch/*.launch.py')}
    assert {f'arguments_{name}' for name in launch_files} <= table.keys()
    assert table.keys() >= {'colcon_test', 'gazebo', 'bag_info', 'bag_play', 'rviz_and_rqt', 'launch_replay'}


@pytest.mark.parametrize(
    'program, body, failed',
    [
        ('colcon', 'exit 1', {'colcon_test'}),
        ('colcon', 'echo Summary: 0 tests, 0 errors, 0 failures, 0 skipped', {'colcon_test'}),
        ('python3', 'case "$*" in *gazebo*) echo "SKIPPED [1] no gz";; esac', {'gazebo'}),
        ('python3', 'exit 1', {'gazebo', 'gymnasium', 'replayed_from_rosbag2'}),
        ('identify', 'echo 1', {'rviz_and_rqt'}),
        ('import', 'exit 1', {'rviz_and_rqt'}),
        ('timeout', 'case "$*" in *echo*) ;; *) shift 3; exec "$@";; esac', {'bag_play', 'launch_replay'}),
    ],
)
def test_what_fails_is_in_the_table_and_in_the_exit_code(container, program, body, failed):
    table, code = container(**{program: body})
    assert code == 1 and {name for name, verdict in table.items() if verdict == 'FAILED'} == failed


NOT_COMPLETE = """
case "$*" in
  *output:=*)
    folder=${*#*output:=}
    folder=${folder%% *}
    mkdir -p $folder
    echo '{"complete": false}' >$folder/summary.json;;
  *echo*) echo episode_return: 1;;
esac"""


@pytest.mark.parametrize('ros2', ['case "$*" in *echo*) echo episode_return: 1;; esac', NOT_COMPLETE])
def test_a_run_that_leaves_nothing_complete_has_failed_though_ros2_launch_ends_with_0(container, ros2):
    table, code = container(ros2=ros2)
    assert code == 1
    assert {name for name, verdict in table.items() if verdict == 'FAILED'} == {
        f'launch_{name}' for name in ('seq_sac', 'async_sac_1', 'async_sac_2', 'evaluate', 'calibrate')
    }


def test_a_public_host_runs_the_tests_and_verifies():
    steps = [step['run'] for job in WORKFLOW['jobs'].values() for step in job['steps'] if 'run' in step]
    assert any(step.endswith('.ci/run') for step in steps)
    assert any(step.split()[0] == 'docker/verify.sh' for step in steps)
    for step in steps:
        (script,) = [word for word in step.split() if word in ('.ci/run', 'docker/verify.sh')]
        assert os.access(ROOT / script, os.X_OK)


# pixi.toml


def test_pixi_brings_the_viewers_gazebo_and_the_middlewares_that_the_documentation_names():
    text = (ROOT / 'pixi.toml').read_text(encoding='utf-8')
    channels = re.search(r'^channels = (\[.*\])$', text, re.M)[1]
    assert [channel.rpartition('/')[2] for channel in json.loads(channels)] == [
        'robostack-jazzy',
        'conda-forge',
    ]
    named = set(re.findall(r'^(ros-jazzy-[\w-]+) = "\*"$', text, re.M))
    remedies = {word for viewer in VIEWERS for word in viewer.remedy.split() if word.startswith('ros-jazzy-')}
    in_desktop = {'ros-jazzy-rviz2', 'ros-jazzy-rqt', 'ros-jazzy-rqt-common-plugins'}
    assert 'ros-jazzy-desktop' in named and remedies - in_desktop <= named
    install = (ROOT / 'docs/install.md').read_text(encoding='utf-8')
    middlewares = set(re.findall(r'`(ros-jazzy-rmw-[\w-]+)`', install))
    assert middlewares == {name for name in named if '-rmw-' in name} and len(middlewares) == 2
    assert {'ros-jazzy-ros-gz-sim', 'ros-jazzy-ros-gz-bridge'} <= named
