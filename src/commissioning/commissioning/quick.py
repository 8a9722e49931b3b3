"""What a launch looks at by itself: a few milliseconds, and one line only where something is wrong."""

from collections.abc import Iterable
from pathlib import Path

from commissioning import computer, probes
from commissioning.finding import Check, Finding, State, run


def line(folder: Path, real: bool) -> str:
    """Returns what is wrong with this machine in one line, '' where nothing is.

    Args:
        folder: of the run.
        real: whether a real arm is to be moved: what is only not as good as it could be counts, too.
    """
    checks = [
        Check('disk', lambda: computer.disk(probes.free_disk(folder), 0.0, str(folder))),
        Check('memory', lambda: computer.memory(probes.available_memory())),
        Check('shm', lambda: computer.shared_memory(*probes.shared_memory())),
    ]
    if real:
        checks += [
            Check('scheduling', lambda: scheduling(real)),
            Check('clock', lambda: computer.clock(probes.clock_synchronised(), 0.0)),
        ]
    return worst(run([check._replace(limit_s=0.1) for check in checks]), real)


def worst(findings: Iterable[Finding], real: bool) -> str:
    """Returns the line for what was found: faults, and for a real arm warnings, too."""
    told = {State.FAULT, State.WARNING} if real else {State.FAULT}
    wrong = [finding for finding in findings if finding.state in told]
    if not wrong:
        return ''
    parts = '; '.join(f'{finding.name}: {finding.text}' for finding in wrong)
    return f'this machine: {parts} (./ur5rl doctor says what to change)'


def scheduling(real: bool) -> Finding:
    """Returns what is found of the scheduling rights, for a real arm or a simulated one."""
    wanted = computer.REAL_TIME_PRIORITY[real]
    return computer.scheduling(probes.real_time_priority(wanted), probes.may_lock_memory(), wanted)
