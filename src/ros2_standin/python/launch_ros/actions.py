"""Nodes, and what applies to all nodes of a scope."""

import os
import shutil
import tempfile

from launch.actions import ExecuteProcess
from launch.launch_description import Action
from launch.utilities import perform_substitutions

from .parameter_descriptions import evaluate_dictionary, evaluate_path, write_parameter_file
from .substitutions import ExecutableInPackage

__all__ = ['Node', 'PushROSNamespace', 'PushRosNamespace', 'SetParameter', 'SetRemap']


class Node(ExecuteProcess):
    """A node's executable with its name, namespace, parameters and remappings as ROS arguments."""

    def __init__(
        self,
        *,
        executable,
        package=None,
        name=None,
        namespace=None,
        exec_name=None,
        parameters=None,
        remappings=None,
        ros_arguments=None,
        arguments=None,
        **kwargs,
    ) -> None:
        """Describe the node.

        Args:
            executable: file in lib/<package>, or a program of its own where package is None.
            package: ROS package.
            name: node name, default the one in its code.
            namespace: put behind the scope's namespace unless it begins with '/'.
            exec_name: label of its lines, default the executable's name.
            parameters: list of dictionaries and paths of YAML files; later ones win.
            remappings: (from, to) pairs.
            ros_arguments: further arguments behind --ros-args.
            arguments: arguments before --ros-args.
            **kwargs: of ExecuteProcess.
        """
        program = (
            executable if package is None else ExecutableInPackage(package=package, executable=executable)
        )
        super().__init__(cmd=[program, *(arguments or [])], name=exec_name, **kwargs)
        if parameters is not None and not isinstance(parameters, (list, tuple)):
            raise TypeError(f'Node: parameters must be a list of dictionaries and paths, got {parameters!r}')
        self._node_name, self._namespace = name, namespace
        self._parameters, self._remappings = list(parameters or []), list(remappings or [])
        self._ros_arguments = list(ros_arguments or [])

    def command(self, context) -> list[str]:
        command = super().command(context)
        if self._ros_arguments:
            command += ['--ros-args', *(perform_substitutions(context, part) for part in self._ros_arguments)]
        command.append('--ros-args')
        configurations = context.launch_configurations
        name = None if self._node_name is None else perform_substitutions(context, self._node_name)
        if name is not None:
            command += ['-r', f'__node:={name}']
        inner = None if self._namespace is None else perform_substitutions(context, self._namespace)
        namespace = join_namespaces(configurations.get('ros_namespace'), inner)
        if namespace is not None:
            command += ['-r', f'__ns:={namespace}']
        for parameter, value in configurations.get('global_params', ()):
            command += ['-p', f'{parameter}:={value}']
        for parameter in self._parameters:
            command += self._parameter_arguments(context, parameter, _full_name(namespace, name))
        for source, target in [*configurations.get('ros_remaps', ()), *self._remappings]:
            source, target = perform_substitutions(context, source), perform_substitutions(context, target)
            command += ['-r', f'{source}:={target}']
        return command

    def _parameter_arguments(self, context, parameter, full_name: str) -> list[str]:
        if isinstance(parameter, dict):
            values = evaluate_dictionary(context, parameter)
            path = os.path.join(_parameter_folder(context), f'{_next_number(context)}.yaml')
            write_parameter_file(path, full_name, values)
            return ['--params-file', path]
        return ['--params-file', evaluate_path(context, parameter)]


class PushROSNamespace(Action):
    """Put a namespace before those of the nodes that follow in this scope."""

    def __init__(self, namespace, **kwargs) -> None:
        super().__init__(**kwargs)
        self.namespace = namespace

    def execute(self, context) -> None:
        outer = context.launch_configurations.get('ros_namespace')
        inner = perform_substitutions(context, self.namespace)
        context.launch_configurations['ros_namespace'] = join_namespaces(outer, inner)


PushRosNamespace = PushROSNamespace


class SetParameter(Action):
    """Set a parameter of the nodes that follow in this scope; their own values win."""

    def __init__(self, name, value, **kwargs) -> None:
        super().__init__(**kwargs)
        self.name, self.value = name, value

    def execute(self, context) -> None:
        name = perform_substitutions(context, self.name)
        value = evaluate_dictionary(context, {name: self.value})[name]
        if isinstance(value, list):
            raise TypeError(
                f"SetParameter '{name}': {value} is a list; the real package cannot pass one either"
            )
        others = context.launch_configurations.get('global_params', ())
        context.launch_configurations['global_params'] = (*others, (name, value))


class SetRemap(Action):
    """Remap a name for the nodes that follow in this scope."""

    def __init__(self, src, dst, **kwargs) -> None:
        super().__init__(**kwargs)
        self.pair = (src, dst)

    def execute(self, context) -> None:
        pair = tuple(perform_substitutions(context, part) for part in self.pair)
        others = context.launch_configurations.get('ros_remaps', ())
        context.launch_configurations['ros_remaps'] = (*others, pair)


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


def _full_name(namespace: str | None, name: str | None) -> str:
    """The key of the parameters: a fully known node name, else any node."""
    if namespace is None or name is None:
        return '/**'
    return f'{namespace.rstrip("/")}/{name}'


def _parameter_folder(context) -> str:
    """A temporary folder that goes with the launch."""
    service = context.service
    if not hasattr(service, 'parameter_folder'):
        service.parameter_folder = tempfile.mkdtemp(prefix='launch_params_')
        service.parameter_files = 0
        service.call_at_end(lambda: shutil.rmtree(service.parameter_folder, ignore_errors=True))
    return service.parameter_folder


def _next_number(context) -> int:
    context.service.parameter_files += 1
    return context.service.parameter_files
