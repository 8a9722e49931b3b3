"""Pictures are drawn without a display, whatever MPLBACKEND says, and cannot end what they belong to."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ur5_rl_graph.pictures import attempt

SOURCES = Path(__file__).resolve().parents[2]
DRAW = """
import sys
from pathlib import Path
{before}
from ur5_rl_graph.pictures import pyplot
from ur5_rl_graph.whole_file import save_figure
figure, axes = pyplot().subplots()
axes.plot([1, 2])
save_figure(figure, Path(sys.argv[1]), 50)
"""


@pytest.mark.parametrize(
    ('backend', 'before'),
    [
        ('module://matplotlib_inline.backend_inline', ''),  # of a terminal inside Jupyter
        ('module://nowhere.to_be_found', ''),
        ('', "import matplotlib; matplotlib.rcParams['backend'] = 'module://nowhere'"),  # somebody else's
    ],
)
def test_a_picture_needs_no_display_and_no_backend_that_was_asked_for(tmp_path, backend, before):
    path = tmp_path / 'a.png'
    environment = {name: value for name, value in os.environ.items() if name != 'DISPLAY'}
    done = subprocess.run(
        [sys.executable, '-c', DRAW.format(before=before), str(path)],
        env=environment | {'MPLBACKEND': backend, 'PYTHONPATH': os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert path.read_bytes().startswith(b'\x89PNG')


def test_everything_is_drawn_by_that_pyplot():
    importing = re.compile(
        r'^\s*(import matplotlib|from matplotlib[\w.]* import)(?!.*(Axes|Figure|Patch)$)', re.M
    )
    found = {
        p.name for p in SOURCES.rglob('*.py') if p.parent.name != 'test' and importing.search(p.read_text())
    }
    assert found == {'pictures.py', 'whole_file.py'}, 'call ur5_rl_graph.pictures.pyplot()'


def test_whatever_stops_a_picture_is_one_line(tmp_path):
    def draw(path, *values):
        raise RuntimeError('no\n  room' + 400 * '!')

    line = attempt(draw, tmp_path / 'a.png', 1)
    assert line.startswith(f'warning: {tmp_path}/a.png was not drawn (RuntimeError: no room!!')
    assert line.isprintable() and len(line) < 500
    assert attempt(lambda path, *values: path.write_text(str(values)), tmp_path / 'a.png', 1, 2) == ''
    assert (tmp_path / 'a.png').read_text() == '(1, 2)'
