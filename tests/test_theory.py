"""The closed forms against the known answers of ``oracles/queueing.csv``, and against one another."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from sim import theory

ORACLES = Path(__file__).parent / "oracles" / "queueing.csv"
_MM3 = (0.2, 0.1, 3)
_EMERGENCY = [0.2, 0.6, 1.2]
_TWO_CLASSES = ([0.3, 0.4], [1.0, 0.8], [0.0, 1.0])

KNOWN = [
    ("MMC1-Wq", 4.44444, theory.mmc_mean_wait(*_MM3)),
    ("MMC1-C", 0.444444, theory.erlang_c(2.0, 3)),
    ("MMC1-L", 2.88889, theory.mmc_mean_number(*_MM3)),
    ("MMC2-Wq", 0.869565, theory.mmc_mean_wait(0.2, 0.1, 4)),
    ("MMC2-C", 0.173913, theory.erlang_c(2.0, 4)),
    ("MMC5-Wq", 0.347228, theory.mmc_mean_wait(48.0, 1.0, 50)),
    ("POOL-DED", 1.0, theory.mmc_mean_wait(0.5, 1.0, 1)),
    ("POOL-CEN", 0.00722107, theory.mmc_mean_wait(5.0, 1.0, 10)),
    ("DIFF-34", 3.57488, theory.mmc_mean_wait(*_MM3) - theory.mmc_mean_wait(0.2, 0.1, 4)),
    ("MG1-MD1", 2.0, theory.mg1_mean_wait(0.8, 1.0, 0.0)),
    ("MG1-MM1", 4.0, theory.mg1_mean_wait(0.8, 1.0, 1.0)),
    ("MG1-ME2", 3.0, theory.mg1_mean_wait(0.8, 1.0, 0.5**0.5)),
    ("PRI-NP2-1", 0.0287356, theory.mmc_priority_waits(_EMERGENCY, 3.0, 2)[0]),
    ("PRI-NP2-2", 0.0331565, theory.mmc_priority_waits(_EMERGENCY, 3.0, 2)[1]),
    ("PRI-NP2-3", 0.0480769, theory.mmc_priority_waits(_EMERGENCY, 3.0, 2)[2]),
    ("PRI-PR1-1", 0.0238095, theory.mm1_preemptive_times(_EMERGENCY, 3.0)[0] - 1 / 3),
    ("PRI-PR1-2", 0.15368, theory.mm1_preemptive_times(_EMERGENCY, 3.0)[1] - 1 / 3),
    ("PRI-PR1-3", 1.0303, theory.mm1_preemptive_times(_EMERGENCY, 3.0)[2] - 1 / 3),
    ("PRI-MG1-1", 0.58, theory.mg1_priority_waits(*_TWO_CLASSES)[0]),
    ("PRI-MG1-2", 1.52632, theory.mg1_priority_waits(*_TWO_CLASSES)[1]),
    ("EA1-ab", 0.227282, theory.erlang_a(2.0, 1.0, 0.5, 2).abandon_share),
    ("EA1-w", 0.454563, theory.erlang_a(2.0, 1.0, 0.5, 2).mean_wait),
    ("MMD-ab", 0.18779, theory.mmc_fixed_patience(1.8, 1.0, 1.0, 2).abandon_share),
    ("MMD-w", 0.388751, theory.mmc_fixed_patience(1.8, 1.0, 1.0, 2).mean_wait),
    ("REWORK-W", 5.0, theory.mm1_rework(0.6, 1.0, 0.2).time_in_system),
    ("REWORK-V", 1.25, theory.mm1_rework(0.6, 1.0, 0.2).visits),
    ("HANDOFF", 7.7549, theory.tandem_time(0.7, [(1.0, 1), (0.5, 2)], 0.5)),
    ("CAL-CONST", 4.0, theory.mmc_mean_wait(0.8, 1.0, 1)),
]


@pytest.mark.parametrize(("oracle", "expected", "found"), KNOWN, ids=[name for name, _, _ in KNOWN])
def test_closed_form_is_the_known_answer(oracle, expected, found):
    assert found == pytest.approx(expected, rel=5e-6)


def test_the_literals_are_those_of_the_table_and_no_closed_form_was_forgotten():
    with ORACLES.open(encoding="utf-8", newline="") as file:
        table = {row["id"]: row["expected"] for row in csv.DictReader(file)}
    assert {name: float(table[name]) for name, _, _ in KNOWN} == {name: expected for name, expected, _ in KNOWN}
    simulated_only = {"MDC-2", "GATE-W", "CAL-PRE", "CRN-MONO", "LITTLE", "CONSERVE", "SCALE", "NSPP-STEP"}
    assert set(table) == {name for name, _, _ in KNOWN} | simulated_only


@pytest.mark.parametrize("load", [0.1, 1.5, 2.9])
def test_one_class_waits_as_without_classes(load):
    assert theory.mmc_priority_waits([load], 1.0, 3) == [pytest.approx(theory.mmc_mean_wait(load, 1.0, 3))]
    assert theory.mm1_preemptive_times([load / 3], 1.0) == [pytest.approx(1 / (1 - load / 3))]
    assert theory.mg1_priority_waits([load / 3], [1.0], [0.5]) == [
        pytest.approx(theory.mg1_mean_wait(load / 3, 1.0, 0.5))
    ]


def test_who_goes_first_changes_no_total():
    """Kleinrock's conservation law: the sum of load times wait is the same for any order of classes."""
    rates, means, cvs = _TWO_CLASSES
    in_order = theory.mg1_priority_waits(rates, means, cvs)
    reversed_ = theory.mg1_priority_waits(rates[::-1], means[::-1], cvs[::-1])[::-1]
    load = [rate * mean for rate, mean in zip(rates, means, strict=True)]
    assert sum(p * w for p, w in zip(load, in_order, strict=True)) == pytest.approx(
        sum(p * w for p, w in zip(load, reversed_, strict=True))
    )


@pytest.mark.parametrize(("rate", "servers"), [(1.8, 2), (2.0, 2), (3.0, 2), (0.5, 1)])
def test_great_patience_is_none_lost_and_no_patience_is_erlang_b(rate, servers):
    assert theory.mmc_fixed_patience(rate, 1.0, 1e-9, servers).abandon_share == pytest.approx(
        theory.erlang_b(rate, servers), rel=1e-6
    )
    assert theory.erlang_a(rate, 1.0, 1e9, servers).abandon_share == pytest.approx(
        theory.erlang_b(rate, servers), rel=1e-6
    )
    if rate < servers:
        wait = theory.mmc_mean_wait(rate, 1.0, servers)
        assert theory.mmc_fixed_patience(rate, 1.0, 300.0, servers).mean_wait == pytest.approx(wait, rel=1e-6)
        assert theory.erlang_a(rate, 1.0, 1e-9, servers).mean_wait == pytest.approx(wait, rel=1e-6)


def test_a_crowded_hall_does_not_overflow():
    abandon, wait = theory.erlang_a(3000.0, 1.0, 0.1, 1000)
    assert abandon == pytest.approx(2 / 3, abs=1e-6)
    assert wait == pytest.approx(20 / 3, abs=1e-5)


def test_the_tail_of_the_wait_integrates_to_its_mean():
    step = 0.01
    tail = sum(theory.mmc_wait_over(*_MM3, (k + 0.5) * step) * step for k in range(20_000))
    assert tail == pytest.approx(theory.mmc_mean_wait(*_MM3), rel=1e-4)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: theory.erlang_c(3.0, 3),
        lambda: theory.mg1_mean_wait(1.0, 1.0, 1.0),
        lambda: theory.mmc_priority_waits([1.0, 2.0], 1.0, 3),
        lambda: theory.mm1_preemptive_times([2.0], 1.0),
        lambda: theory.mm1_rework(0.9, 1.0, 0.2),
        lambda: theory.tandem_time(0.7, [(0.5, 1)], 0.0),
    ],
)
def test_an_overloaded_queue_has_no_answer(ask):
    with pytest.raises(ValueError, match="no steady state"):
        ask()
