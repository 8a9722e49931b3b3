"""The same launch files under the stand-in and, where it is installed, under the real `launch`.

`conformance/` holds them. What is to be seen of them stands here, written down once for both.
"""

import importlib.machinery
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from standin_process import demo_package

pytest.importorskip('ament_index_python')
HERE = Path(__file__).resolve().parent
STAND_IN = HERE.parent / 'python'
TALKER = """#!/bin/sh
{
for word; do
    case $word in -*) printf '\\n%s' "$word";; *) printf ' <%s>' "$word";; esac
done
echo " MORE=$MORE HOME=${HOME:+set}"
} >>"$NOTES"
"""
"""An executable that notes its words."""


class Case(NamedTuple):
    """What a launch is given, and what it does.

    Attributes:
        command: launch file and arguments.
        notes: lines of launch file and processes, in order.
        printed: on the screen by LogInfo and by processes, sorted; all of a list of arguments.
        code: exit code.
        process_failed: whether the stand-in says 1 all the same (README: where it differs on purpose).
        told: a part of the one line that the stand-in prints about it, in its own words.
    """

    command: tuple[str, ...]
    notes: str = ''
    printed: str = ''
    code: int = 0
    process_failed: bool = False
    told: str = ''


REFUSED = {
    'choice': "argument 'given': 'c' is not one of ['a', 'b']",
    'missing': "argument 'not_given' (no description given) is required; give not_given:=VALUE",
    'unset': "launch configuration 'not_there' does not exist",
    'environment': "environment variable 'NOT_THERE' does not exist",
    'condition': "condition 'maybe': 'maybe' is not a truth value; expected true, 1, false or 0",
    'function': 'it is refused',
    'executable': "executable 'nothing' of package 'demo' not found in ",
    'package': "package 'nothing' not found; is the workspace built",
    'namespace': "namespace '/1x': '1x' is not made of letters, digits and _",
}
BROKEN = {
    'no_function': ('', "AttributeError: module 'python_launch_file' has no attribute 'generate_launch"),
    'no_description': ('def generate_launch_description(): return 1', 'gave int, not a LaunchDescription'),
    'no_import': ('from launch.actions import Nope', "ImportError: cannot import name 'Nope' from 'launch."),
    'no_word': (
        'import launch.actions\nlaunch.actions.OpaqueFunction(function=print, nope=1)',
        "unexpected keyword argument 'nope' (the ros2 stand-in has not all that launch has: src/ros2_",
    ),
}
"""Texts of launch files, and what the stand-in says of them."""
CASES = {
    name: Case(('refused.launch.py', f'what:={name}', 'given:=c'), code=1, told=f'[ERROR] [launch]: {told}')
    for name, told in REFUSED.items()
}
CASES |= {name: Case((f'{name}.launch.py',), code=1, told=told) for name, (_, told) in BROKEN.items()}
CASES |= {
    'values': Case(
        ('values.launch.py', 'given:=a:=b c', 'givn:=x'),
        told="[WARNING] [launch]: argument 'givn' is not used by this launch (see --show-args)",
        notes="""odd0 <1e3>
odd1 <yes>
odd2 <007>
odd3 <~>
odd4 <>
odd5 < a  b >
odd6 <[1, 2]>
odd7 <{a: b}>
odd8 <a # b>
odd9 <"q">
odd10 <it's>
odd11 <$HOME>
odd12 <ü>
chosen <b>
joined <x_b!>
given <a:=b c>
unset <its default>
unset <>
environment <its default>
environment <a:=b c>
('a', 'a') <true>
('a', 'b') <false>
('true', 'True') <true>
('true', '1') <true>
('1.0', '1') <true>
('', '') <true>
('1', '1.5') <false>
if true <>
if TRUE <>
if 1 <>
unless false <>
unless False <>
unless 0 <>
computed argument ['given:=a:=b c', 'givn:=x'] a:=b c False
set <returned written>
scope </robot inside inside inside>
scope </robot/arm inside inside inside>
scope </alone inside inside inside>
scope </robot inside inside inside>
scope <none a:=b c a:=b c none>
included <its included>
after <set included>""",
        printed='launch.user: a line: a:=b c',
    ),
    'shown': Case(
        ('arguments.launch.py', '--show-args'),
        printed="""Arguments (pass arguments as '<name>:=<value>'):

    'task':
        Task. Valid choices are: ['a', 'b']
        (default: 'a')

    'joined':
        is put together
        (default: 'x_' + LaunchConfig('task') + EnvVar('HOME'))

    'needed':
        has no default

    'empty':
        no description given
        (default: '')

    'rare':*
        One of: ['1']

    'first':
        no description given
        (default: 'not this')

    'given':
        no description given
        (default: 'not this')

* argument(s) which are only used if specific conditions occur""",
    ),
    'restarted': Case(
        ('restarted.launch.py',),
        told='[WARNING] [again-2]: starting again in 1 s (restart 1)',
        notes="""other has started with sh
again has started with sh
other is there
the last one is asked first
again has ended with 3
again has started with sh
the last one is asked first
again has ended with 0
other is interrupted
the last one is asked first
other has ended with 0 at the end""",
        printed="""again: a word
again: a word
again: an error
again: an error
again: no line end
again: no line end""",
    ),
    'picked': Case(
        ('picked.launch.py',),
        notes="""picked has started with sh
last has started with sh
first has started with sh
picked is there
first has ended with 0
picked is interrupted
picked has ended with 0
last goes on
last has ended with 0""",
    ),
    'picked_by_a_failure': Case(
        ('picked.launch.py', 'code:=3'),
        notes="""picked has started with sh
last has started with sh
first has started with sh
picked is there
first has ended with 3
picked is interrupted
picked has ended with 0
last goes on
last has ended with 0""",
        process_failed=True,
    ),
    'picked_while_it_waits': Case(
        ('picked.launch.py', 'code:=none'),
        notes="""other has started with sh
alone has started with sh
alone has ended with 0
other has ended with 0""",
    ),
    'interrupt': Case(
        ('ended.launch.py', 'by:=interrupt'),
        notes="""other has started with sh
end has started with sh
other is there
other is interrupted
other has ended with 0 at the end
end has ended with 0 at the end""",
    ),
    'raise': Case(
        ('ended.launch.py', 'by:=raise'),
        told='[ERROR] [launch]: end failed',
        notes="""other has started with sh
end has started with sh
other is there
end has ended with 2
other is interrupted
other has ended with 0 at the end""",
        code=1,
    ),
    'deaf': Case(
        ('ended.launch.py', 'by:=deaf'),
        told='[ERROR] [other-1]: process[other-1] has not ended 0.05 s after SIGINT',
        notes="""other has started with sh
end has started with sh
other is there
end has ended with 2
other is terminated
other has ended with 5 at the end""",
        code=1,
    ),
    'die': Case(
        ('ended.launch.py', 'by:=die'),
        notes="""end has started with sh
end has ended with 2""",
        process_failed=True,
    ),
    'command': Case(
        ('refused.launch.py', 'what:=command'),
        told='[ERROR] [nothing-1]: cannot start /no/such/command sh -c ',
        notes='it has started',
        process_failed=True,
    ),
    'nodes': Case(
        ('nodes.launch.py', 'given:=one'),
        notes=r"""
--ros-args MORE= HOME=set
talker of talker has ended with 0

--first <one>
--ros-args
-r <__node:=own>
-r <__ns:=/a/b> MORE= HOME=set
talker of talker has ended with 0

--ros-args
-r <__ns:=/> MORE= HOME=set
label of talker has ended with 0

--ros-args
-r <__ns:=/alone>
-r </tf:=tf>
-r <x:=yz> MORE= HOME=set
talker of talker has ended with 0

--ros-args
--params-file <one>
-p <text:="1e3">
-p <empty:="">
-p <odd:="a  \"b\" # $HOME">
-p <words:=["y", "1"]>
-p <numbers:=[1.0, -2.5e-07]>
--ros-args
-r <__node:=own> MORE= HOME=set
talker of talker has ended with 0

--ros-args MORE=one HOME=
prefixed of env has ended with 0

--ros-args
-r <__ns:=/robot/one> MORE= HOME=set
talker of talker has ended with 0

--ros-args
-r <__ns:=/robot> MORE= HOME=set
talker of talker has ended with 0

--ros-args
-r <__ns:=/alone> MORE= HOME=set
talker of talker has ended with 0

--ros-args MORE= HOME=set
talker of talker has ended with 0""",
    ),
}


def path_without_stand_in():
    """Where Python looks for modules, but for the stand-in: ours, or that of this terminal."""
    return [path for path in sys.path if Path(path).resolve().parts[-2:] != STAND_IN.parts[-2:]]


def is_real(name):
    """Whether the real package is installed."""
    found = importlib.machinery.PathFinder.find_spec(name, path_without_stand_in())
    return found is not None and found.origin is not None  # a folder of launch files is none


def run_all(path, tmp_path):
    """What is seen of all cases, in one process: by name exit code, notes and what is printed."""
    prefix = tmp_path / 'prefix'
    demo_package(prefix, TALKER)
    for name, (text, _) in BROKEN.items():
        (tmp_path / f'{name}.launch.py').write_text(text)
    words = [word for name, case in CASES.items() for word in ('---', name, *case.command)]
    command = [sys.executable, HERE / 'conformance/run_conformance.py', tmp_path / 'result.json', *words[1:]]
    environment = {'PYTHONPATH': os.pathsep.join(map(str, path)), 'ROS_LOG_DIR': str(tmp_path / 'log')}
    environment['AMENT_PREFIX_PATH'] = f'{prefix}:{os.environ.get("AMENT_PREFIX_PATH", "")}'
    done = subprocess.run(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding='utf-8',
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    printed = dict(re.findall(r'^=== (\w+)\n(.*?)(?=^=== |\Z)', done.stdout, re.MULTILINE | re.DOTALL))
    seen = json.loads((tmp_path / 'result.json').read_text(encoding='utf-8'))
    return {name: (case['code'], case['notes'], printed[name]) for name, case in seen.items()}


def lines_of(name, text):
    """What is compared of a screen; the numbers of processes go on from one launch to the next."""
    if '--show-args' in CASES[name].command:
        return text.splitlines()
    lines = re.findall(r'^\[(\w+)-\d+\] (.*)$', text, re.MULTILINE)
    lines += re.findall(r'^\[INFO\] \[(launch\.user)\]: (.*)$', text, re.MULTILINE)
    return sorted(f'{label}: {line}' for label, line in lines)


@pytest.mark.parametrize('kind', ['stand-in', 'real'])
def test_launch_files_do_what_is_written_down(kind, tmp_path):
    path = path_without_stand_in()
    if kind == 'stand-in':
        path = [STAND_IN, *path]
    elif not (is_real('launch') and is_real('launch_ros')):
        pytest.skip('the real launch and launch_ros are not installed here')
    for name, (code, notes, text) in run_all(path, tmp_path).items():
        case = CASES[name]
        expected = 1 if kind == 'stand-in' and case.process_failed else case.code
        wanted = (name, expected, case.notes.splitlines(), case.printed.splitlines())
        assert (name, code, notes, lines_of(name, text)) == wanted
        if kind == 'stand-in':
            told = [line for line in text.splitlines() if case.told in line] if case.told else ['']
            assert len(told) == 1 and 'Traceback' not in text, text
