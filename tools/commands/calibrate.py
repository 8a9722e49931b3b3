"""./ur5rl calibrate"""

from tools.commands import launch

SUMMARY = 'measure delays and the monitor, write the setting: ./ur5rl calibrate [name:=value ...]'


def help_text() -> str:
    """The text of ./ur5rl calibrate --help."""
    return (
        'usage: ./ur5rl calibrate [name:=value ...]\n\n'
        'Moves the arm between places in front of the monitor, jogs a joint by a few degrees and has the\n'
        'target jump on the monitor. Measures how late camera, arm and monitor are, where it stands and\n'
        'how large it is, how the camera is mounted, and what colour it sees.\n\n'
        '  setting:=NAME            to begin with; what is measured is put into a copy of it\n'
        '  output:=FOLDER           none = results/<time>_calibrate_...; gets calibrated.yaml and the plots\n'
        '  robot_model:=ur5e        the arm, where it is not a UR5 (nor as the setting says)\n'
        '  robot_ip:= camera:= display:= confirm:= cell_address:= namespace:=\n'
        '                           as of launch; a real arm moves after your word only\n\n'
        'Ctrl-C at any time: the arm is brought to rest, no setting is written (docs/hardware.md).'
    )


def run(argv: list[str]) -> None:
    """Becomes the launch of the calibration."""
    launch.run(['calibrate', *argv])
