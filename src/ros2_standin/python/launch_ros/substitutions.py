"""Paths of installed packages."""

import os

from ament_index_python.packages import PackageNotFoundError, get_package_prefix
from launch.substitution import Substitution, SubstitutionFailure
from launch.utilities import perform_substitutions

__all__ = ['ExecutableInPackage']


class ExecutableInPackage(Substitution):
    """The path of a package's executable, lib/<package>/<executable>."""

    def __init__(self, executable, package) -> None:
        self.executable, self.package = executable, package

    def perform(self, context) -> str:
        package, executable = (
            perform_substitutions(context, part) for part in (self.package, self.executable)
        )
        try:
            prefix = get_package_prefix(package)
        except (PackageNotFoundError, LookupError, ValueError) as error:
            raise SubstitutionFailure(
                f"package '{package}' not found; is the workspace built and its environment sourced "
                f'(AMENT_PREFIX_PATH={os.environ.get("AMENT_PREFIX_PATH", "")})?'
            ) from error
        folder = os.path.join(prefix, 'lib', package)
        path = os.path.join(folder, executable)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
        found = ', '.join(sorted(os.listdir(folder))) if os.path.isdir(folder) else 'none'
        raise SubstitutionFailure(
            f"executable '{executable}' of package '{package}' not found in {folder} ({found})"
        )
