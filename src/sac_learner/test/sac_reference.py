"""Soft actor-critic written a second time from the equations: numpy, float64, central differences.

It shares nothing with the package but the names of the tensors. Sizes: B mini-batch, n latent, h hidden.
"""

import numpy as np

STEP = 1e-5


def relu(x):
    return np.maximum(x, 0.0)


def convolve(x, kernel, bias, stride):
    """x (B, C, H, W), kernel (O, C, 3, 3), no padding."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))[:, :, ::stride, ::stride]
    return np.einsum('bcyxij,ocij->boyx', windows, kernel) + bias[:, None, None]


def encode(p, images, strides, temperature):
    """Images (B, 3 frames, h, w, 3 colours) uint8 -> expected positions (B, 2C), x first."""
    x = (
        np.concatenate([images[:, f].transpose(0, 3, 1, 2) for f in range(3)], axis=1) / 255.0
    )  # frame-major channels
    first = p['frames.weight']  # (O, colour, frame, 3, 3)
    kernel = np.concatenate([first[:, :, f] for f in range(3)], axis=1)
    x = relu(convolve(x, kernel, p['frames.bias'], strides[0]))
    for i, stride in enumerate(strides[1:]):
        x = convolve(x, p[f'convolutions.{i}.weight'], p[f'convolutions.{i}.bias'], stride)
        if i < len(strides) - 2:
            x = relu(x)
    batch, channels, height, width = x.shape
    e = np.exp((x - x.max(axis=(2, 3), keepdims=True)) / temperature)
    s = e / e.sum(axis=(2, 3), keepdims=True)
    fx = (s * np.linspace(-1, 1, width)[None, None, None, :]).sum(axis=(2, 3))
    fy = (s * np.linspace(-1, 1, height)[None, None, :, None]).sum(axis=(2, 3))
    return np.concatenate([fx, fy], axis=1)


def policy(p, latent, noise, log_std_limits):
    """Returns action (B, 5) and its log density (B,), by the change of variables through tanh."""
    for i in range(2):
        latent = relu(latent @ p[f'hidden.{i}.weight'].T + p[f'hidden.{i}.bias'])
    out = latent @ p['output.weight'].T + p['output.bias']
    mean, raw = out[:, :5], out[:, 5:]
    low, high = log_std_limits
    log_std = low + (high - low) * (np.tanh(raw) + 1) / 2
    action = np.tanh(mean + np.exp(log_std) * noise)
    density = np.exp(-(noise**2) / 2) / np.sqrt(2 * np.pi) / np.exp(log_std) / (1 - action**2)
    return action, np.log(density).sum(axis=1)


def critics(p, latent, action):
    """Returns Q (2, B)."""
    out = []
    for i in range(2):
        x = np.concatenate([latent, action], axis=1)
        for layer in range(2):
            x = relu(x @ p[f'weights.{layer}'][i] + p[f'biases.{layer}'][i])
        out.append((x @ p['weights.2'][i] + p['biases.2'][i])[:, 0])
    return np.stack(out)


class Adam:
    """Kingma and Ba, algorithm 1, with the usual constants."""

    def __init__(self, rate):
        self.rate, self.t, self.m, self.v = rate, 0, {}, {}

    def step(self, params, grads):
        self.t += 1
        for name, g in grads.items():
            self.m[name] = 0.9 * self.m.get(name, 0.0) + 0.1 * g
            self.v[name] = 0.999 * self.v.get(name, 0.0) + 0.001 * g * g
            m, v = self.m[name] / (1 - 0.9**self.t), self.v[name] / (1 - 0.999**self.t)
            params[name][...] -= self.rate * m / (np.sqrt(v) + 1e-8)


def gradient(loss, params):
    """Central differences of loss() with respect to every number in `params` (changed in place and back)."""
    grads = {}
    for name, values in params.items():
        grads[name] = np.zeros_like(values)
        for index in np.ndindex(values.shape):
            old = values[index]
            values[index] = old + STEP
            above = loss()
            values[index] = old - STEP
            below = loss()
            values[index] = old
            grads[name][index] = (above - below) / (2 * STEP)
    return grads


class Reference:
    """The learner, from named float64 arrays."""

    def __init__(self, config, state, log_std_limits):
        self.c, self.limits, self.updates = config, log_std_limits, 0
        parts = ('encoder', 'actor', 'critic', 'encoder_target', 'critic_target')
        self.p = {
            part: {
                k[len(part) + 1 :]: v.astype(np.float64) for k, v in state.items() if k.startswith(part + '.')
            }
            for part in parts
        }
        self.log_alpha = {'log_temperature': np.array(state['log_temperature'], np.float64)}
        rates = {
            'encoder': config.encoder_rate,
            'critic': config.critic_rate,
            'actor': config.actor_rate,
            'temperature': config.temperature_rate,
        }
        self.adam = {name: Adam(rate) for name, rate in rates.items()}

    def latent(self, part, images, proprio):
        coordinates = encode(self.p[part], images, self.c.strides, self.c.softmax_temperature)
        angles = (proprio[:, :5] - np.array(self.c.joint_centre)) / self.c.joint_scale
        return np.concatenate([coordinates, angles, proprio[:, 5:]], axis=1)

    def update(self, batch, next_noise, actor_noise):
        """Returns what the learner reports of an update, but for the temperature."""
        c, p = self.c, self.p
        alpha = np.exp(self.log_alpha['log_temperature'])
        proprio = batch.proprio.astype(np.float64)
        next_action, next_log_prob = policy(
            p['actor'], self.latent('encoder', batch.images[1], proprio[1]), next_noise, self.limits
        )
        next_q = critics(
            p['critic_target'], self.latent('encoder_target', batch.images[1], proprio[1]), next_action
        )
        soft_value = next_q.min(axis=0) - alpha * next_log_prob
        y = c.reward_scale * batch.reward + c.discount * batch.discount * soft_value

        def now():
            return self.latent('encoder', batch.images[0], proprio[0])

        def q_loss(latent):
            q = critics(p['critic'], latent, batch.action)
            return ((q - y) ** 2 / 2).mean(axis=1).sum()

        latent_before = now()
        info = {
            'critic_loss': q_loss(latent_before),
            'q_mean': critics(p['critic'], latent_before, batch.action).mean(),
        }
        grads = {
            'encoder': gradient(lambda: q_loss(now()), p['encoder']),
            'critic': gradient(lambda: q_loss(latent_before), p['critic']),
        }
        for part in ('encoder', 'critic'):
            self.adam[part].step(p[part], grads[part])
        self.updates += 1
        if self.updates % c.actor_period == 0:
            info |= self.update_actor(latent_before, actor_noise, alpha)
        if self.updates % c.target_period == 0:
            for part, tau in (('encoder', c.encoder_target_ratio), ('critic', c.critic_target_ratio)):
                for name, value in p[part].items():
                    p[part + '_target'][name] = tau * value + (1 - tau) * p[part + '_target'][name]
        return info

    def update_actor(self, latent, noise, alpha):
        p = self.p
        _, log_prob = policy(p['actor'], latent, noise, self.limits)

        def policy_loss():
            action, log_pi = policy(p['actor'], latent, noise, self.limits)
            return (alpha * log_pi - critics(p['critic'], latent, action).min(axis=0)).mean()

        info = {'actor_loss': policy_loss(), 'entropy': -log_prob.mean()}
        self.adam['actor'].step(p['actor'], gradient(policy_loss, p['actor']))

        def alpha_loss():
            return (-np.exp(self.log_alpha['log_temperature']) * (log_prob + self.c.target_entropy)).mean()

        self.adam['temperature'].step(self.log_alpha, gradient(alpha_loss, self.log_alpha))
        return info
