"""The controller's RTDE input fields: their values, who may write them, and when that last happened."""

from ur5_rl_env.cell.rtde_protocol import IN_USE, INPUT_TYPES, NOT_FOUND, TYPES


class InputFields:
    """Values of all RTDE inputs.

    A field belongs to the first connection that asks for it, until that connection closes. Values stay until
    they are overwritten, also after their connection has gone.
    """

    def __init__(self):
        self._values = {name: _zero(kind) for name, kind in INPUT_TYPES.items()}
        self._owners = {}
        self._written = {}

    def claim(self, owner, names):
        """Reserve fields for `owner` (any hashable).

        Returns:
            For each name its type, or NOT_FOUND, or IN_USE where it belongs to another owner.
        """
        answers = []
        for name in names:
            if name not in INPUT_TYPES:
                answers.append(NOT_FOUND)
            elif self._owners.setdefault(name, owner) != owner:
                answers.append(IN_USE)
            else:
                answers.append(INPUT_TYPES[name])
        return answers

    def free(self, owner):
        """Give back everything that belongs to `owner`."""
        self._owners = {name: holder for name, holder in self._owners.items() if holder != owner}

    def write(self, fields, step):
        """Set several fields at once; `step` (control step) is remembered as the time of writing."""
        self._values.update(fields)
        self._written.update(dict.fromkeys(fields, step))

    def written(self, name):
        """Control step at which `name` was last written, -1 if never."""
        return self._written.get(name, -1)

    def integer(self, register):
        """Value of input integer register 0 to 47."""
        return self._values[f'input_int_register_{register}']

    def doubles(self, register, count):
        """Values of `count` consecutive input double registers, a list."""
        return [self._values[f'input_double_register_{i}'] for i in range(register, register + count)]


def _zero(kind):
    count = TYPES[kind][1]
    return 0 if count == 1 else (0,) * count
