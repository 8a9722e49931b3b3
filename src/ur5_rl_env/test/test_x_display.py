"""A display that is none, or that nobody offers, is refused in one line."""

import os
import socket

import pytest

from ur5_rl_env.devices import x_display
from ur5_rl_env.devices.x_display import check_display


@pytest.mark.parametrize('name', ['', '0', 'none', ':', 'a b:0', ':0x', ':1e3', '~', ':0 '])
def test_what_is_no_display_is_refused(name):
    with pytest.raises(ValueError, match=f"display is '{name}'; give an X display, such as :0"):
        check_display(name)


def test_a_display_that_no_server_offers_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(x_display, 'SOCKET', f'{tmp_path}/X')
    with pytest.raises(ValueError, match="display is ':9977'; no X server offers it on this machine"):
        check_display(':9977')


@pytest.mark.parametrize('abstract', [True, False])
def test_a_display_that_a_server_offers_is_taken(tmp_path, monkeypatch, abstract):
    path = f'x{os.getpid()}_' if abstract else f'{tmp_path}/X'
    monkeypatch.setattr(x_display, 'SOCKET', path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f'\0{path}9978' if abstract else f'{path}9978')
        server.listen(4)
        check_display(':9978')
        check_display('unix:9978.0')


def test_a_display_of_another_machine_is_not_asked_for():
    check_display('lab-pc.example:0')
