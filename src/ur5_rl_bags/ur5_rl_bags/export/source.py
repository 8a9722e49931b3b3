"""What of a bag is exported: the transitions of one environment, and what the bag says of the run."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import yaml

from ur5_rl_bags import definitions, metadata, robots
from ur5_rl_bags.bag_contents import BagError
from ur5_rl_bags.carried import TASK, identity_of, task_of
from ur5_rl_bags.export.episodes import Summary
from ur5_rl_bags.reader import Bag
from ur5_rl_bags.share_done import told
from ur5_rl_env.task import TaskConfig
from ur5_rl_graph import messages, run_files, topics
from ur5_rl_graph.data import JOINT_NAMES, JOINTS, Transition
from ur5_rl_graph.parameter_file import EVERY_NODE

INSTRUCTIONS = {
    'reaching': 'move the camera until it sees the red disc on the monitor large and in the middle',
    'tracking': 'keep the red disc that moves on the monitor large and in the middle of what the camera sees',
}
"""The tasks in words."""
UNREADABLE = 'that cannot be read'


@dataclass(frozen=True)
class About:
    """What every format says of a run."""

    task: TaskConfig
    instruction: str  # the task in words
    joints: tuple[str, ...]  # names, in the order of all vectors of joints
    run: dict[str, Any]  # run.json: architecture, setting, seed ...; {} = unknown
    recorded_with: dict[str, str]  # revision and versions; {} = unknown

    @property
    def steps_per_s(self) -> int | float:
        """Action cycles in a second; an int where it is one."""
        rate = round(1.0 / self.task.action_cycle_s, 6)
        return int(rate) if rate == int(rate) else rate

    def described(self) -> dict[str, Any]:
        """Returns it as values for JSON."""
        return {
            'instruction': self.instruction,
            'joints': list(self.joints),
            'steps_per_s': self.steps_per_s,
            'environment': asdict(self.task),
            'run': self.run,
            'recorded_with': self.recorded_with,
        }


def namespace_of(bag: Bag, wanted: str) -> str:
    """Returns the namespace whose transitions are exported, with a slash at its end.

    Args:
        bag: the bag.
        wanted: '' = the only one.

    Raises:
        BagError: there is none, several to choose from, or not this one.
    """
    namespace = robots.namespace_of(bag, wanted, topics.TRANSITION.name)
    full, kind = namespace + topics.TRANSITION.name, definitions.name_of(topics.TRANSITION.type)
    if bag.topics[full].type != kind:
        raise BagError(f'{bag.folder}: {full} is {bag.topics[full].type}, and should be {kind}')
    return namespace


def summaries(bag: Bag, namespace: str) -> dict[int, Summary]:
    """Returns what the environment said of each episode at its end, as far as it is there."""
    name = namespace + topics.EPISODE.name
    if name not in bag.topics:
        return {}
    found = {}
    for message in map(bag.deserialised, bag.messages([name])):
        target = message.target_x, message.target_y
        found[message.episode] = Summary(message.aborted, message.text, target)
    return found


def transitions(bag: Bag, namespace: str, left_out: Counter) -> Iterator[Transition]:
    """Yields the transitions in the order in which they were received, and says now and then how far it is.

    Args:
        bag: the bag.
        namespace: whose.
        left_out: counts those that contradict themselves.
    """
    name = namespace + topics.TRANSITION.name
    for recorded in told(bag.messages([name]), bag.topics[name].count, 'transitions'):
        try:
            yield messages.transition_from_msg(bag.deserialised(recorded))
        except ValueError:
            left_out[UNREADABLE] += 1


def about(bag: Bag, given: Mapping[str, str]) -> About:
    """Returns what is known of the run; what a person says goes before what the bag says.

    Args:
        bag: the bag.
        given: 'task', a text in any words, and 'action_cycle' [s]; '' = as the bag says.

    Raises:
        BagError: the bag does not say it, and nobody else does.
        ValueError: it is no such value.
    """
    made_anew, parameters = task_of(bag), bag.file_of_run(run_files.PARAMETERS)
    values = _environment(bag, parameters or b'') if made_anew is None else _of_task(made_anew)
    if given['action_cycle']:
        values['action_cycle_s'] = _cycle_s(given['action_cycle'])
    elif 'action_cycle_s' not in values:
        if not parameters:
            raise BagError(
                f'{bag.folder} does not say the action cycle ({run_files.PARAMETERS} is not in it): '
                'action_cycle:=SECONDS task:=TEXT do'
            )
        values['action_cycle_s'] = TaskConfig().action_cycle_s
    try:
        task = TaskConfig(**values)
    except (TypeError, ValueError) as error:
        source = run_files.PARAMETERS if made_anew is None else TASK
        raise BagError(f'{bag.folder}: {source} is damaged ({error})') from None
    instruction = given['task'] or INSTRUCTIONS[task.task]
    return About(task, instruction, JOINT_NAMES[:JOINTS], identity_of(bag), _recorded_with(bag))


def _cycle_s(text: str) -> float:
    """Returns the action cycle that a person gives [s]."""
    try:
        return TaskConfig(action_cycle_s=float(text)).action_cycle_s
    except ValueError as error:
        raise ValueError(
            f"action_cycle is '{text}' ({error}); it takes a number, as action_cycle:=0.04"
        ) from None


def _environment(bag: Bag, text: bytes) -> dict[str, Any]:
    """Returns the parameters of the environment that its task is made of."""
    # Not by parameter_file: a bag of another version is exported, too, whatever else its nodes took.
    try:
        nodes = yaml.safe_load(text) or {}
        own = [name for name in nodes if name.endswith('/environment')]
        values: dict[str, Any] = {}
        for node in (EVERY_NODE, *own):
            values |= nodes.get(node, {}).get('ros__parameters', {})
    except (yaml.YAMLError, UnicodeDecodeError, AttributeError, TypeError) as error:
        why = ' '.join(str(error).split())
        raise BagError(f'{bag.folder}: {run_files.PARAMETERS} is damaged ({why})') from None
    return _of_task(values)


def _of_task(values: dict[str, Any]) -> dict[str, Any]:
    return {field.name: values[field.name] for field in fields(TaskConfig) if field.name in values}


def _recorded_with(bag: Bag) -> dict[str, str]:
    try:
        return dict(metadata.read(bag.folder).custom_data)
    except (OSError, ValueError):
        return {}  # the reader has said it
