"""64 bits by which two observations are told apart without having both."""

import hashlib

import numpy as np

from ur5_rl_graph.data import STACK, Observation

KEPT = 4 * STACK  # digests of frames: each is shown in three observations


class ObservationDigest:
    """Digests of what is published, pixels and numbers apart. A frame is looked at once."""

    def __init__(self) -> None:
        """Starts without a frame."""
        self._frames: dict[int, bytes] = {}  # by frame id

    def __call__(self, observation: Observation) -> tuple[str, str]:
        """Returns the digest of the pixels and that of all else, 16 hexadecimal digits each."""
        pixels = hashlib.blake2b(digest_size=8)
        for frame_id, frame in zip(observation.frame_ids.tolist(), observation.frames, strict=True):
            pixels.update(self._of_frame(frame_id, frame))
        numbers = hashlib.blake2b(digest_size=8)
        for name, value in observation._asdict().items():
            if name == 'reward':
                value = np.float32(value)  # as it goes over the wire
            if name != 'frames':
                numbers.update(np.asarray(value).tobytes())
        return pixels.hexdigest(), numbers.hexdigest()

    def _of_frame(self, frame_id: int, frame: np.ndarray) -> bytes:
        digest = self._frames.get(frame_id)
        if digest is None:
            digest = hashlib.blake2b(np.ascontiguousarray(frame).data, digest_size=8).digest()
            self._frames[frame_id] = digest
            if len(self._frames) > KEPT:
                del self._frames[next(iter(self._frames))]
        return digest
