"""What a bag carries of the run that it is of: what that was, its parameters, its task."""

import json
from typing import Any

from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.reader import Bag
from ur5_rl_graph import parameter_file, run_files

TASK = 'task.json'
"""Attached to a bag without a journal: the task whose transitions it holds."""


def parameters_of(bag: Bag) -> dict[str, dict[str, Any]]:
    """Returns the parameters of the run by the name of the node, {} where the bag carries none.

    Raises:
        BagError: they are of another version; one line.
    """
    text = bag.file_of_run(run_files.PARAMETERS)
    if text is None:
        return {}
    try:
        return parameter_file.parse(run_files.PARAMETERS, text, None)
    except ValueError as error:
        raise BagError(
            f'{bag.folder}: the parameters in it are of another version ({error}): give setting:=NAME'
        ) from None


def identity_of(bag: Bag) -> dict[str, Any]:
    """Returns what the run was, {} where the bag does not carry it.

    Raises:
        BagError: it is damaged; one line.
    """
    of_another = task_of(bag) is not None  # then the run in whose folder it lies is not its own
    name = run_files.IDENTITY
    return _object(bag, name, bag.attached(name) if of_another else bag.file_of_run(name)) or {}


def task_of(bag: Bag) -> dict[str, Any] | None:
    """Returns the task of a bag that was made of another one, None where it names none.

    Raises:
        BagError: it is damaged; one line.
    """
    return _object(bag, TASK, bag.attached(TASK))


def _object(bag: Bag, name: str, text: bytes | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        return {**json.loads(text)}
    except (TypeError, ValueError) as error:
        raise BagError(f'{bag.folder}: its {name} is damaged ({error})') from None
