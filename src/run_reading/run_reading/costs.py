"""What each component costs: thesis table 5.2, or a profile of a machine."""

from dataclasses import dataclass, fields
from pathlib import Path

from ur5_rl_graph import shipped
from ur5_rl_graph.config import check, setting, typed
from ur5_rl_graph.yaml_file import read_keys

FOLDER = shipped.folder() / 'config' / 'costs'
_THESIS = 'thesis'


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Computation times of one setting, the rows of thesis table 5.2. Raises ValueError out of range."""

    action_ms: float = setting(2.0, 'observation to action [ms]', low=0.0, high=10_000.0)
    sampling_ms: float = setting(21.0, 'drawing and cropping a mini-batch [ms]', low=0.0, high=10_000.0)
    gradient_ms: float = setting(24.0, 'one update of all networks [ms]', low=0.0, high=10_000.0)
    environment_ms: float = setting(5.0, 'sensor data to observation [ms]', low=0.0, high=10_000.0)

    def __post_init__(self) -> None:
        check(self)


def table_of(name: str) -> str:
    """Returns the table for a setting where none is named: the thesis', else the first that has its costs."""
    shipped = {path.stem: _rows(path) for path in sorted(FOLDER.glob('*.yaml'))}
    return next(
        (table for table in sorted(shipped, key=_THESIS.__ne__) if _row(shipped[table], name)), _THESIS
    )


def load_costs(table: str, name: str) -> Costs:
    """Returns the costs of a setting.

    Args:
        table: name of a file in config/costs, or the path of one.
        name: of the setting; one that the table lacks takes the costs of what it is a smaller copy of
            (small_baseline: baseline).

    Raises:
        ValueError, OSError: no such table, no such setting in it, a value missing or out of range.
    """
    path = Path(table) if table.endswith('.yaml') else FOLDER / f'{table}.yaml'
    if not path.is_file():
        known = ', '.join(sorted(found.stem for found in FOLDER.glob('*.yaml')))
        raise ValueError(f'there is no cost table {path}; choose {known} or the path of a YAML file')
    rows = _rows(path)
    row = _row(rows, name)
    if row is None:
        raise ValueError(
            f'{path} has no costs of setting {name}; it has {", ".join(rows)}. '
            'Name another table, costs:=NAME, or measure: ./ur5rl profile'
        )
    wanted = {field.name for field in fields(Costs)}
    if not isinstance(row, dict) or set(row) != wanted:
        found = ', '.join(row) if isinstance(row, dict) else row
        raise ValueError(f'{path}: {name} holds {found}; expected are {", ".join(sorted(wanted))}')
    try:
        return Costs(**{field.name: typed(field, row[field.name]) for field in fields(Costs)})
    except ValueError as error:
        raise ValueError(f'{path}: {name}: {error}') from None


def _rows(path: Path) -> dict[str, object]:
    """The settings of a table, each with its costs as they stand there."""
    return read_keys(path, 'a cost table names settings, each with its costs')


def _row(rows: dict[str, object], name: str) -> object | None:
    return rows.get(name) or rows.get(name.removeprefix('small_'))
