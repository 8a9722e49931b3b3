"""The server of the viewer: a page for browsers and what it shows, in a process and on ports of its own.

rerun-sdk could serve in this process, but then listens on every address of the machine.
"""

import errno
import importlib.util
import ipaddress
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from ur5_rl_graph.child import end_with_parent
from ur5_rl_monitor.live_view_config import LiveViewConfig

STARTING_S = 20.0
"""A server that does not listen after so long has something wrong with it."""
LOOPBACK = '127.0.0.1'


class Places(NamedTuple):
    """Where a view is served."""

    address: str  # IP address that is listened on
    port: int  # of the page; what it shows comes from the next one

    @property
    def data_port(self) -> int:
        """Port that the page gets its data from."""
        return self.port + 1

    @property
    def is_open(self) -> bool:
        """Whether other machines can see it."""
        return not ipaddress.ip_address(self.address).is_loopback

    @property
    def host(self) -> str:
        """What a browser calls this machine: an address that means all of them is none of a machine."""
        if ipaddress.ip_address(self.address).is_unspecified:
            return socket.gethostname()
        return f'[{self.address}]' if ':' in self.address else self.address

    @property
    def data_url(self) -> str:
        """What the page gets its data from."""
        return f'rerun+http://{self.host}:{self.data_port}/proxy'

    @property
    def url(self) -> str:
        """What a browser is to open."""
        return f'http://{self.host}:{self.port}/?url={quote(self.data_url, safe=":/[]")}&renderer=webgl'

    @property
    def local_data_url(self) -> str:
        """Where this machine sends what is to be shown."""
        host = {'0.0.0.0': LOOPBACK, '::': '[::1]'}.get(self.address, self.host)
        return f'rerun+http://{host}:{self.data_port}/proxy'

    def lines(self, environment: Mapping[str, str]) -> list[str]:
        """Returns what a person in this environment is told: the page, and how to see it from elsewhere."""
        told = [f'live view: {self.url}']
        if self.is_open:
            told.append(
                f'it is served on {self.address}: whoever reaches ports {self.port} and {self.data_port} of '
                'this machine sees the run, without a password'
            )
        elif environment.get('SSH_CONNECTION'):
            ports = ' '.join(f'-L {port}:{self.host}:{port}' for port in (self.port, self.data_port))
            told.append(f'over ssh, type on your own machine: ssh {ports} {socket.gethostname()}')
            told.append('then open that page there')
        return told


def check(places: Places) -> None:
    """Raises ValueError where a view cannot be served: no such address here, or a port that is taken."""
    for port in (places.port, places.data_port):
        family = socket.AF_INET6 if ':' in places.address else socket.AF_INET
        with socket.socket(family) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((places.address, port))
            except OSError as error:
                raise ValueError(_refused(places, port, error)) from None


def _refused(places: Places, port: int, error: OSError) -> str:
    if isinstance(error, PermissionError):
        return f'port {port} is for root only: port:=NUMBER, from 1024 on'
    if error.errno == errno.EADDRINUSE:
        return (
            f'port {port} of {places.address} is in use, by another monitor? Look at '
            f'http://{places.host}:{places.port}, or give this one port:=NUMBER (it takes the next one, too)'
        )
    why = f'which this machine does not have ({error.strerror})'
    return f'address is {places.address}, {why}: give one of its own, such as {LOOPBACK}'


def program() -> Path:
    """Returns the program of rerun-sdk that serves; ValueError where it is not installed."""
    found = importlib.util.find_spec('rerun_cli')
    places = found.submodule_search_locations if found else None
    path = Path(places[0], 'rerun') if places else None
    if path is None or not path.is_file():
        raise ValueError('the viewer (rerun-sdk) is not installed: ./ur5rl monitor installs it on first use')
    return path


class ViewServer:
    """A server that lives as long as this process, at most."""

    def __init__(self, config: LiveViewConfig) -> None:
        """Starts it and waits until it listens.

        Args:
            config: where it listens, and how much it keeps.

        Raises:
            ValueError: the viewer is not installed, an address or a port cannot be had, or it does not begin.
        """
        self.places = Places(config.address, config.port)
        path = program()
        check(self.places)
        self._home = tempfile.TemporaryDirectory(prefix='ur5rl_view_')
        environment = os.environ | dict.fromkeys(('XDG_CONFIG_HOME', 'XDG_DATA_HOME'), self._home.name)
        quiet: dict[str, Any] = dict.fromkeys(('stdin', 'stdout', 'stderr'), subprocess.DEVNULL)
        # Else it tells its makers how it is used. It remembers that in a home, so it gets one of its own.
        silence = [str(path), 'analytics', 'disable']
        try:
            subprocess.run(silence, env=environment, timeout=STARTING_S, check=False, **quiet)
        except subprocess.TimeoutExpired:
            raise ValueError(f'the program of the viewer ({path}) does not answer') from None
        command = [
            *(str(path), '--serve-web', '--bind', self.places.address),
            *('--web-viewer-port', str(self.places.port), '--port', str(self.places.data_port)),
            *('--server-memory-limit', f'{config.memory_mb}MB'),
            *('--cors-allow-origin', f'http://{self.places.host}:{self.places.port}'),
        ]
        self._process = subprocess.Popen(
            command, env=environment, preexec_fn=end_with_parent(), start_new_session=True, **quiet
        )
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + STARTING_S
        where = {'0.0.0.0': LOOPBACK, '::': '::1'}.get(self.places.address, self.places.address)
        for port in (self.places.port, self.places.data_port):
            while True:
                try:
                    socket.create_connection((where, port), 1.0).close()
                    break
                except OSError:
                    ended = self._process.poll()
                    if ended is not None or time.monotonic() > deadline:
                        self.close()
                        how = f'ended with {ended}' if ended is not None else 'does not listen'
                        raise ValueError(f'the server of the viewer {how}; is the disk full?') from None
                    time.sleep(0.05)

    @property
    def ended(self) -> bool:
        """Whether it has ended, by itself or by a person."""
        return self._process.poll() is not None

    def close(self) -> None:
        """Ends it, whether it works or hangs."""
        self._process.kill()  # it keeps nothing that would have to be written
        self._process.wait()
        self._home.cleanup()
