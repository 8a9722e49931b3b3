"""Where a view is served, and the process that does it: with a program that only listens."""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys

import pytest

from ur5_rl_monitor import browser, view_server
from ur5_rl_monitor.live_view_config import LiveViewConfig
from ur5_rl_monitor.view_server import Places, ViewServer, check

LISTENER = """#!{python}
import os, pathlib, socket, sys, time
told = pathlib.Path({told!r})
if sys.argv[1:] == ['analytics', 'disable']:
    pathlib.Path(os.environ['XDG_CONFIG_HOME'], 'silent').touch()
    sys.exit(0)
silent = pathlib.Path(os.environ['XDG_CONFIG_HOME'], 'silent').exists()
told.write_text(' '.join([*sys.argv[1:], 'silent' if silent else 'talkative']))
word = lambda name: sys.argv[sys.argv.index(name) + 1]
held = [socket.create_server((word('--bind'), int(word(name)))) for name in ('--web-viewer-port', '--port')]
time.sleep(600)
"""
FAILING = '#!/bin/sh\nexit 3\n'


@pytest.fixture
def port():
    """Two ports in a row that are free, and not of those that Linux gives to clients meanwhile."""
    for number in range(20_000 + os.getpid() % 10_000, 32_000, 2):
        with contextlib.suppress(OSError):
            for offset in range(2):
                socket.create_server(('127.0.0.1', number + offset)).close()
            return number
    raise AssertionError('no two ports in a row are free')


@pytest.fixture
def install(tmp_path, monkeypatch):
    def install(text):
        path = tmp_path / 'rerun'
        path.write_text(
            text.replace('{python}', sys.executable).replace('{told!r}', repr(str(tmp_path / 'told')))
        )
        path.chmod(0o755)
        monkeypatch.setattr(view_server, 'program', lambda: path)
        return tmp_path / 'told'

    return install


def test_a_server_listens_where_it_is_told_and_nowhere_else(install, port):
    told = install(LISTENER)
    server = ViewServer(LiveViewConfig(port=port, memory_mb=128))
    words = told.read_text().split()
    assert words[words.index('--bind') + 1] == '127.0.0.1'
    assert words[words.index('--server-memory-limit') + 1] == '128MB'
    assert words[words.index('--cors-allow-origin') + 1] == f'http://127.0.0.1:{port}'
    with pytest.raises(ValueError, match=f'port {port} of 127.0.0.1 is in use, by another monitor'):
        ViewServer(LiveViewConfig(port=port))
    assert words[-1] == 'silent', 'it would tell its makers how it is used'
    assert not server.ended
    server.close()
    assert server.ended
    check(Places('127.0.0.1', port))


@pytest.mark.parametrize('number', [signal.SIGKILL, signal.SIGSTOP])
def test_a_server_that_is_killed_or_hangs_is_ended(install, port, number):
    install(LISTENER)
    server = ViewServer(LiveViewConfig(port=port))
    os.kill(server._process.pid, number)
    if number == signal.SIGKILL:
        server._process.wait(10)
        assert server.ended
    else:
        os.waitpid(server._process.pid, os.WUNTRACED)
    server.close()
    assert server.ended


PARENT = """
import sys
from pathlib import Path
from ur5_rl_monitor import view_server
from ur5_rl_monitor.live_view_config import LiveViewConfig
view_server.program = lambda: Path(sys.argv[1])
server = view_server.ViewServer(LiveViewConfig(port=int(sys.argv[2])))
print('serves', flush=True)
sys.stdin.read()
"""


def test_a_server_ends_with_a_view_that_is_killed(install, port):
    program = install(LISTENER).with_name('rerun')
    command = [sys.executable, '-c', PARENT, str(program), str(port)]
    here = os.environ | {'TMPDIR': str(program.parent)}  # what it leaves
    with subprocess.Popen(command, env=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout.readline() == b'serves\n'
        with socket.create_connection(('127.0.0.1', port), 60.0) as connected:
            parent.kill()
            with contextlib.suppress(ConnectionResetError):  # as the end of one that nobody has accepted
                assert connected.recv(1) == b''


def test_a_server_that_does_not_begin_is_said(install, port):
    install(FAILING)
    with pytest.raises(ValueError, match='the server of the viewer ended with 3'):
        ViewServer(LiveViewConfig(port=port))


def test_a_viewer_that_never_answers_is_given_up(install, port, monkeypatch):
    install('#!/bin/sh\nexec sleep 1000\n')
    monkeypatch.setattr(view_server, 'STARTING_S', 0.01)
    with pytest.raises(ValueError, match='the program of the viewer .*rerun. does not answer'):
        ViewServer(LiveViewConfig(port=port))


def test_a_viewer_that_is_not_installed_is_said_before_anything_else(monkeypatch):
    monkeypatch.setattr(view_server.importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ValueError, match='rerun-sdk.*is not installed: ./ur5rl monitor installs it'):
        ViewServer(LiveViewConfig())


@pytest.mark.parametrize('offset', [0, 1])
def test_both_ports_have_to_be_free(port, offset):
    with socket.create_server(('127.0.0.1', port + offset)):
        with pytest.raises(ValueError, match=f'port {port + offset} of 127.0.0.1 is in use.*port:=NUMBER'):
            check(Places('127.0.0.1', port))


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(ValueError, match='address is 192.0.2.1, which this machine does not have'):
        check(Places('192.0.2.1', 9090))


def test_a_port_for_root_is_refused_in_these_words():
    line = view_server._refused(Places('127.0.0.1', 80), 80, PermissionError(errno.EACCES, ''))
    assert line == 'port 80 is for root only: port:=NUMBER, from 1024 on'


@pytest.mark.parametrize(
    ('values', 'sentence'),
    [
        ({'address': 'localhost'}, "address is 'localhost'; give an IP address"),
        ({'port': 0}, 'port is 0; allowed is 1 to 65534'),
        ({'port': 65535}, 'port is 65535; allowed is 1 to 65534'),
        ({'memory_mb': 1}, 'memory_mb is 1; allowed is 64'),
    ],
)
def test_a_value_that_cannot_be_is_refused(values, sentence):
    with pytest.raises(ValueError, match=sentence):
        LiveViewConfig(**values)


def test_a_view_is_for_this_machine_only_unless_asked():
    places = Places(LiveViewConfig().address, LiveViewConfig().port)
    assert not places.is_open
    assert places.url == 'http://127.0.0.1:9090/?url=rerun%2Bhttp://127.0.0.1:9091/proxy&renderer=webgl'
    assert places.lines({}) == [f'live view: {places.url}']


def test_over_ssh_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(view_server.socket, 'gethostname', lambda: 'lab')
    told = Places('127.0.0.1', 9090).lines({'SSH_CONNECTION': '192.0.2.7 1 192.0.2.8 22'})
    assert told[1].endswith('ssh -L 9090:127.0.0.1:9090 -L 9091:127.0.0.1:9091 lab')


@pytest.mark.parametrize(
    ('address', 'host', 'local'),
    [
        ('0.0.0.0', 'lab', '127.0.0.1'),
        ('::', 'lab', '[::1]'),
        ('192.0.2.1', '192.0.2.1', '192.0.2.1'),
        ('2001:db8::1', '[2001:db8::1]', '[2001:db8::1]'),
    ],
)
def test_a_view_for_others_says_that_it_is_one(monkeypatch, address, host, local):
    monkeypatch.setattr(view_server.socket, 'gethostname', lambda: 'lab')
    places = Places(address, 9090)
    told = places.lines({})
    assert told[0] == f'live view: http://{host}:9090/?url=rerun%2Bhttp://{host}:9091/proxy&renderer=webgl'
    assert 'whoever reaches ports 9090 and 9091 of this machine sees the run, without a password' in told[1]
    assert places.local_data_url == f'rerun+http://{local}:9091/proxy'


@pytest.mark.parametrize(
    ('environment', 'installed', 'found'),
    [
        ({'DISPLAY': ':0'}, 'firefox', '/bin/firefox'),
        ({'WAYLAND_DISPLAY': 'wayland-0'}, 'xdg-open', '/bin/xdg-open'),
        ({'DISPLAY': ':0'}, 'lynx', None),
        ({}, 'firefox', None),
        ({'DISPLAY': ''}, 'firefox', None),
        ({'DISPLAY': 'localhost:10.0', 'SSH_CONNECTION': '192.0.2.7'}, 'firefox', None),
    ],
)
def test_a_browser_is_opened_where_somebody_sits(monkeypatch, environment, installed, found):
    monkeypatch.setattr(browser.shutil, 'which', lambda name: f'/bin/{name}' if name == installed else None)
    assert browser.opener(environment) == found
