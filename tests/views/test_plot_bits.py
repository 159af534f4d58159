"""The figure of the bits that a converter gave to each layer."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from vnb.errors import UsageError
from vnb.views.plot_bits import figure

BITS = (
    ("model.layers.0.self_attn", 4.5),
    ("model.layers.0.mlp", 3.0),
    ("model.layers.1.self_attn", 6.0),
    ("model.layers.1.mlp", 2.5),
    ("lm_head", 6.0),
)


@pytest.mark.parametrize("dark", [True, False, None])
def test_each_part_of_a_layer_is_a_line(dark: bool | None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = figure("tiny-exl2", BITS, dark)
        picture = found.png()
    axes: list[Any] = found.axes
    (ax,) = axes
    lines = {line.get_label(): line.get_xydata().tolist() for line in ax.get_lines()}
    assert lines == {"self_attn": [[0, 4.5], [1, 6.0]], "mlp": [[0, 3.0], [1, 2.5]]}
    assert ax.get_ylabel() == "bits per weight" and ax.get_ylim()[0] == 0
    assert "tiny-exl2" in ax.get_title(loc="left")
    assert picture.startswith(b"\x89PNG")
    assert found.alt == (
        "Bits per weight of tiny-exl2: self_attn from 4.5 (layer 0) to 6 (layer 1); mlp from 2.5 (layer 1) to 3 (layer 0)."
    )


def test_bits_that_nobody_told_are_no_figure() -> None:
    for bits in ((), (("lm_head", 6.0),)):
        with pytest.raises(UsageError, match="not known"):
            figure("tiny-exl2", bits)
