"""Replay buffer on disk that stores each camera frame once, and mini-batches in shared memory."""
