"""The part of a run that is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.units import WEEK_S


@dataclass(frozen=True)
class Window:
    """A run in seconds: warm-up, then the cohort of cases that are measured, then a drain to ``end_s``."""

    warm_up_s: int
    cohort_s: int
    end_s: int

    @property
    def stop_s(self) -> int:
        """End of the cohort's opening."""
        return self.warm_up_s + self.cohort_s

    @property
    def weeks(self) -> float:
        """Length of the cohort."""
        return self.cohort_s / WEEK_S

    def opens(self, at_s: np.ndarray) -> np.ndarray:
        """Whether each instant lies in the cohort's opening."""
        return (at_s >= self.warm_up_s) & (at_s < self.stop_s)
