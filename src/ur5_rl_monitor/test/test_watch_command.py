"""./ur5rl monitor: what cannot be shown is refused in one line, before anything is served."""

from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy')
pytest.importorskip('ur5_rl_interfaces.msg')

from ur5_rl_env.guard import GuardConfig
from ur5_rl_monitor import view, watch, watch_recorded


@pytest.fixture(autouse=True)
def nothing_is_served(monkeypatch):
    def serve(*_, **__):
        raise ValueError('it would be served now')

    monkeypatch.setattr(watch_recorded, 'View', serve)


def refused(capsys, *argv):
    assert watch.main([str(word) for word in argv]) == 2
    printed = capsys.readouterr()
    assert len(printed.err.splitlines()) == 1 and printed.err.startswith('error: '), printed.err
    return printed.err + printed.out


@pytest.mark.parametrize(
    ('words', 'sentence'),
    [
        (['/nowhere'], '/nowhere is not there: give the folder of a bag'),
        (['/nowhere/lr=1e-3'], '/nowhere/lr=1e-3 is not there: give the folder of a bag'),
        (['a', 'b'], 'one RUN or BAG is shown at a time, not a, b'),
        (['prot:=9090'], "'prot:=9090' is no option"),
        (['port:=first'], "port is 'first'; it takes a whole number, as port:="),
        (['port:=0'], 'port is 0; allowed is 1 to 65534'),
        (['address:=somewhere'], "address is 'somewhere'; give an IP address of this machine"),
        (['checkpoint:=x'], "'checkpoint:=x' is no option"),  # beside a run the weights are its own
    ],
)
def test_words_that_cannot_be_meant(capsys, words, sentence):
    assert sentence in refused(capsys, *words)


def test_a_folder_that_is_no_bag(capsys, tmp_path):
    (tmp_path / 'notes.txt').touch()
    assert 'is no bag: no file .mcap or .db3 is in it (notes.txt)' in refused(capsys, tmp_path)


def test_a_run_without_a_bag_is_shown_by_its_tables(capsys, tmp_path):
    (tmp_path / 'run.json').write_text('{}')
    assert 'it would be served now' in refused(capsys, tmp_path)


BAG = watch.Path(__file__).resolve().parents[3] / 'bags/reaching_small'


def test_a_bag_without_weights_says_so_and_is_shown(capsys):
    told = refused(capsys, BAG)
    assert f'{BAG} holds no weights: what the network sees is not drawn (checkpoint:=FILE draws it)' in told
    assert 'it would be served now' in told


def test_weights_that_are_not_there_or_of_another_setting(capsys):
    checkpoint = BAG.parents[1] / 'checkpoints/reaching_small.safetensors'
    assert 'no_weights' in refused(capsys, BAG, 'checkpoint:=no_weights')
    told = refused(capsys, BAG, f'checkpoint:={checkpoint}', 'setting:=high_resolution')
    assert 'was saved in another setting' in told
    assert 'it would be served now' in refused(capsys, BAG, f'checkpoint:={checkpoint}')


class Shown:
    """What a bag is shown with, where nothing is served."""

    def __init__(self, monkeypatch):
        self.guard = self.limits = None
        monkeypatch.setattr(watch_recorded, '_serve', lambda config, show: show(None))
        monkeypatch.setattr(watch_recorded, 'show_bag', self._show)

    def _show(self, bag, namespace, guard, limits, network, sink):
        self.guard, self.limits = guard, limits


@pytest.fixture
def shown(monkeypatch):
    return Shown(monkeypatch)


CARRIED = """
/a/diagnostics:
  ros__parameters: {action_cycle_s: 0.08}
/a/scene_markers:
  ros__parameters: {robot_model: ur5e, control_period_s: 0.008, box_low: [-0.3, 0.2, 0.2]}
"""


def carries(monkeypatch, text):
    monkeypatch.setattr(watch_recorded.Bag, 'file_of_run', lambda bag, name: text and text.encode())


def test_a_bag_is_shown_with_the_parameters_of_its_run(capsys, monkeypatch, shown):
    """It brings them with it. Before a UR5e was read at 500 Hz it had 0.008 s, which no guard takes now."""
    carries(monkeypatch, CARRIED)
    assert watch.main([str(BAG)]) == 0, capsys.readouterr().err
    assert (shown.guard.robot_model, shown.guard.box_low) == ('ur5e', (-0.3, 0.2, 0.2))
    assert shown.limits.action_cycle_s == 0.08


@pytest.mark.parametrize('text', [None, '/**:\n  ros__parameters: {colour: 1}\n'])
def test_parameters_of_another_version_are_no_reason_not_to_look(capsys, monkeypatch, shown, text):
    carries(monkeypatch, text)
    assert watch.main([str(BAG)]) == 0
    told = capsys.readouterr().out
    assert ('of another version (parameters.yaml: no node declares a parameter' in told) == bool(text)
    assert shown.guard == GuardConfig() and shown.limits.action_cycle_s == 0.04


def test_a_setting_that_is_named_is_that_of_all_that_is_shown(capsys, monkeypatch, shown, tmp_path):
    carries(monkeypatch, CARRIED)
    given = 'action_cycle_s: 0.12, box_low: [-0.2, 0.2, 0.2]'
    (tmp_path / 'own.yaml').write_text(f'/**:\n  ros__parameters: {{{given}}}\n')
    assert watch.main([str(BAG), f'setting:={tmp_path}/own.yaml']) == 0, capsys.readouterr().err
    assert shown.guard.box_low == (-0.2, 0.2, 0.2) and shown.limits.action_cycle_s == 0.12


def test_a_namespace_that_is_not_in_the_bag(capsys):
    assert 'tells of /: name one of them' in refused(capsys, BAG, 'namespace:=lab')


def test_beside_a_run_the_words_become_parameters_of_a_node(monkeypatch):
    from ur5_rl_monitor.nodes import live_view

    started = []
    monkeypatch.setattr(watch.sys, 'argv', ['watch'])
    monkeypatch.setattr(live_view, 'main', lambda: started.append(watch.sys.argv[1:]) or 0)
    assert watch.main(['port:=9100', 'namespace:=/lab/one/']) == 0
    (words,) = started
    assert words[:3] == ['--ros-args', '-r', '__ns:=/lab/one']
    assert set(words[4::2]) == {'browser:=true', 'port:=9100', 'memory_mb:=512', 'address:="127.0.0.1"'}


def test_a_viewer_that_never_returns_ends_the_command(monkeypatch):
    """Each call of it begins a time in which the process has to go on; what waits for Ctrl-C goes on, too."""
    said, looks = [], iter([False, False, True])

    class Served:
        sink = SimpleNamespace(show=lambda time_ns, sight: said.append((time_ns, sight)))
        ended = property(lambda self: next(looks))

        def close(self):
            said.append('closed')

    monkeypatch.setattr(watch_recorded, 'View', lambda config, live: Served())
    monkeypatch.setattr(watch_recorded, 'goes_on', lambda limit_s: said.append(limit_s))
    monkeypatch.setattr(watch_recorded, 'LOOK_S', 0.0)

    def show(sink):
        sink.show(1, 'a')
        sink.show(2, 'b')
        return []

    with pytest.raises(ValueError, match='server of the viewer has ended'):
        watch_recorded._serve(None, show)
    limit = view.HUNG_S
    assert said == [limit, (1, 'a'), limit, (2, 'b'), limit, limit, 'closed']


def test_a_viewer_that_never_lets_go_ends_whoever_closes_the_view(monkeypatch):
    """The command and the node: when a node is destroyed, nobody watches it any more."""
    said = []
    monkeypatch.setattr(view, 'goes_on', lambda limit_s: said.append(limit_s))
    monkeypatch.setattr(view, 'never_mind', lambda: said.append('safe'))
    served = view.View.__new__(view.View)
    served._server = SimpleNamespace(close=lambda: said.append('ended'))
    served.sink = SimpleNamespace(close=lambda: said.append('let go'))
    served.close()
    assert said == [view.HUNG_S, 'ended', 'let go', 'safe']
