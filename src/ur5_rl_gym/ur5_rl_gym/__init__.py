"""`gymnasium.make('ur5_rl_gym:UR5-v0')` is `ur5_env.UR5Env`."""

import gymnasium

gymnasium.register(
    id='UR5-v0',
    entry_point='ur5_rl_gym.ur5_env:UR5Env',
    nondeterministic=True,  # time goes on beside the agent
)
