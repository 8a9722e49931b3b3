"""Whether there is an X display of a name, asked before a run begins."""

import re
import socket

NAME = re.compile(r'(?P<host>[A-Za-z0-9.-]*):(?P<number>\d{1,4})(\.\d+)?')
SOCKET = '/tmp/.X11-unix/X'


def check_display(name: str) -> None:
    """Refuses what is no X display, and one of this machine that no server offers.

    Raises:
        ValueError: `name` is no display.
    """
    match = NAME.fullmatch(name)
    if match is None:
        raise ValueError(f"display is '{name}'; give an X display, such as :0, or none")
    if match['host'] in ('', 'unix') and not _offered(match['number']):
        raise ValueError(
            f"display is '{name}'; no X server offers it on this machine: echo $DISPLAY tells one"
        )


def _offered(number: str) -> bool:
    for address in (f'\0{SOCKET}{number}', f'{SOCKET}{number}', ('127.0.0.1', 6000 + int(number))):
        with socket.socket(socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX) as asking:
            if asking.connect_ex(address) == 0:
                return True
    return False
