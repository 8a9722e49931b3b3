"""Both files of a film, encoded and decoded again."""

import av
import cv2
import numpy as np
import pytest
from full_disk import no_room

from ur5_rl_video.film import SMALL_WIDTH, Film

SIZE = (64, 48)
COLOURS = [(0, 0, 200), (0, 180, 0), (200, 60, 20)]  # BGR


def frames():
    """Three frames of one colour, with a white left half."""
    for colour in COLOURS:
        frame = np.full((SIZE[1], SIZE[0], 3), colour, np.uint8)
        frame[:, : SIZE[0] // 2] = 255
        yield frame


def shot(base, rate=25.0):
    film = Film(base, SIZE, rate)
    for frame in frames():
        film.add(frame)
    film.finish()
    return film.paths


def decoded(path):
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        return stream, [frame.to_ndarray(format='bgr24') for frame in file.decode(stream)]


def test_a_film_plays_in_browsers_as_fast_as_it_was_and_in_its_colours(tmp_path):
    mp4, _ = shot(tmp_path / 'film')
    stream, found = decoded(mp4)
    context = stream.codec_context
    assert (context.name, context.pix_fmt) == ('h264', 'yuv420p')
    assert stream.average_rate == 25 and len(found) == 3
    assert float(stream.duration * stream.time_base) == pytest.approx(3 / 25)
    for frame, colour in zip(found, COLOURS, strict=True):
        assert np.abs(frame[20, 50] - np.array(colour, float)).max() < 25 and frame[20, 10].min() > 240
    data = mp4.read_bytes()
    assert data.index(b'moov') < data.index(b'mdat'), 'a browser begins before it has all'


def test_the_small_picture_shows_every_second_frame_for_ever(tmp_path):
    _, webp = shot(tmp_path / 'film')
    _, found = cv2.imreadanimation(str(webp))
    found = found.frames
    assert [frame.shape[:2] for frame in found] == 2 * [(480, SMALL_WIDTH)]
    for frame, colour in zip(found, COLOURS[::2], strict=True):
        assert np.abs(frame[200, 500, :3] - np.array(colour, float)).max() < 25
    data = webp.read_bytes()
    assert data[:4] == b'RIFF' and data[8:12] == b'WEBP'
    assert data[data.index(b'ANIM') + 12 :][:2] == b'\0\0', 'a count of 0 is for ever'
    after = data.index(b'ANMF') + 8
    assert int.from_bytes(data[after + 12 : after + 15], 'little') == 80, 'duration of a frame [ms]'


def test_the_same_frames_give_the_same_bytes(tmp_path):
    first, again = (shot(tmp_path / name) for name in 'ab')
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in again]


def test_what_is_there_is_not_written_over(tmp_path):
    (tmp_path / 'film.webp').write_bytes(b'mine')
    with pytest.raises(ValueError, match=r'film\.webp is there already; remove it, or give another output'):
        Film(tmp_path / 'film', SIZE, 25.0)
    assert [path.name for path in tmp_path.iterdir()] == ['film.webp']


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path):
    film = Film(tmp_path / 'film', SIZE, 25.0)
    with no_room(), pytest.raises(OSError, match=r'film\.\w+\.part cannot be written \(') as raised:
        for frame in frames():
            film.add(frame)
        film.finish()
    assert str(raised.value).isprintable()
    with no_room():
        film.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    with pytest.raises(
        OSError, match=r'none/film\.mp4\.part cannot be written \(No such file or directory\)'
    ):
        shot(tmp_path / 'none' / 'film')
