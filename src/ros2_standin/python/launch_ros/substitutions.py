"""Paths of installed packages."""

import os

from ament_index_python.packages import PackageNotFoundError, get_package_prefix, get_package_share_directory
from launch.substitution import Substitution, SubstitutionFailure
from launch.utilities import describe, perform_substitutions

__all__ = ['ExecutableInPackage', 'FindPackagePrefix', 'FindPackageShare']


class FindPackagePrefix(Substitution):
    """The prefix that a package is installed under."""

    _find = staticmethod(get_package_prefix)

    def __init__(self, package) -> None:
        self.package = package

    def perform(self, context) -> str:
        name = perform_substitutions(context, self.package)
        try:
            return str(self._find(name))
        except (PackageNotFoundError, LookupError, ValueError) as error:
            raise SubstitutionFailure(
                f"package '{name}' not found; is the workspace built and its environment sourced "
                f'(AMENT_PREFIX_PATH={os.environ.get("AMENT_PREFIX_PATH", "")})?'
            ) from error

    def describe(self) -> str:
        return f'{type(self).__name__}({describe(self.package)})'


class FindPackageShare(FindPackagePrefix):
    """A package's share folder."""

    _find = staticmethod(get_package_share_directory)


class ExecutableInPackage(FindPackagePrefix):
    """The path of a package's executable, lib/<package>/<executable>."""

    def __init__(self, executable, package) -> None:
        super().__init__(package)
        self.executable = executable

    def perform(self, context) -> str:
        package, executable = (
            perform_substitutions(context, part) for part in (self.package, self.executable)
        )
        folder = os.path.join(super().perform(context), 'lib', package)
        path = os.path.join(folder, executable)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
        found = ', '.join(sorted(os.listdir(folder))) if os.path.isdir(folder) else 'none'
        raise SubstitutionFailure(
            f"executable '{executable}' of package '{package}' not found in {folder} ({found})"
        )

    def describe(self) -> str:
        return f'{describe(self.package)}/{describe(self.executable)}'
