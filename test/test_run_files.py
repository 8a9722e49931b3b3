"""The names in a run folder stand once, for all who write and read there."""

from pathlib import Path

from ur5_rl_graph import run_files

ROOT = Path(__file__).resolve().parents[1]
NAMES = {value for name, value in vars(run_files).items() if name.isupper()}
CODE = [path for folder in ('src', 'launch', 'benchmarks') for path in ROOT.glob(f'{folder}/**/*.py')]


def test_a_name_in_a_run_folder_is_spelt_in_one_place():
    files = {f"'{name}'" for name in NAMES if '.' in name}  # a folder's name is a word with other meanings
    here = Path(run_files.__file__).resolve()
    again = [
        f'{path.relative_to(ROOT)}: {name}'
        for path in CODE
        if 'test' not in path.parts and path.resolve() != here
        for name in files
        if name in path.read_text(encoding='utf-8')
    ]
    assert len(files) > 10 and len(CODE) > 400
    assert not again, f'take them from ur5_rl_graph.run_files: {again}'
