"""Sizes that several nodes take, each declared once: of images, and of the mini-batches made of them."""

from dataclasses import dataclass

from ur5_rl_graph.config import setting


@dataclass(frozen=True, kw_only=True)
class ImageSize:
    """Of the camera's frames, and of those that are shown to the agent and stored."""

    image_width: int = setting(
        160, 'width of the camera frames; the reward is computed on them [pixel]', low=16, high=1920
    )
    image_height: int = setting(90, 'height of the camera frames [pixel]', low=9, high=1080)
    observation_width: int = setting(
        0, 'width of the frames in an observation, 0 = as the camera [pixel]', low=0, high=1920
    )
    observation_height: int = setting(
        0, 'height of the frames in an observation, 0 = as the camera [pixel]', low=0, high=1080
    )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, 3) of a camera frame."""
        return self.image_height, self.image_width, 3

    @property
    def observation_shape(self) -> tuple[int, int, int]:
        """(height, width, 3) of a frame in an observation."""
        return self.observation_height or self.image_height, self.observation_width or self.image_width, 3


@dataclass(frozen=True, kw_only=True)
class MiniBatchSize:
    """Of what the sampler hands to the learner, whose encoder sees the cropped images."""

    batch_size: int = setting(128, 'transitions in a mini-batch', low=1, high=4096)
    crop_width: int = setting(156, 'width of the cropped images [pixel]', low=8, high=1280)
    crop_height: int = setting(88, 'height of the cropped images [pixel]', low=8, high=720)
