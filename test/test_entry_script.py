"""./ur5rl and tools/: what a person sees, and that set-up does exactly what is missing."""

import ast
import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import (
    cli,
    extras,
    layout,
    machine,
    packages,
    preparation,
    program_environment,
    ros_kind,
    step_stamps,
    system_packages,
    ur_rtde_source,
)
from tools.commands import COMMANDS, bench, launch, monitor, setup, shell
from tools.lock import only_one
from tools.progress import ProgramFailed, Progress, detail
from tools.stop import Stop
from ur5_rl_graph import holds, whole_run

ROOT = Path(__file__).resolve().parent.parent


def ur5rl(*argv, **kwargs):
    return subprocess.run(
        [sys.executable, str(ROOT / 'ur5rl'), *argv], capture_output=True, text=True, **kwargs
    )


def python(code, **kwargs):
    """Starts Python with tools/ importable; the caller ends it."""
    return subprocess.Popen(
        [sys.executable, '-c', code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **kwargs,
    )


# what a person sees


def test_help_names_every_command_and_each_has_its_own():
    shown = ur5rl('--help').stdout
    for name, command in COMMANDS.items():
        assert f'  {name} ' in shown
        assert ur5rl(name, '--help').stdout.strip() == command.help_text()


@pytest.mark.parametrize(
    'words', ['virtual seq_sac --help', 'timeline results/run -h', 'bench virtual --help']
)
def test_help_is_shown_behind_other_words_too(words):
    done = ur5rl(*words.split())
    assert (done.returncode, done.stdout.strip()) == (0, COMMANDS[words.split()[0]].help_text())


@pytest.mark.parametrize(
    ('argv', 'expected'),
    [
        (['fly'], 'there is no command "fly"; there are setup, launch'),
        (['launch', 'fly'], 'there is no launch file "fly"'),
        (['launch'], 'launch needs the name of a launch file'),
        (['bench', 'fly'], 'there is no benchmark "fly"'),
        (['setup', 'fly'], 'setup takes torch:=auto|cpu|cuda or nothing, got "fly"'),
        (['setup', 'torch:=gpu'], 'setup takes torch:=auto|cpu|cuda or nothing, got "torch:=gpu"'),
        (['setup', 'torch:=cpu', 'x'], 'setup takes torch:=auto|cpu|cuda or nothing, got "torch:=cpu x"'),
    ],
)
def test_wrong_words_get_one_line(argv, expected):
    done = ur5rl(*argv)
    assert done.returncode == 2
    assert done.stdout == ''
    assert expected in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize('buffered', ['', '1'])
@pytest.mark.parametrize('argv', [['--help'], ['launch', '--help']])
def test_help_that_nobody_reads_ends_in_silence(argv, buffered):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, 'w') as unread:
        command = [sys.executable, str(ROOT / 'ur5rl'), *argv]
        done = subprocess.run(
            command,
            stdout=unread,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {'PYTHONUNBUFFERED': buffered},
        )
    assert (done.returncode, done.stderr) == (141, '')


def test_a_shell_writes_nothing_and_comes_after_what_a_person_has(tmp_path, monkeypatch):
    become = []
    with monkeypatch.context() as replaced:
        replaced.setattr(Path, 'write_text', None)
        replaced.setattr(shell, 'ready', dict)
        replaced.setattr(shell, 'become', lambda *words: become.append(words))
        shell.run([])
    ((bash, option, file, interactive), _) = become[0]
    for name, text in {'.ur5rl/activate.sh': 'WHOSE=ours', '.bashrc': 'WHOSE=theirs PS1=">"'}.items():
        (tmp_path / 'a b' / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'a b' / name).write_text(text)
    (tmp_path / 'a b/tools').mkdir()
    file = shutil.copy(file, tmp_path / 'a b/tools')
    done = subprocess.run(
        [bash, option, file, interactive],
        input='echo "$WHOSE $PS1"',
        capture_output=True,
        text=True,
        env=os.environ | {'HOME': str(tmp_path / 'a b')},
    )
    assert done.stdout == 'ours (ur5rl) >\n', done.stderr


@pytest.mark.parametrize('closed', ['>&-', '2>&-', '<&-', '>&- 2>&- <&-'])
def test_streams_that_a_shell_has_closed_are_no_fault_and_no_files(closed):
    done = subprocess.run(
        ['sh', '-c', f'exec "$@" {closed}', 'sh', sys.executable, str(ROOT / 'ur5rl'), '--help'],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, '')
    assert ('usage: ./ur5rl' in done.stdout) != closed.startswith('>')


@pytest.mark.parametrize('buffered', ['', '1'])
@pytest.mark.parametrize('argv', [['--help'], ['launch', '--help']])
def test_help_onto_a_full_disk_is_one_line_that_blames_no_disk_of_ours(buffered, argv):
    with open('/dev/full', 'w') as full:
        done = subprocess.run(
            [sys.executable, str(ROOT / 'ur5rl'), *argv],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {'PYTHONUNBUFFERED': buffered},
        )
    assert done.returncode == 1
    assert done.stderr == 'ur5rl: standard output cannot be written: No space left on device\n'


def test_what_a_command_prints_onto_a_full_disk_blames_no_disk_of_ours(monkeypatch, capsys):
    monkeypatch.setattr(COMMANDS['setup'], 'run', lambda argv: print('ready'))
    with open('/dev/full', 'w') as full:
        monkeypatch.setattr(sys, 'stdout', full)
        assert cli.main(['setup']) == 1
    assert capsys.readouterr().err == 'ur5rl: standard output cannot be written: No space left on device\n'


@pytest.mark.parametrize('number', [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_under_a_command_is_one_line(monkeypatch, capsys, number):
    def ready():
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(setup, 'ready', ready)
    assert cli.main(['setup']) == 1
    assert re.fullmatch('ur5rl: the disk .* is full: .*\n', capsys.readouterr().err)


def test_bench_help_shows_the_first_line_of_each_benchmark(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, 'BENCHMARKS', tmp_path)
    (tmp_path / 'cycle.py').write_text('"""The action cycle.\n\nMore."""\nraise SystemExit\n')
    (tmp_path / '_table.py').write_text('"""A helper."""\n')
    assert bench.help_text().splitlines()[-1] == '  cycle  The action cycle.'


def test_a_benchmark_of_torch_alone_runs_where_nothing_is_set_up(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, 'VENV_PYTHON', tmp_path / 'none')
    monkeypatch.setattr(bench, 'ready', lambda: {'set': 'up'})
    monkeypatch.setattr(bench, 'TORCH', ('json',))
    monkeypatch.setenv('PYTHONPATH', '/where/torch/is')
    path = tmp_path / 'update.py'
    path.write_text('"""Updates."""\nONLY_TORCH = True\n')
    python, env = bench._python(path)
    assert python == sys.executable
    found = env['PYTHONPATH'].split(':')
    assert str(ROOT / 'src' / 'sac_learner') in found and found[-1] == '/where/torch/is'
    monkeypatch.delenv('PYTHONPATH')
    assert bench._python(path)[1]['PYTHONPATH'].split(':') == found[:-1]
    monkeypatch.setattr(bench, 'TORCH', ('json', 'no_such_module'))
    assert bench._python(path) == ('python', {'set': 'up'})
    monkeypatch.setattr(bench, 'TORCH', ('json',))
    monkeypatch.setattr(bench, 'VENV_PYTHON', path)
    assert bench._python(path)[1] == {'set': 'up'}  # of what is set up, that is taken
    monkeypatch.setattr(bench, 'VENV_PYTHON', tmp_path / 'none')
    path.write_text('"""The cycle."""\n')
    assert bench._python(path) == ('python', {'set': 'up'})


def test_the_entry_file_parses_on_any_python_3_and_refuses_an_unfit_one():
    text = (ROOT / 'ur5rl').read_text()
    tree = ast.parse(text, feature_version=(3, 4))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr | ast.AnnAssign)]
    for version in ((3, 9, 1), (3, 14, 0)):
        code = (
            f'import sys; sys.version_info = {version}; sys.argv = ["", "test"]; exec(open("ur5rl").read())'
        )
        done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 1
        assert done.stderr == (
            f'ur5rl: this is Python 3.{version[1]}, and the ROS 2 packages are for 3.10 to 3.13: '
            'run it with one of those, for example "python3.12 ./ur5rl test"\n'
        )


def test_a_full_disk_anywhere_is_one_line(monkeypatch, capsys):
    def full(argv):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr(COMMANDS['setup'], 'run', full)
    assert cli.main(['setup']) == 1
    assert re.fullmatch(r'ur5rl: the disk that holds .* is full: .*\n', capsys.readouterr().err)


@pytest.mark.parametrize(
    ('code', 'owner', 'expected'),
    [
        (
            13,
            1,
            r'/a/b: Permission denied: .* belongs to daemon, and this is me: run this as daemon, or in',
        ),
        (
            1,
            4242,
            r'/a/b: Operation not permitted: .* belongs to user 4242, and this is me: run this as user 4242',
        ),
        (13, 7, r'/a/b: Permission denied: make .* readable and writable for you'),
        (30, 1, r'/a/b: Read-only file system: make .* readable and writable for you'),
    ],
)
def test_what_another_user_has_set_up_is_one_line(monkeypatch, capsys, tmp_path, code, owner, expected):
    def refused(argv):
        raise OSError(code, os.strerror(code), '/a/b')

    monkeypatch.setattr(COMMANDS['setup'], 'run', refused)
    monkeypatch.setattr(
        cli, 'STATE', SimpleNamespace(exists=lambda: True, stat=lambda: SimpleNamespace(st_uid=owner))
    )
    monkeypatch.setattr(cli.os, 'geteuid', lambda: 7)
    names = {1: 'daemon', 7: 'me'}
    monkeypatch.setattr(cli.pwd, 'getpwuid', lambda user: SimpleNamespace(pw_name=names[user]))
    assert cli.main(['setup']) == 1
    assert re.fullmatch(f'ur5rl: {expected}.*\n', capsys.readouterr().err)


def test_an_error_that_no_person_can_put_right_is_not_hidden(monkeypatch):
    def broken(argv):
        raise OSError(5, 'Input/output error')

    monkeypatch.setattr(COMMANDS['setup'], 'run', broken)
    with pytest.raises(OSError, match='Input/output'):
        cli.main(['setup'])


# the machine


def test_a_full_disk_is_named_before_anything_is_installed(monkeypatch):
    monkeypatch.setattr(machine.shutil, 'disk_usage', lambda path: SimpleNamespace(free=3 << 29))
    for cuda, needed in ((False, r'4\.0'), (True, r'12\.0')):
        with pytest.raises(Stop, match=rf'has 1\.5 GB free, set-up needs {needed} GB: free some space'):
            machine.check_disk(packages_too=True, cuda=cuda)
        machine.check_disk(packages_too=False, cuda=cuda)


def lie_in(monkeypatch, folder):
    monkeypatch.setattr(machine, 'ROOT', Path(folder))
    monkeypatch.setattr(machine, 'VENV_PYTHON', Path(folder) / '.ur5rl/venv/bin/python')


@pytest.mark.parametrize('unfit', [*' \t\n\x1b:"\'&();$,\\[]|<>!{}*?ü\udcfc'])
def test_a_checkout_in_whose_folder_no_program_could_start_is_refused(monkeypatch, unfit):
    folder = f'/home/me/a{unfit}b/ur5>'
    lie_in(monkeypatch, folder)
    with pytest.raises(Stop) as refusal:
        machine.check_folder()
    said = f'the folder of this checkout, {ascii(folder)}, has {ascii(unfit)} in its path'
    assert str(refusal.value).startswith(said) and 'move it to one without' in str(refusal.value)
    assert str(refusal.value).isascii() and str(refusal.value).isprintable()


def test_a_checkout_may_lie_in_a_folder_of_the_characters_that_the_documentation_names(monkeypatch):
    text = (ROOT / 'docs/install.md').read_text(encoding='utf-8')
    (named,) = re.findall(r'digits and `(\S+)`', text)
    lie_in(monkeypatch, f'/{named}/azAZ09')
    machine.check_folder()
    lie_in(monkeypatch, '/' + 'a' * 255)
    with pytest.raises(Stop) as refusal:
        machine.check_folder()
    (longest,) = re.findall(r'at most (\d+) bytes', text)
    assert f'start up to {longest}:' in str(refusal.value)


def test_the_folder_is_looked_at_before_all_else_also_where_its_name_is_no_text(tmp_path):
    checkout = Path(os.fsdecode(os.fsencode(tmp_path) + b'/caf\xe9'))
    shutil.copytree(ROOT / 'tools', checkout / 'tools')
    shutil.copy(ROOT / 'ur5rl', checkout)
    done = subprocess.run(
        [sys.executable, checkout / 'ur5rl', 'setup'], capture_output=True, encoding='utf-8'
    )
    assert done.returncode == 1 and done.stdout == ''
    assert r"has '\udce9' in its path" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_path_is_refused_that_makes_the_first_line_of_programs_longer_than_the_kernel_reads(
    monkeypatch, tmp_path
):
    end = '.ur5rl/venv/bin/python'
    python = tmp_path / ('x' * (255 - len(f'#!{tmp_path}//{end}\n'))) / end
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    program = tmp_path / 'program'
    program.write_text(f'#!{python}\n')
    program.chmod(0o755)
    assert len(program.read_bytes()) == 255 and subprocess.run([program]).returncode == 0
    root = python.parents[3]
    for extra, refused in (('', False), ('z', True)):
        lie_in(monkeypatch, root.with_name(root.name + extra))
        with pytest.raises(Stop, match='bytes; programs in it start up to') if refused else nullcontext():
            machine.check_folder()


@pytest.fixture
def bare(monkeypatch):
    """A machine with Debian's Python and nothing else, where no one is root."""
    monkeypatch.setenv('PATH', '/nowhere')
    monkeypatch.delenv('CXX', raising=False)
    for check in ('has_venv', 'has_headers'):
        monkeypatch.setattr(machine, check, lambda: False)
    monkeypatch.setattr(ur_rtde_source, 'missing_debian_packages', lambda: ['libboost-thread-dev'])
    monkeypatch.setattr(system_packages, 'drawing_fault', lambda: 'libEGL.so.1: not there')
    monkeypatch.setattr(system_packages.sys, 'base_prefix', '/usr')
    monkeypatch.setattr(os, 'geteuid', lambda: 1000)


PYTHON = f'python3.{sys.version_info[1]}'
OPENGL = 'libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri'


def refused(lacks):
    with pytest.raises(Stop) as stop:
        system_packages.refuse(lacks)
    return str(stop.value)


def test_all_that_is_missing_is_one_line_with_one_command(bare):
    assert refused(system_packages.lacking()) == (
        f'{sys.executable} on this machine lacks a C++ compiler; venv with pip (ensurepip); Python.h; Boost, '
        'to build ur_rtde; OpenGL that draws off screen (libEGL.so.1: not there; MUJOCO_GL=disabled does '
        'without): '
        f'run "sudo apt-get install g++ {PYTHON}-venv {PYTHON}-dev libboost-thread-dev {OPENGL}" '
        '(or what another system than Debian calls these), then run this again'
    )


def test_each_missing_thing_alone_is_named_with_its_package(bare, monkeypatch):
    monkeypatch.setattr(machine, 'compiler', lambda: '/usr/bin/c++')
    monkeypatch.setattr(ur_rtde_source, 'missing_debian_packages', lambda: [])
    monkeypatch.setattr(machine, 'has_headers', lambda: True)
    monkeypatch.setattr(system_packages, 'drawing_fault', lambda: '')
    assert [lack.packages for lack in system_packages.lacking()] == [(f'{PYTHON}-venv',)]
    monkeypatch.setattr(machine, 'has_venv', lambda: True)
    monkeypatch.setattr(machine, 'has_headers', lambda: False)
    assert [lack.packages for lack in system_packages.lacking()] == [(f'{PYTHON}-dev',)]
    monkeypatch.setattr(machine, 'has_headers', lambda: True)
    monkeypatch.setattr(system_packages, 'drawing_fault', lambda: 'x')
    assert [' '.join(lack.packages) for lack in system_packages.lacking()] == [OPENGL]
    monkeypatch.setattr(system_packages, 'drawing_fault', lambda: '')
    assert system_packages.lacking() == []
    system_packages.refuse([])


def test_what_debian_cannot_bring_is_named_without_a_package(bare, monkeypatch):
    monkeypatch.setenv('CXX', 'mine')  # one that was named is not replaced
    monkeypatch.setattr(system_packages.sys, 'base_prefix', '/opt/python')
    monkeypatch.setattr(ur_rtde_source, 'missing_debian_packages', lambda: [])
    monkeypatch.setattr(system_packages, 'drawing_fault', lambda: '')
    assert system_packages.packages_of(system_packages.lacking()) == []
    assert refused(system_packages.lacking()).endswith(
        ' lacks the C++ compiler $CXX, "mine"; venv with pip (ensurepip); Python.h: see to the C++ compiler '
        '$CXX, "mine", see to venv with pip (ensurepip), see to Python.h, then run this again'
    )


@pytest.mark.parametrize(
    ('program', 'fault'),
    [
        ('pass', ''),
        ('import sys; print("noise", file=sys.stderr); sys.exit("no EGL")', 'no EGL'),
        ('raise SystemExit(3)', 'exit code 3'),
        ('import os; os.kill(os.getpid(), 11)', 'it was killed by signal 11'),
    ],
)
def test_drawing_is_tried_in_a_child_that_may_end_as_it_likes(tmp_path, monkeypatch, program, fault):
    path = tmp_path / 'draw.py'
    path.write_text(program)
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    assert system_packages.drawing_fault(path) == fault
    monkeypatch.setenv('MUJOCO_GL', 'egl')
    assert system_packages.drawing_fault(path) == fault
    monkeypatch.setenv('MUJOCO_GL', 'disabled')  # a person's own choice
    assert system_packages.drawing_fault(path) == ''


def test_a_driver_that_hangs_is_a_fault(tmp_path, monkeypatch):
    path = tmp_path / 'draw.py'
    path.write_text('import signal; signal.pause()')
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    assert system_packages.drawing_fault(path, timeout_s=0.1) == 'it hangs for more than 0.1 s'


def test_this_machine_draws(monkeypatch):
    monkeypatch.delenv('MUJOCO_GL', raising=False)
    assert system_packages.drawing_fault() == ''


def test_opengl_that_is_not_there_is_named():
    names = "d._OPENGL_LIBRARIES = ('libNone.so.0', 'libNone.so.1')"
    code = f'import tools.draw_once as d; {names}; d.main()'
    done = python(code)
    assert 'RuntimeError: none of libNone.so.0, libNone.so.1 is there' in done.communicate()[1]


@pytest.fixture
def empty_machine(bare, monkeypatch, tmp_path):
    """One on which steps do nothing; returns what apt-get was asked for, and what it brings."""
    asked, brings = [], [True]

    def install(names, progress):
        asked.extend(names)
        if brings[0]:
            monkeypatch.setattr(system_packages, 'lacking', list)

    monkeypatch.setattr(system_packages, 'can_install', lambda: True)
    monkeypatch.setattr(system_packages, 'install', install)
    monkeypatch.setattr(machine, 'check_platform', lambda: None)
    monkeypatch.setattr(machine, 'check_disk', lambda packages_too, cuda: None)
    monkeypatch.setattr(
        preparation,
        '_STEPS',
        {name: lambda kind, progress: None for name in ('venv', 'packages', 'workspace')},
    )
    monkeypatch.setattr(step_stamps, 'STAMPS', tmp_path)
    monkeypatch.setattr(preparation, 'SOCKETS', Path('/dev/null'))  # whatever runs on this machine
    return asked, brings


@pytest.mark.parametrize('pending', [['venv', 'packages', 'workspace'], ['workspace']])
def test_as_root_what_is_missing_is_installed_first(empty_machine, pending, tmp_path, capsys):
    preparation._make(ros_kind.WHEELS, pending)
    names = f'g++ {PYTHON}-venv {PYTHON}-dev libboost-thread-dev {OPENGL}'
    assert ' '.join(empty_machine[0]) == names
    assert f'[1/{1 + len(pending)}] installing Debian packages: {names} ...' in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(pending)


def test_what_apt_get_could_not_bring_ends_set_up_before_the_next_step(empty_machine, tmp_path):
    empty_machine[1][0] = False
    with pytest.raises(Stop, match=r'lacks a C\+\+ compiler; .*; OpenGL'):
        preparation._make(ros_kind.WHEELS, ['venv', 'packages', 'workspace'])
    assert list(tmp_path.iterdir()) == []


def test_without_root_one_line_comes_at_once_and_nothing_else(empty_machine, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(system_packages, 'can_install', lambda: False)
    with pytest.raises(Stop, match=r'lacks a C\+\+ compiler; .*; OpenGL'):
        preparation._make(ros_kind.WHEELS, ['venv', 'packages', 'workspace'])
    assert empty_machine[0] == [] and list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ''


def test_as_root_what_debian_cannot_bring_ends_set_up_at_once(empty_machine, monkeypatch, capsys):
    monkeypatch.setattr(system_packages, 'lacking', lambda: [system_packages.Lack('Python.h')])
    with pytest.raises(Stop, match=r'lacks Python.h: see to Python.h, then'):
        preparation._make(ros_kind.WHEELS, ['venv'])
    assert empty_machine[0] == [] and capsys.readouterr().out == ''


@pytest.mark.parametrize(('distro', 'kind'), [(None, ros_kind.WHEELS), ('jazzy', ros_kind.SYSTEM)])
def test_which_ros(monkeypatch, distro, kind):
    monkeypatch.delenv('ROS_DISTRO', raising=False)
    if distro:
        monkeypatch.setenv('ROS_DISTRO', distro)
    assert ros_kind.ros_kind() == kind


def test_another_ros_is_refused(monkeypatch):
    monkeypatch.setenv('ROS_DISTRO', 'humble')
    with pytest.raises(Stop, match='ROS_DISTRO is "humble", and this needs Jazzy or none'):
        ros_kind.ros_kind()


# packages


def test_every_requirement_is_pinned():
    for path in [*(ROOT / 'tools').glob('requirements*.txt'), ROOT / 'tools' / 'constraints.txt']:
        for line in path.read_text().splitlines():
            assert line.startswith('#') or re.match(
                r'[\w.-]+(\[\w+\])?==[\w.]+(; python_version .*)?$', line
            ), line


@pytest.fixture(params=[extras.THE_VIEWER, extras.THE_PEERS], ids=lambda extra: extra.name)
def extra_place(request, tmp_path, monkeypatch):
    """An extra in a place of this test's own, and what pip was called with."""
    calls = []
    monkeypatch.setattr('tools.step_stamps.STAMPS', tmp_path / 'stamps')
    for name, path in (('LOCK', 'lock'), ('TEMPORARY', 'tmp')):
        monkeypatch.setattr(extras, name, tmp_path / path)
    extra = request.param._replace(folder=tmp_path / 'extra')

    def install(self, command, log, env):
        calls.append(command)
        extra.folder.mkdir()

    monkeypatch.setattr(Progress, 'run', install)
    return extra, calls


def test_an_extra_is_installed_once_and_comes_after_all_else(extra_place, capsys):
    extra, calls = extra_place
    folder = extra.folder
    folder.mkdir()
    (folder / 'half').touch()  # of an installation that was cut off
    for _ in range(2):
        env = extras.with_extra(extra, {'PYTHONPATH': '/a:/b', 'HOME': '/h'})
        assert env == {'PYTHONPATH': f'/a:/b:{folder}', 'HOME': '/h'}
    assert extras.with_extra(extra, {})['PYTHONPATH'] == str(folder)
    (command,) = calls
    assert command[1:4] == ['-m', 'pip', 'install'] and '--no-deps' in command
    assert command[command.index('--target') + 1] == str(folder) and list(folder.iterdir()) == []
    assert command[command.index('-r') + 1] == str(extra.requirements)
    assert f'installing {extra.what}' in capsys.readouterr().out
    folder.rmdir()  # somebody wanted the room on the disk
    extras.with_extra(extra, {})
    assert len(calls) == 2


def test_extras_do_not_share_a_folder_nor_a_stamp():
    assert extras.THE_VIEWER.folder != extras.THE_PEERS.folder
    assert extras.THE_VIEWER.name != extras.THE_PEERS.name


def test_an_extra_brings_nothing_that_the_environment_has():
    pinned = {
        line.partition('==')[0].lower()
        for path in (layout.REQUIREMENTS, layout.REQUIREMENTS_ROS, layout.CONSTRAINTS)
        for line in path.read_text().splitlines()
        if '==' in line
    }
    for extra in (extras.THE_VIEWER, extras.THE_PEERS):
        brought = {
            line.partition('==')[0] for line in extra.requirements.read_text().splitlines() if '==' in line
        }
        assert brought and not brought & pinned


def test_an_extra_that_cannot_be_installed_is_said_and_tried_again(extra_place, monkeypatch):
    extra, calls = extra_place

    def fail(self, command, log, env):
        calls.append(command)
        raise ProgramFailed(Path('/x/pip.log'), 'NewConnectionError', 1)

    monkeypatch.setattr(Progress, 'run', fail)
    for _ in range(2):
        with pytest.raises(Stop, match=f'could not install {extra.what}: no package index answers'):
            extras.with_extra(extra, {})
    assert len(calls) == 2


def test_a_benchmark_that_says_so_has_the_peers(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, 'ready', lambda: {'set': 'up'})
    monkeypatch.setattr(bench, 'with_extra', lambda extra, env: env | {'has': extra.name})
    path = tmp_path / 'beside.py'
    path.write_text('"""Beside others."""\nNEEDS_PEERS = True\n')
    assert bench._python(path) == ('python', {'set': 'up', 'has': 'peers'})
    path.write_text('"""Alone."""\n')
    assert bench._python(path) == ('python', {'set': 'up'})
    asks = [name for name, path in bench.benchmarks().items() if 'has' in bench._python(path)[1]]
    assert asks == ['peers']


def test_a_view_of_what_is_not_there_installs_nothing(monkeypatch):
    monkeypatch.setattr(monitor, 'ready', lambda: pytest.fail('it was to be refused first'))
    for path in ('/nowhere', '/nowhere/lr=1e-3'):
        with pytest.raises(Stop, match=f'there is no {path}; give the folder of a run or of a bag') as stop:
            monitor.run(['port:=9100', path])
        assert stop.value.code == 2


def test_a_view_of_a_folder_that_holds_nothing_to_show_installs_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(monitor, 'ready', lambda: pytest.fail('it was to be refused first'))
    (tmp_path / 'notes.txt').touch()
    for path in (tmp_path, tmp_path / 'notes.txt'):
        with pytest.raises(
            Stop, match=rf'{path} holds neither a run \(run.json\) nor a bag .*; give'
        ) as stop:
            monitor.run([str(path)])
        assert stop.value.code == 2


@pytest.mark.parametrize('name', ['run.json', 'bag/a.mcap', 'a.mcap', 'a.db3'])
def test_a_view_of_a_run_or_of_a_bag_is_begun(tmp_path, monkeypatch, name):
    begun = []
    monkeypatch.setattr(monitor, 'ready', dict)
    monkeypatch.setattr(monitor, 'with_extra', lambda extra, env: env)
    monkeypatch.setattr(monitor, 'become_python', lambda *words: begun.append(words))
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    monitor.run([str(tmp_path), 'port:=1'])
    assert begun == [('ur5_rl_monitor.watch', [str(tmp_path), 'port:=1'], {})]


@pytest.mark.parametrize(('words', 'asked'), [(['monitor:=true'], True), (['view:=true'], False)])
def test_a_launch_has_the_viewer_where_it_is_to_show_itself(tmp_path, monkeypatch, words, asked):
    begun = []
    monkeypatch.setattr(launch, 'ready', lambda: {'HOME': str(tmp_path)})
    monkeypatch.setattr(launch, 'with_extra', lambda extra, env: env | {extra.name.upper(): 'there'})
    monkeypatch.setattr(launch, 'become', lambda argv, env: begun.append(env))
    launch.run(['async_sac_2', *words])
    assert ('VIEWER' in begun[0]) == asked


@pytest.mark.parametrize(
    ('output', 'expected'),
    [
        (
            'x\nERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n',
            'disk is full',
        ),
        (
            'WARNING: Retrying ... NewConnectionError\nERROR: (from versions: none)\n',
            'no package index answers',
        ),
        ('first\nERROR: ResolutionImpossible\n', 'last lines:\n    first\n    ERROR: ResolutionImpossible'),
    ],
)
def test_the_causes_of_a_failing_pip(output, expected):
    stop = packages.explained(
        ProgramFailed(Path('/x/pip.log'), output, 1), 'pip could not install the packages'
    )
    assert str(stop).startswith('pip could not install the packages')
    assert expected in str(stop)
    assert '/x/pip.log' in str(stop)


def test_a_killed_pip_says_which_signal():
    stop = packages.explained(
        ProgramFailed(Path('/x/pip.log'), 'Collecting', -9), 'pip could not install the packages'
    )
    assert 'killed by signal 9 (9: often for lack of memory); run this again' in str(stop)


def test_python_3_13_builds_ur_rtde_and_names_what_that_needs(monkeypatch, tmp_path):
    monkeypatch.setattr(ur_rtde_source, 'is_needed', lambda: False)
    assert ur_rtde_source.missing_debian_packages() == []
    monkeypatch.setattr(ur_rtde_source, 'missing_debian_packages', lambda: ['libboost-thread-dev'])
    monkeypatch.undo()
    monkeypatch.setattr(ur_rtde_source, 'is_needed', lambda: True)
    monkeypatch.setattr(ur_rtde_source, '_FOLDERS', (tmp_path,))
    (tmp_path / 'libboost_thread.so').touch()
    assert ur_rtde_source.missing_debian_packages() == ['libboost-system-dev', 'libboost-program-options-dev']


def test_targets_of_the_wheels_are_repaired_once(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, 'VENV', tmp_path)
    numpy_include = program_environment.site_packages(tmp_path) / 'numpy' / '_core' / 'include'
    numpy_include.mkdir(parents=True)
    target = tmp_path / 'share' / 'x_msgs' / 'cmake' / 'export_x_msgs__rosidl_generator_pyExport.cmake'
    target.parent.mkdir(parents=True)
    built = '/opt/python/cp311-cp311'
    target.write_text(
        f'A "{built}/include/python3.11;{built}/lib/python3.11/site-packages/numpy/_core/include"\n'
    )
    assert packages.repair_cmake_targets() == 1
    assert target.read_text() == f'A "{packages.sysconfig.get_path("include")};{numpy_include}"\n'
    assert packages.repair_cmake_targets() == 0


def test_what_pip_left_half_installed_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, 'VENV', tmp_path)
    whole, half = (
        program_environment.site_packages(tmp_path) / f'{name}-1.dist-info' for name in ('whole', 'half')
    )
    for folder in (whole, half):
        folder.mkdir(parents=True)
    (whole / 'INSTALLER').write_text('pip')
    packages._forget_half_installed()
    assert whole.exists()
    assert not half.exists()


# what is pending


@pytest.mark.parametrize('there', [True, False])
def test_a_run_keeps_the_environment_that_it_was_started_from(empty_machine, monkeypatch, tmp_path, there):
    monkeypatch.setattr(preparation, 'VENV', tmp_path if there else tmp_path / 'none')
    monkeypatch.setattr(preparation, 'SOCKETS', Path('/proc/net/unix'))
    name = whole_run.launch_name(f'run_of_{os.getpid()}')
    holds.hold(name)
    try:
        preparation._make(ros_kind.WHEELS, ['packages', 'workspace'])
        refusal = pytest.raises(Stop, match='^a run goes on .* would remove .*: end the run, or .*$')
        with refusal if there else nullcontext():
            preparation._make(ros_kind.WHEELS, ['venv', 'packages', 'workspace'])
    finally:
        holds.release(name)


def test_what_a_step_was_made_from_may_have_a_name_that_is_no_text():
    assert step_stamps.content_hash([], '/opt/caf\udce9') != step_stamps.content_hash([], '/opt/caf\udce8')


def test_a_changed_message_asks_for_a_build_and_a_changed_requirement_for_all_that_follows(
    tmp_path, monkeypatch
):
    message, requirement = tmp_path / 'A.msg', tmp_path / 'requirements.txt'
    message.write_text('int64 a')
    requirement.write_text('a==1')
    monkeypatch.setattr(step_stamps, 'ROOT', tmp_path)
    monkeypatch.setattr(step_stamps, 'STAMPS', tmp_path / 'stamps')
    monkeypatch.setattr(preparation, 'CONSTRAINTS', requirement)
    monkeypatch.setattr(preparation, 'VENV_PYTHON', message)
    monkeypatch.setattr(preparation, 'ACTIVATE', message)
    monkeypatch.setattr(packages, 'requirement_files', lambda kind: [requirement])
    monkeypatch.setattr(preparation.workspace, 'built_from', lambda: [message])
    kind = ros_kind.WHEELS
    assert preparation._pending(kind) == ['venv', 'packages', 'workspace']
    for name, value in preparation._expected(kind).items():
        step_stamps.write(name, value)
    assert preparation._pending(kind) == []
    message.write_text('int64 b')
    assert preparation._pending(kind) == ['workspace']
    requirement.write_text('a==2')
    assert preparation._pending(kind) == ['packages', 'workspace']
    step_stamps.clear('venv')
    assert preparation._pending(kind) == ['venv', 'packages', 'workspace']


def test_only_a_launch_file_that_is_new_asks_for_a_build(tmp_path, monkeypatch):
    """ros2 launch looks for it by name in what is installed; all else is read in the checkout."""
    monkeypatch.setattr(preparation.workspace, 'ROOT', tmp_path)
    monkeypatch.setattr(preparation.workspace, 'LAUNCH_FILES', tmp_path / 'launch')
    for folder in ('launch/include', 'config', 'checkpoints', 'bags'):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / 'launch/a.launch.py').touch()
    before = preparation._expected(ros_kind.WHEELS)
    for name in ('launch/.a.launch.py.swp', 'launch/a.launch.py~', 'config/.b.yaml.swp', 'config/b.yaml'):
        (tmp_path / name).touch()
    (tmp_path / 'launch/.#a.launch.py').symlink_to('somebody@nowhere')
    (tmp_path / 'checkpoints/mine.safetensors').touch()
    assert preparation._expected(ros_kind.WHEELS) == before
    (tmp_path / 'launch/include/b.launch.py').touch()
    assert preparation._expected(ros_kind.WHEELS)['workspace'] != before['workspace']


def test_a_terminal_that_has_sourced_our_own_file_is_set_up_like_any_other(monkeypatch):
    for path in ('', '/opt/ros/jazzy', '/their/install:/opt/ros/jazzy'):
        monkeypatch.setenv('AMENT_PREFIX_PATH', path)
        before = preparation._expected(ros_kind.SYSTEM)
        ours = program_environment.applied(os.environ, program_environment.changes(ros_kind.SYSTEM))
        monkeypatch.setenv('AMENT_PREFIX_PATH', ours['AMENT_PREFIX_PATH'])
        assert str(layout.INSTALL) in os.environ['AMENT_PREFIX_PATH']
        assert preparation._expected(ros_kind.SYSTEM) == before
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/opt/ros/rolling')
    assert preparation._expected(ros_kind.SYSTEM)['venv'] != before['venv']


@pytest.mark.parametrize(
    ('build', 'gpu', 'cuda'),
    [
        (None, False, False),
        (None, True, True),
        ('auto', True, True),
        ('cpu', True, False),
        ('cuda', False, True),
    ],
)
def test_the_build_of_torch_that_was_asked_for_is_kept(monkeypatch, tmp_path, build, gpu, cuda):
    monkeypatch.setattr(packages, 'TORCH', tmp_path / '.ur5rl' / 'torch')
    monkeypatch.setattr(machine, 'has_nvidia_gpu', lambda: gpu)
    answers = SimpleNamespace(close=lambda: None)
    monkeypatch.setattr(packages.urllib.request, 'urlopen', lambda address, timeout: answers)
    before = preparation._expected(ros_kind.WHEELS)
    if build:
        monkeypatch.setattr(setup, 'ready', lambda: None)
        setup.run([f'torch:={build}'])
    assert packages.torch_build() == (build or 'auto')
    assert packages.wants_cuda() == cuda
    assert packages._torch_index()[1] == ('torch with CUDA' if cuda else 'torch for CPU')
    # another build than by itself takes a new environment: pip leaves an installed torch as it is
    after = preparation._expected(ros_kind.WHEELS)
    assert (after['venv'] == before['venv']) == (build in (None, 'auto'))


def test_a_second_set_up_waits_and_says_so(tmp_path):
    path = str(tmp_path / 'lock')
    code = f'from pathlib import Path; from tools.lock import only_one\nwith only_one(Path({path!r})): pass'
    with only_one(tmp_path / 'lock'):
        second = python(code)
        line = second.stdout.readline()
        assert line == f'another set-up is at work here (process {os.getpid()}); waiting for it\n'
        assert second.poll() is None
    assert second.wait(timeout=30) == 0


# the environment


def changed():
    return [
        program_environment.Change('prepend', 'SOME_PATH', '/a b/bin:/c'),
        program_environment.Change('set', 'FIXED', '1'),
        program_environment.Change('default', 'CHOICE', 'ours'),
    ]


@pytest.mark.parametrize('before', [{}, {'SOME_PATH': '/usr/bin', 'CHOICE': 'theirs', 'FIXED': '0'}])
def test_the_file_to_source_and_the_dictionary_agree_and_twice_is_once(before):
    once = program_environment.applied(before, changed())
    assert program_environment.applied(once, changed()) == once
    text = program_environment.shell_text(changed())
    shown = subprocess.run(
        [
            'bash',
            '--norc',
            '-c',
            f'{text}\n{text}\nfor n in SOME_PATH FIXED CHOICE; do echo "$n=${{!n}}"; done',
        ],
        env={'PATH': os.environ['PATH'], **before},
        capture_output=True,
        text=True,
    ).stdout
    assert shown.splitlines() == [f'{name}={once[name]}' for name in ('SOME_PATH', 'FIXED', 'CHOICE')]


def test_with_an_installed_ros_the_stand_in_is_left_out():
    assert 'ros2_standin' in program_environment.shell_text(program_environment.changes(ros_kind.WHEELS))
    assert 'ros2_standin' not in program_environment.shell_text(program_environment.changes(ros_kind.SYSTEM))


def test_a_middleware_that_is_not_installed_is_refused_before_any_program_starts(tmp_path, monkeypatch):
    index = tmp_path / 'share/ament_index/resource_index/rmw_typesupport'
    monkeypatch.setattr(program_environment, 'INSTALL', tmp_path)
    monkeypatch.setattr(program_environment, 'VENV', tmp_path)
    monkeypatch.setenv('AMENT_PREFIX_PATH', '')
    monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_c')
    assert (
        program_environment.environment(ros_kind.WHEELS)['RMW_IMPLEMENTATION'] == 'rmw_c'
    )  # nothing is known
    index.mkdir(parents=True)
    for name in ('rmw_implementation', 'rmw_b', 'rmw_a'):
        (index / name).touch()
    expected = "RMW_IMPLEMENTATION is 'rmw_c', which is not installed; installed is rmw_a, rmw_b: set it"
    with pytest.raises(Stop, match=expected):
        program_environment.environment(ros_kind.WHEELS)
    monkeypatch.setenv('RMW_IMPLEMENTATION', 'rmw_a')
    program_environment.environment(ros_kind.WHEELS)


# programs


@pytest.mark.parametrize(
    ('output', 'shown'),
    [
        ('Collecting torch==2.9.1 (from -r x)\nWARNING: Location is ignored\n', ', Collecting torch'),
        (
            '  Downloading https://a/b/torch-2.9.1-cp311.whl (90 MB)\n   \u2501\u2501 1.0/90 MB\n',
            ', Downloading torch-2.9.1-cp311.whl',
        ),
        ('Installing collected packages: mpmath, typing-extensions\n', ', Installing collected packages'),
        ('er, glfw\n  Attempting uninstall: setuptools\n', ''),
        ('[2/9] a\r[3/9] Building CXX object CMakeFiles/x.o', ', 3 of 9 files'),
        ('Unpacking libegl1:amd64 (1.6.0-1) ...\nSelecting previously', ', Unpacking libegl1'),
        ('', ''),
    ],
)
def test_what_a_long_program_is_at(output, shown):
    assert detail(output) == shown


def test_a_failing_program_leaves_its_output_in_the_log(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr('tools.progress.LOG', tmp_path)
    progress = Progress(2)
    progress.start('working')
    with pytest.raises(ProgramFailed) as failed:
        progress.run(['sh', '-c', 'echo what it said; exit 3'], 'x.log')
    progress.failed()
    progress.failed()
    assert failed.value.code == 3
    assert failed.value.output == (tmp_path / 'x.log').read_text() == 'what it said\n'
    assert capsys.readouterr().out == '[1/2] working ...\n[1/2] working failed\n'


def runs(pid):
    """Whether a process is there and no zombie."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().split()[2] != 'Z'
    except OSError:
        return False


@pytest.mark.parametrize('handle_after_s', [0.0, 1.0])  # the program runs before its Popen is there
def test_an_interrupt_ends_the_program_and_all_it_started(tmp_path, handle_after_s):
    code = (
        'import signal, subprocess, time, tools.progress as p; from pathlib import Path\n'
        'signal.signal(signal.SIGINT, signal.default_int_handler)\n'
        'class Late(subprocess.Popen):\n'
        '    def __init__(self, *args, **kwargs):\n'
        f'        super().__init__(*args, **kwargs); time.sleep({handle_after_s})\n'
        'subprocess.Popen = Late\n'
        f'p.LOG = Path({str(tmp_path)!r}); x = p.Progress(1); x.start("s")\n'
        'try: x.run(["sh", "-c", "sleep 60 & echo $!; wait"], "x.log")\n'
        'except KeyboardInterrupt: print("interrupted")'
    )
    program = python(code)
    program.stdout.readline()
    log = tmp_path / 'x.log'
    while not (log.exists() and log.read_text().strip()):
        assert program.poll() is None
    program.send_signal(signal.SIGINT)
    out, _ = program.communicate(timeout=30)
    assert out.endswith('interrupted\n')
    sleeper = int(log.read_text())
    deadline = time.monotonic() + 10.0
    while runs(sleeper):  # its end is in the kernel's hands by now
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize('home', [None, '', '/proc/nowhere'])
def test_a_launch_logs_under_the_checkout_where_there_is_no_home_to_log_in(home):
    env = {'PATH': '/bin'} | ({} if home is None else {'HOME': home})
    assert launch.with_log_folder(env) == env | {'ROS_LOG_DIR': str(ROOT / '.ur5rl/ros_log')}


def test_a_launch_logs_where_the_user_and_ros_have_it(tmp_path):
    for env in (
        {'HOME': str(tmp_path)},
        {'HOME': '/proc/x', 'ROS_HOME': str(tmp_path)},
        {'ROS_LOG_DIR': '/x'},
    ):
        assert launch.with_log_folder(env) == env


def test_what_is_launched_gets_each_signal_once_and_gives_its_exit_code():
    count = 'n=0; trap "n=\\$((n+1))" INT; echo on; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.2'
    words = ['bash', '-c', f'{count}; exit $((40+n))']
    program = python(f'import os; from tools.handover import become; become({words!r}, os.environ)')
    assert program.stdout.readline() == 'on\n'
    program.send_signal(signal.SIGINT)
    assert program.wait(timeout=30) == 41


def test_what_is_launched_ends_where_nobody_reads():
    words = ['sh', '-c', 'yes; echo $? >&2']
    process = python(f'import os; from tools.handover import become; become({words}, os.environ)')
    process.stdout.close()
    assert process.stderr.read() == '141\n'
    process.wait()


def test_a_python_program_is_started_with_interrupts_held_until_it_can_take_them():
    show = 'import signal; print(signal.pthread_sigmask(signal.SIG_BLOCK, set()))'
    code = (
        'import os, signal, sys; from tools import handover\n'
        f'handover.become = lambda argv, env: os.execv(sys.executable, [sys.executable, "-c", {show!r}])\n'
        'handover.become_python("a", [], os.environ)'
    )
    assert python(code).communicate(timeout=30)[0] == '{<Signals.SIGINT: 2>}\n'


def test_every_command_starts_its_python_program_so():
    texts = {path.name: path.read_text() for path in (ROOT / 'tools').glob('**/*.py')}
    assert [name for name, text in texts.items() if "'python', '-m'" in text] == []
    assert sum('become_python(' in text or 'python_program(' in text for text in texts.values()) >= 16


@pytest.mark.parametrize(
    ('at_import', 'code', 'heard'),
    [('os.kill(os.getpid(), signal.SIGINT)', -signal.SIGINT, ''), ('', 4, 'default_int_handler')],
)
def test_an_interrupt_of_the_script_before_it_can_answer_shows_nothing(tmp_path, at_import, code, heard):
    (tmp_path / 'tools').mkdir()
    (tmp_path / 'ur5rl').write_bytes((ROOT / 'ur5rl').read_bytes())
    (tmp_path / 'tools/cli.py').write_text(
        f'import os, signal\n{at_import}\n'
        'def main(argv):\n    print(signal.getsignal(signal.SIGINT).__name__)\n    return 4\n'
    )
    done = subprocess.run([sys.executable, str(tmp_path / 'ur5rl')], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (code, heard, '')
