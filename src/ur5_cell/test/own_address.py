"""Loopback addresses for controllers of tests: two runs of the tests on one machine do not meet."""

import os

USES = (
    'contract',
    'servo',
    'killed',
    'examination',
    'listening',
    'owner',
    'end',
    'commanders',
    'clients',
    'driver',
    'gazebo',
    'doctor',
    'command',
)
EACH = 20
HOSTS = 254


def own_address(use: str, number: int = 0) -> str:
    """Returns an address of this process's own.

    Args:
        use: of `USES`; those of different uses differ.
        number: 0 to 19; those of one use differ by it.
    """
    pid = os.getpid()
    assert 0 <= number < EACH
    carry, host = divmod(EACH * USES.index(use) + number, HOSTS)
    return f'127.{128 + (pid >> 8) % 63 * 2 + carry}.{pid & 255}.{1 + host}'
