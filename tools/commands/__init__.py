"""The subcommands of ./ur5rl.

A subcommand is a module with SUMMARY (one line for --help), help_text() and run(argv), which returns the exit
code or None; one entry here adds it. What it starts replaces this process, so that signals reach it once.
"""

from tools.commands import (
    bench,
    calibrate,
    compare,
    doctor,
    experiment,
    launch,
    profile,
    replay,
    setup,
    shell,
    test,
    timeline,
    virtual,
)

COMMANDS = {
    'setup': setup,
    'launch': launch,
    'doctor': doctor,
    'calibrate': calibrate,
    'profile': profile,
    'timeline': timeline,
    'replay': replay,
    'virtual': virtual,
    'experiment': experiment,
    'compare': compare,
    'test': test,
    'bench': bench,
    'shell': shell,
}
