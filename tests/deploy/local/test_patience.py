import os

import pytest

from deploy.local.supervision.patience import (
    PATIENCES_MOST,
    PROCESSOR_STEP_S,
    Patience,
    processor_of,
)


@pytest.mark.parametrize(
    ("said", "processor", "over"),
    [
        pytest.param("being read, 2 of 9", 0.0, False, id="it says something else"),
        pytest.param("", PROCESSOR_STEP_S + 0.1, False, id="it works"),
        pytest.param("", PROCESSOR_STEP_S / 2, True, id="it hardly does"),
        pytest.param("", 0.0, True, id="nothing"),
    ],
)
def test_patience_lasts_while_there_are_signs_of_life(said, processor, over):
    patience = Patience(60, began=1_000)
    assert not patience.ended("", 0, 1_030)
    assert patience.ended(said, processor, 1_061) == over


def test_what_works_for_nothing_is_given_up_in_the_end():
    patience, now = Patience(60, began=0), 0
    while not patience.ended("", now, now):
        now += 10
    assert now == 60 * PATIENCES_MOST + 10


def test_processor_is_that_of_the_process():
    assert processor_of(os.getpid()) > 0
    assert processor_of(2**22 + 1) == 0
