"""The learner without ROS: what leaves it after a mini-batch, and what never does."""

import math

import numpy as np
import pytest
import torch

from buffer_sampler.serving import FALLBACKS, Done, Wants
from buffer_sampler.slots import SharedMemoryError
from sac_learner.device_clock import DeviceClock
from sac_learner.frame_mirror import MirrorError
from sac_learner.learning import MOST_REFUSED, NS, REFUSED, BatchName, Learning, Status, Updated
from sac_learner.weights import PolicyWeights
from ur5_rl_graph.say import End, Say

ID = 9
NAME = BatchName(77, 4, 2)


class FakeLearner:
    """Counts updates; each takes a tenth of a second."""

    def __init__(self, world, updates):
        self.world, self.updates = world, updates
        self.metrics, self.weight = {}, 0.5

    def check(self, batch):
        if batch == 'odd':
            raise ValueError('of another shape')

    def update(self, batch):
        self.check(batch)
        self.updates += 1
        self.metrics = {'critic_loss': float(self.updates)}
        self.world.now_s += 0.1

    def statistics(self):
        return dict(self.metrics)

    def policy_weights(self):
        return {'actor.bias': np.array([self.weight], np.float32)}


class World:
    """A learner and the time."""

    def __init__(self, period_s=0.2, updates=0, wants=Wants.IMAGES):
        self.now_s = 10.0
        self.learner = FakeLearner(self, updates)
        clock = DeviceClock(torch.device('cpu'), lambda: self.now_s)
        now_ns = lambda: round(self.now_s * NS)  # noqa: E731
        self.learning = Learning(self.learner, clock, period_s, ID, now_ns, wants)

    def update(self, name=NAME):
        return self.learning.on_mini_batch(name, 'batch', self.now_s - 0.02, self.now_s)


def test_it_begins_with_its_weights_and_says_that_it_is_there_with_what_it_has_done():
    weights, done = World(updates=70).learning.begin()
    assert (weights.version, weights.updates) == (71, 70), 'a learner that comes back numbers on'
    assert weights.arrays['actor.bias'].tolist() == [0.5]
    assert done == Done(ID, 70, 0, 0, 0, Wants.IMAGES)


def test_each_mini_batch_is_one_update_and_its_word_says_so():
    world = World()
    updated, done = world.update()
    assert isinstance(updated, Updated)
    assert updated == pytest.approx((9.98, 10.0, 10.0, 0.1))
    assert done == Done(ID, 1, 77, 4, 2, Wants.IMAGES)
    assert world.update()[-1].updates == 2


@pytest.mark.parametrize(('period_s', 'versions'), [(0.0, [2, 3, 4, 5]), (0.2, [None, 2, None, 3])])
def test_weights_go_out_when_the_period_since_the_last_time_is_over(period_s, versions):
    world = World(period_s)
    world.learning.begin()
    found = []
    for _ in versions:
        world.update()
        weights = world.learning.publish_if_due()
        found.append(weights[0].version if weights else None)
        assert not weights or weights[0].updates == world.learner.updates
    assert found == versions


def test_weights_that_no_further_mini_batch_sends_out_go_out_within_a_second_of_their_period():
    world = World(period_s=0.2)
    world.learning.begin()
    world.update()
    assert world.learning.publish_if_due() == [], 'the period is not over'
    assert [type(output) for output in world.learning.on_second()] == [Status]
    world.now_s += 0.1
    weights, status = world.learning.on_second()
    assert (weights.version, weights.updates, status.weights_version) == (2, 1, 2)
    world.now_s += 1.0
    assert [type(output) for output in world.learning.on_second()] == [Status], 'they have not changed'


def test_a_mini_batch_that_was_no_update_sends_out_no_weights():
    world = World(period_s=0.0)
    world.learning.begin()
    world.learning.on_unreadable(NAME, ValueError('too short'))
    assert world.learning.publish_if_due() == []
    world.update()
    assert len(world.learning.publish_if_due()) == 1


def test_what_cannot_be_read_is_no_update_and_its_slot_is_given_back():
    world = World()
    said, done = world.learning.on_unreadable(NAME, SharedMemoryError('memory cannot be opened'))
    assert said == Say('warning', 'memory cannot be opened; asks for whole mini-batches')
    assert done == Done(ID, 0, 77, 4, 2, Wants.DATA)
    said, done = world.learning.on_unreadable(NAME, ValueError('too short'))
    assert said == Say('warning', 'refused mini-batch 4: too short')
    assert done == Done(ID, 0, 77, 4, 2, Wants.DATA), 'it goes on to want what it wanted'
    assert world.learning.losses == {REFUSED: 1, FALLBACKS: 1}


@pytest.mark.parametrize('wants', [Wants.IMAGES, Wants.PLACES])
def test_a_memory_that_cannot_be_read_says_nothing_of_that_of_another_sampler(wants):
    world, other = World(wants=wants), BatchName(78, 1, 0)
    unreadable = SharedMemoryError('memory cannot be opened')
    world.learning.on_unreadable(NAME, unreadable)
    assert world.update()[-1].wants is Wants.DATA, 'its data came in full'
    assert world.update(other)[-1].wants is wants
    third = BatchName(79, 1, 0)
    said, done = world.learning.on_unreadable(third, unreadable)
    assert said.text.endswith('asks for whole mini-batches') and done.wants is Wants.DATA
    assert world.learning.on_unreadable(third, unreadable) == [done], 'of those that were named before'
    assert world.learning.losses == {REFUSED: 0, FALLBACKS: 2}


def test_memory_that_a_sampler_gave_up_meanwhile_is_no_reason_to_ask_for_data_in_full():
    """It replaces that of a learner who says nothing for a minute, as one that copies frames to a GPU."""
    world, gone = World(wants=Wants.PLACES), SharedMemoryError('has another token')
    world.update()
    assert [world.learning.on_unreadable(NAME, gone)[-1].wants for _ in range(3)] == [Wants.PLACES] * 3
    assert world.update()[-1].wants is Wants.PLACES and world.learning.losses == {REFUSED: 3, FALLBACKS: 0}
    for _ in range(MOST_REFUSED):
        done = world.learning.on_unreadable(NAME, gone)[-1]
    assert done.wants is Wants.PLACES
    assert world.learning.on_unreadable(NAME, gone)[-1].wants is Wants.DATA, 'it stays unreadable'


def test_data_in_full_that_is_refused_says_nothing_of_places():
    world = World(wants=Wants.PLACES)
    world.learning.on_unreadable(NAME, SharedMemoryError('memory cannot be opened'))
    for _ in range(MOST_REFUSED):
        world.learning.on_unreadable(NAME, ValueError('too short'))
    assert world.learning.losses[FALLBACKS] == 1
    assert world.update(BatchName(78, 1, 0))[-1].wants is Wants.PLACES


def test_frames_without_room_stay_without_it_behind_a_memory_that_cannot_be_read():
    world = World(wants=Wants.PLACES)
    world.learning.on_unreadable(NAME, MirrorError('no room for the frames'))
    world.learning.on_unreadable(NAME, SharedMemoryError('memory cannot be opened'))
    assert world.update(BatchName(78, 1, 0))[-1].wants is Wants.IMAGES


def test_a_mini_batch_of_another_shape_is_refused_in_one_line_counted_and_no_update():
    world = World()
    refuse = lambda: world.learning.on_mini_batch(NAME, 'odd', 9.9, 10.0)  # noqa: E731
    said, done = refuse()
    assert said == Say('warning', 'refused mini-batch 4: of another shape')
    assert done == Done(ID, 0, 77, 4, 2, Wants.IMAGES), 'its slot is free again'
    assert [refuse() for _ in range(2 * MOST_REFUSED)] == 2 * MOST_REFUSED * [[done]], 'said once in a row'
    assert [type(output) for output in world.update()] == [Updated, Done]
    assert refuse()[0] == said
    assert world.learning.losses == {REFUSED: 2 * MOST_REFUSED + 2, FALLBACKS: 0}


def test_frames_that_cannot_be_kept_are_said_once_and_images_asked_for():
    world = World(wants=Wants.PLACES)
    assert world.learning.begin()[-1].wants is Wants.PLACES
    assert world.update()[-1].wants is Wants.PLACES
    error = MirrorError('no room for the frames')
    said, done = world.learning.on_unreadable(NAME, error)
    assert said == Say('warning', 'no room for the frames; asks for images in slots')
    assert done.wants is Wants.IMAGES
    assert world.learning.on_unreadable(NAME, error) == [done], 'of those that were named before'
    assert world.learning.losses == {REFUSED: 0, FALLBACKS: 1}


def test_places_that_are_refused_again_and_again_are_given_up():
    world = World(wants=Wants.PLACES)
    refused = ValueError('frames of it were overwritten')
    for _ in range(2 * MOST_REFUSED):
        said = world.learning.on_unreadable(NAME, refused)
        world.update()
    assert said[-1].wants is Wants.PLACES, 'now and then is no harm'
    for _ in range(MOST_REFUSED):
        assert world.update()[-1].wants is Wants.PLACES
    for _ in range(MOST_REFUSED):
        *said, done = world.learning.on_unreadable(NAME, refused)
    assert '10 mini-batches in a row were refused, the last since frames of it were' in said[0].text
    assert done.wants is Wants.IMAGES
    assert world.learning.losses == {REFUSED: 3 * MOST_REFUSED, FALLBACKS: 1}


def test_mini_batches_of_another_life_are_not_its_own():
    learning = World().learning
    assert learning.is_mine(ID) and not learning.is_mine(ID + 1)


def test_the_report_of_a_second_holds_what_was_done_in_it():
    world = World()
    world.learning.begin()
    world.update()
    world.update()
    world.now_s = 11.0
    weights, status = world.learning.on_second()
    assert weights.updates == 2 and status[:3] == (2, 2, {'critic_loss': 2.0})
    assert status[3:] == pytest.approx((2.0, 100.0, 20.0, 0.76))
    world.now_s = 12.0
    assert world.learning.on_second()[0].updates_per_s == 0.0


def test_updates_that_a_device_ends_later_are_told_when_they_have_ended(monkeypatch):
    world = World()
    world.learning.begin()
    device = world.learning._device_clock
    finished = device.finished
    monkeypatch.setattr(device, 'finished', list)
    assert [type(output) for output in world.update()] == [Done]
    monkeypatch.setattr(device, 'finished', finished)
    assert [type(output) for output in world.learning.on_second()] == [Updated, Status]


@pytest.mark.parametrize('event', ['begin', 'publish', 'publish_if_due', 'on_second', 'check'])
def test_a_learner_that_has_diverged_ends_before_anything_leaves_it(event):
    world = World(period_s=0.0)
    world.update()
    world.learner.metrics = {'q_mean': 1.0, 'critic_loss': math.nan}
    first = getattr(world.learning, event)()[0]
    assert first == End(1, 'critic_loss is not finite after 1 updates')
    assert not world.learning.fit


def test_weights_that_are_not_finite_never_leave_it():
    world = World()
    world.learner.weight = math.inf
    assert world.learning.publish() == [End(1, 'actor.bias is not finite after 0 updates')]
    assert not world.learning.fit


def test_a_learner_in_order_is_fit_and_says_nothing_of_itself():
    world = World()
    assert world.learning.check() == [] and world.learning.fit
    assert world.learning.divergence() == ''
    assert isinstance(world.learning.publish()[0], PolicyWeights)
    assert world.learning.end('a state is not finite') == [End(1, 'a state is not finite after 0 updates')]
