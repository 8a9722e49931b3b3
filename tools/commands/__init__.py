"""The subcommands of ./ur5rl.

A subcommand is a module with SUMMARY (one line for --help), help_text() and run(argv), which returns the exit
code or None; one entry here adds it. What it starts replaces this process, so that signals reach it once.
"""

from tools.commands import (
    bench,
    compare,
    experiment,
    export,
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
    'profile': profile,
    'timeline': timeline,
    'replay': replay,
    'export': export,
    'virtual': virtual,
    'experiment': experiment,
    'compare': compare,
    'test': test,
    'bench': bench,
    'shell': shell,
}
