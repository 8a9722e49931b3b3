"""The losses of soft actor-critic, one pure function per equation of thesis 2.3. B = batch."""

import torch
from torch import Tensor


def soft_bellman_target(
    reward: Tensor, discount: Tensor, next_q: Tensor, next_log_prob: Tensor, temperature: Tensor, gamma: float
) -> Tensor:
    """Y = r + gamma d (min_i Q_i(s', a') - alpha log pi(a' | s')), thesis eq. 2.4 and 2.5.

    Args:
        reward: (B,).
        discount: (B,), 0 only where the task itself ended (a truncated episode bootstraps).
        next_q: (2, B), the target critics at the next observation and a fresh action there.
        next_log_prob: (B,), of that action.
        temperature: alpha, a scalar.
        gamma: the discount factor.

    Returns:
        (B,).
    """
    soft_value = next_q.amin(0) - temperature * next_log_prob
    return reward + gamma * discount * soft_value


def critic_loss(q: Tensor, target: Tensor) -> Tensor:
    """J_Q = sum_i mean 1/2 (Q_i(s, a) - y)^2, thesis eq. 2.4; q (2, B), target (B,)."""
    return 0.5 * (q - target).square().mean(1).sum()


def actor_loss(q: Tensor, log_prob: Tensor, temperature: Tensor) -> Tensor:
    """Minus thesis eq. 2.6: mean(alpha log pi(a | s) - min_i Q_i(s, a)); q (2, B), log_prob (B,)."""
    return (temperature * log_prob - q.amin(0)).mean()


def temperature_loss(log_temperature: Tensor, log_prob: Tensor, target_entropy: float) -> Tensor:
    """J(alpha) = mean(-alpha log pi - alpha H), thesis eq. 2.7; the gradient reaches only log alpha."""
    return (log_temperature.exp() * (-log_prob.detach() - target_entropy)).mean()


@torch.no_grad()
def move_towards(target: list[Tensor], source: list[Tensor], ratio: float) -> None:
    """Target <- ratio source + (1 - ratio) target, in place (thesis algorithm 1, last line)."""
    torch._foreach_lerp_(target, source, ratio)
