"""Nodes, and their namespace in a scope."""

from launch.actions import ExecuteProcess
from launch.launch_description import Action
from launch.utilities import perform_substitutions

from .substitutions import ExecutableInPackage

__all__ = ['Node', 'PushRosNamespace']


class Node(ExecuteProcess):
    """A node's executable with its name, namespace and remappings as ROS arguments."""

    def __init__(
        self,
        *,
        package,
        executable,
        name=None,
        namespace=None,
        exec_name=None,
        remappings=None,
        ros_arguments=None,
        arguments=None,
        **kwargs,
    ) -> None:
        """Describe the node.

        Args:
            package: ROS package.
            executable: file in lib/<package>.
            name: node name, default the one in its code.
            namespace: put behind the scope's namespace unless it begins with '/'.
            exec_name: label of its lines, default the executable's name.
            remappings: (from, to) pairs.
            ros_arguments: further arguments behind --ros-args, parameters among them.
            arguments: arguments before --ros-args.
            **kwargs: of ExecuteProcess.
        """
        program = ExecutableInPackage(package=package, executable=executable)
        super().__init__(cmd=[program, *(arguments or ())], name=exec_name, **kwargs)
        self._node_name, self._namespace = name, namespace
        self._remappings, self._ros_arguments = list(remappings or ()), list(ros_arguments or ())

    def command(self, context) -> list[str]:
        command = super().command(context)
        if self._ros_arguments:
            command += ['--ros-args', *(perform_substitutions(context, part) for part in self._ros_arguments)]
        command.append('--ros-args')
        if self._node_name is not None:
            command += ['-r', f'__node:={perform_substitutions(context, self._node_name)}']
        inner = None if self._namespace is None else perform_substitutions(context, self._namespace)
        namespace = join_namespaces(context.launch_configurations.get('ros_namespace'), inner)
        if namespace is not None:
            command += ['-r', f'__ns:={namespace}']
        for pair in self._remappings:
            source, target = (perform_substitutions(context, part) for part in pair)
            command += ['-r', f'{source}:={target}']
        return command


class PushRosNamespace(Action):
    """Put a namespace before those of the nodes that follow in this scope."""

    def __init__(self, namespace, **kwargs) -> None:
        super().__init__(**kwargs)
        self.namespace = namespace

    def execute(self, context) -> None:
        outer = context.launch_configurations.get('ros_namespace')
        inner = perform_substitutions(context, self.namespace)
        context.launch_configurations['ros_namespace'] = join_namespaces(outer, inner)


def join_namespaces(outer: str | None, inner: str | None) -> str | None:
    """The absolute namespace; an inner one that begins with '/' stands alone; None if there is neither."""
    if outer is None and inner is None:
        return None
    if inner is None:
        joined = outer
    elif inner.startswith('/') or not outer:
        joined = inner
    else:
        joined = f'{outer.rstrip("/")}/{inner}'
    joined = '/' + joined.strip('/')
    for part in joined.strip('/').split('/'):
        if joined != '/' and not part.isidentifier():
            raise ValueError(
                f"namespace '{joined}': '{part}' is not made of letters, digits and _, or begins with a digit"
            )
    return joined
