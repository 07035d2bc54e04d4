"""How much of a prompt a GPU gets at once, with GPUs that are made up."""

import pytest

from engine.portions import Portions


class Gpu:
    """Takes `token_s` for each token, and `start_s` more for every portion; counts in a clock of its own."""

    def __init__(self, token_s: float, start_s: float = 0.0) -> None:
        self.token_s, self.start_s = token_s, start_s
        self.now_s = 0.0
        self.queued_s = 0.0
        self.portions = Portions(512, self.settle, lambda: self.now_s)

    def settle(self) -> None:
        self.now_s += self.queued_s
        self.queued_s = 0.0

    def read(self, count: int) -> list[int]:
        sizes = []
        for portion in self.portions.of(range(count)):
            sizes.append(len(portion))
            self.queued_s += self.start_s + self.token_s * len(portion)
        assert sum(sizes) == count
        return sizes


def test_every_token_comes_once_and_in_order() -> None:
    portions = Portions(512, lambda: None)
    assert [token for portion in portions.of(range(1000)) for token in portion] == list(range(1000))
    assert list(portions.of(())) == []


def test_a_fast_gpu_soon_gets_whole_batches_and_keeps_them() -> None:
    gpu = Gpu(token_s=0.0002)
    assert gpu.read(1700)[:6] == [32, 64, 128, 256, 512, 512]
    assert gpu.read(1024) == [512, 512]


@pytest.mark.parametrize(("token_s", "size"), [(0.01, 64), (0.004, 128), (0.002, 256), (1.0, 16)])
def test_a_slow_gpu_gets_what_it_does_in_half_a_second_or_a_little_more(token_s: float, size: int) -> None:
    gpu = Gpu(token_s)
    gpu.read(1000)
    assert set(gpu.read(1024)) == {size}


def test_a_gpu_that_needs_long_for_any_portion_gets_no_tiny_ones() -> None:
    gpu = Gpu(token_s=0.002, start_s=0.3)  # weights on their way to it
    gpu.read(1000)
    assert min(gpu.read(1024)) >= 128


def test_a_first_portion_that_took_long_is_soon_forgotten() -> None:
    gpu = Gpu(token_s=0.0002, start_s=5.0)  # it makes its programs ready
    assert gpu.read(40) == [32, 8]
    gpu.start_s = 0.0
    assert 512 in gpu.read(2000)


def test_the_short_end_of_a_prompt_says_nothing_of_larger_portions() -> None:
    gpu = Gpu(token_s=0.03)
    gpu.read(16)
    for _ in range(5):
        gpu.read(3)
    assert gpu.read(64) == [32, 32]


def test_a_window_smaller_than_a_portion_is_not_overfilled() -> None:
    clock = iter([9.0 * turn for turn in range(99)])
    portions = Portions(4, lambda: None, clock.__next__)
    assert {len(portion) for portion in portions.of(range(12))} == {4}
