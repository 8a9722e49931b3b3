"""Makes report.html of a run, here or in a process that is given only so long."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from run_reading import identity
from ur5_rl_graph.child import end_with_parent
from ur5_rl_graph.whole_file import write_text

FILE_NAME = 'report.html'


def make(folder: Path) -> list[str]:
    """Writes the report of a run; returns a line for each picture that it lacks.

    Raises:
        ValueError: there is no run.
        OSError: it cannot be written, or a file of the run cannot be read.
    """
    from run_reading.report import facts
    from run_reading.report.page import page
    from run_reading.report.report_contents import sections

    found = facts.read(folder)
    parts, failures = sections(found)
    names = (str(found.about.get(name, '')) for name in ('architecture', 'task', 'setting'))
    title = ' '.join(' '.join(names).replace('_', ' ').split()) or 'A run'
    write_text(folder / FILE_NAME, page(title, f'Report of the run in {folder.name}', parts))
    return failures


def tell_report(folder: Path, limit_s: float) -> None:
    """Has the report of a run made where there is one, and prints a line where it is not as it should be."""
    told = make_within(folder, limit_s) if identity.holds_run(folder) else ''
    if told:
        with contextlib.suppress(OSError):  # whoever has read what the launch prints may be gone
            print(told, flush=True)


def make_within(folder: Path, limit_s: float) -> str:
    """Has a process of its own make the report, so that neither a crash nor a hang of it reaches the run.

    Args:
        folder: of the run.
        limit_s: how long it may take [s]; it is killed then. 0 = none is made.

    Returns:
        '' or one line that says why there is none, or what it lacks.
    """
    if not limit_s:
        return ''
    hint = f'./ur5rl report {folder} makes it'
    command = [sys.executable, '-m', 'run_reading.report', str(folder)]
    try:
        with tempfile.TemporaryDirectory(prefix='report_', ignore_cleanup_errors=True) as temporary:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                encoding='utf-8',
                errors='replace',
                timeout=limit_s,
                env=os.environ | {'TMPDIR': temporary},  # killed, it leaves its pictures behind
                start_new_session=True,  # Ctrl-C of the terminal is for the nodes
                preexec_fn=end_with_parent(),
            )
    except subprocess.TimeoutExpired:
        return f'warning: {folder / FILE_NAME} was given up after {limit_s:g} s; {hint}'
    except (OSError, subprocess.SubprocessError) as error:
        return f'warning: {folder / FILE_NAME} was not made ({error}); {hint}'
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode == 0 and not lines:
        return ''
    why = lines[-1].strip()[:300] if lines else f'exit code {done.returncode}'
    return f'warning: {folder / FILE_NAME} is not as it should be ({why}); {hint}'
