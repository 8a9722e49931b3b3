"""The sign of a run as a picture: a coloured bar that is seen from the other end of the room."""

import textwrap

import cv2
import numpy as np

from ur5_rl_monitor.sights import Sign
from ur5_rl_monitor.status import Level

SIZE = (72, 1200)
"""Height and width [pixel]."""
COLOURS = {
    Level.OK: (70, 140, 40),
    Level.WARN: (0, 140, 230),
    Level.ERROR: (40, 40, 210),
    Level.STALE: (110, 110, 110),
}  # BGR
WORDS = {Level.OK: 'OK', Level.WARN: 'WARNING', Level.ERROR: 'ERROR', Level.STALE: '?'}
WHITE, FONT = (255, 255, 255), cv2.FONT_HERSHEY_SIMPLEX
TEXT_X, LINE_CHARACTERS, LINES = 250, 84, 2


def picture(sign: Sign) -> np.ndarray:
    """Returns the bar, (H, W, 3) uint8 BGR; a text that does not fit ends in dots."""
    bar = np.full((*SIZE, 3), COLOURS[sign.level], np.uint8)
    cv2.putText(bar, WORDS[sign.level], (16, 50), FONT, 1.4, WHITE, 3, cv2.LINE_AA)
    text = sign.text.encode('ascii', 'replace').decode()  # the font has nothing else
    lines = textwrap.wrap(text, LINE_CHARACTERS, max_lines=LINES, placeholder=' ...')
    top = 44 if len(lines) == 1 else 30
    for number, line in enumerate(lines):
        cv2.putText(bar, line, (TEXT_X, top + 28 * number), FONT, 0.62, WHITE, 1, cv2.LINE_AA)
    return bar
