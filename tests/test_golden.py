"""The measures of a short run are those of the golden tables; changes are told in the changelog."""

import pandas as pd
import pytest

from tests import golden


@pytest.mark.parametrize("name", golden.SCENARIOS)
def test_measures_are_those_of_the_golden_table(name):
    expected = pd.read_csv(golden.FOLDER / f"{name}.csv", keep_default_na=False)
    found = golden.measures(name).astype({"measure": object, "group": object, "unit": object})
    expected = expected.astype({"value": float})
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_categorical=False, rtol=1e-8)
