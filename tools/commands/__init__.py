"""The subcommands of ./ur5rl.

A subcommand is a module with SUMMARY (one line for --help), help_text() and run(argv), which returns the exit
code or None; one entry here adds it. What it starts replaces this process, so that signals reach it once.
"""

from tools.commands import (
    bench,
    calibrate,
    cell,
    compare,
    doctor,
    experiment,
    export,
    launch,
    monitor,
    offline,
    profile,
    replay,
    report,
    setup,
    shell,
    test,
    timeline,
    video,
    virtual,
)

COMMANDS = {
    'setup': setup,
    'launch': launch,
    'monitor': monitor,
    'doctor': doctor,
    'calibrate': calibrate,
    'profile': profile,
    'timeline': timeline,
    'report': report,
    'video': video,
    'replay': replay,
    'offline': offline,
    'export': export,
    'cell': cell,
    'virtual': virtual,
    'experiment': experiment,
    'compare': compare,
    'test': test,
    'bench': bench,
    'shell': shell,
}
