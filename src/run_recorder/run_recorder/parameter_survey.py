"""Asks the nodes of a run for all their parameters."""

import time
from collections.abc import Callable

from rcl_interfaces.srv import GetParameters, ListParameters
from rclpy.node import Node
from rclpy.parameter import parameter_value_to_python
from rclpy.task import Future

from ur5_rl_graph.declared import NODES

PATIENCE_S = 10.0
"""A question without an answer is given up after so long, and put anew."""


class ParameterSurvey:
    """Asks each node of the run until it has answered once; a question holds two clients, and frees them.

    Others in the same namespace are not asked: what a person or a tool runs beside, and may never answer.
    """

    def __init__(
        self,
        node: Node,
        take: Callable[[str, dict[str, object]], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Starts without questions.

        Args:
            node: asks.
            take: gets the full name of a node, and its parameters by name in types that YAML knows.
            monotonic: the clock [s].
        """
        self._node, self._take, self._monotonic = node, take, monotonic
        self._questions: dict[str, _Question] = {}
        self._asked: set[str] = set()
        self._answered: set[str] = set()

    def step(self) -> None:
        """Frees what is done or too old, asks those that are there. Call it once a second, from no answer."""
        for name, question in list(self._questions.items()):
            if question.answered or self._monotonic() - question.began_s > PATIENCE_S:
                self._questions.pop(name).free()
        for name, namespace in self._node.get_node_names_and_namespaces():
            full = f'{namespace.rstrip("/")}/{name}'
            if namespace == self._node.get_namespace() and name in NODES and full not in self._answered:
                self._asked.add(full)
                if full not in self._questions:
                    self._questions[full] = _Question(self._node, full, self._on_answer, self._monotonic())
                self._questions[full].ask_when_ready()

    @property
    def silent(self) -> list[str]:
        """Full names of those that were asked and have not answered."""
        return sorted(self._asked - self._answered)

    def _on_answer(self, name: str, values: dict[str, object]) -> None:
        self._answered.add(name)
        self._take(name, values)


class _Question:
    """To one node: which parameters it has, then their values."""

    def __init__(self, node: Node, name: str, take: Callable, began_s: float) -> None:
        self._node, self._name, self._take = node, name, take
        self._list = node.create_client(ListParameters, f'{name}/list_parameters')
        self._get = node.create_client(GetParameters, f'{name}/get_parameters')
        self._asked = self._freed = False
        self.began_s = began_s
        self.answered = False

    def ask_when_ready(self) -> None:
        if not self._asked and self._list.service_is_ready() and self._get.service_is_ready():
            self._asked = True
            self._list.call_async(ListParameters.Request()).add_done_callback(self._on_names)

    def free(self) -> None:
        self._freed = True
        self._node.destroy_client(self._list)
        self._node.destroy_client(self._get)

    def _on_names(self, future: Future) -> None:
        if self._freed:  # an answer that came at the last moment
            return
        names = sorted(future.result().result.names)
        answer = self._get.call_async(GetParameters.Request(names=names))
        answer.add_done_callback(lambda future: self._on_values(names, future))

    def _on_values(self, names: list[str], future: Future) -> None:
        values = [parameter_value_to_python(value) for value in future.result().values]
        plain = [list(value) if hasattr(value, 'tolist') else value for value in values]
        self.answered = True
        self._take(self._name, dict(zip(names, plain, strict=True)))
