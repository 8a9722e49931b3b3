"""Has what is to be shown played, and films it."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ur5_cell.scene import Scene
from ur5_rl_monitor.network_view import NetworkView
from ur5_rl_video.composition import HEIGHT, NETWORK, WIDTH, Composition
from ur5_rl_video.film import Film
from ur5_rl_video.moments import Episode
from ur5_rl_video.sources import Source

HOLD_S = 0.6
"""How long the last frame of an episode stands [s]."""


def shoot(source: Source, base: Path, label: str) -> tuple[Path, ...]:
    """Films all episodes of a source; returns the files.

    Args:
        source: to be shown.
        base: path of the files, without an ending.
        label: says whose weights are drawn.

    Raises:
        ValueError, OSError: no off-screen OpenGL, an output that is there, a full disk, or what the source
            raises.
    """
    task = source.task
    rate = 1.0 / task.action_cycle_s
    view = NetworkView(source.agent, task, max(1, NETWORK.width // task.image_width))
    if source.weights is not None:
        view.load(source.weights, label)
    with ExitStack() as ends:
        scene = Scene(source.scene)
        ends.callback(scene.close)
        film = Film(base, (WIDTH, HEIGHT), rate)
        ends.callback(film.discard)
        composition = Composition(
            view,
            lambda moment, height, width: scene.render_overview(moment.q, moment.target, height, width),
            task.action_cycle_s,
        )
        source.play(partial(_take, composition, film, round(HOLD_S * rate)))
        film.finish()
    return film.paths


def _take(composition: Composition, film: Film, hold: int, episode: Episode) -> None:
    """Films an episode; its last frame stands for `hold` more."""
    for index in range(len(episode.moments)):
        frame = composition.frame(episode, index)
        film.add(frame)
    for _ in range(hold):
        film.add(frame)
    print(f'{episode.title}: {len(episode.moments)} frames, return {episode.total:.1f}', flush=True)
