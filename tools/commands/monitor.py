"""./ur5rl monitor"""

from pathlib import Path

from tools.extras import THE_VIEWER, with_extra
from tools.handover import become_python
from tools.preparation import ready
from tools.stop import Stop

SUMMARY = 'watch a run in a browser, live or afterwards: ./ur5rl monitor [RUN|BAG]'


def help_text() -> str:
    """The text of ./ur5rl monitor --help."""
    return (
        'usage: ./ur5rl monitor [RUN|BAG] [name:=value ...]\n\n'
        'Without RUN and BAG: beside a run that goes on in this ROS domain. With one: what was recorded.\n'
        'Serves a page for a browser until Ctrl-C, prints its address, opens it where there is a display,\n'
        'and says over ssh what to type. Installs its viewer (rerun-sdk) on first use. It only listens.\n\n'
        '  port:=9090            of the page; what it shows comes from the next port\n'
        '  address:=127.0.0.1    IP address to serve on; others than loopback ones show the run to others\n'
        '  memory_mb:=512        what is kept for pages that are opened; the oldest goes first\n'
        '  namespace:=NAME       of the run\n\n'
        'Of a RUN or a BAG only:\n'
        '  checkpoint:=FILE      weights to draw what the network sees with; none = the last of the RUN\n'
        '  setting:=NAME         whose parameters count; none = those of the run, or small'
    )


def run(argv: list[str]) -> None:
    """Becomes the view; what cannot be shown is said before anything is installed."""
    for word in argv:
        if ':=' not in word and (fault := _fault(Path(word))):
            raise Stop(f'{fault}; give the folder of a run or of a bag: bags/reaching_small', 2)
    become_python('ur5_rl_monitor.watch', argv, with_extra(THE_VIEWER, ready()))


def _fault(path: Path) -> str:
    """What is wrong with a RUN or BAG at first sight, '' where nothing is."""
    if not path.exists():
        return f'there is no {path}'
    names = {found.name for found in path.iterdir()} if path.is_dir() else {path.name}
    if names & {'run.json', 'bag'} or any(name.endswith(('.mcap', '.db3')) for name in names):
        return ''
    return f'{path} holds neither a run (run.json) nor a bag (.mcap or .db3)'
