"""The curves as an SVG picture, drawn without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape

import numpy as np

from workbench.core.estimate_errors import BAND_LABEL
from workbench.core.findings import in_brief
from workbench.core.results import Simulation
from workbench.core.types import Array
from workbench.core.vocabulary import CURVES, DISCLAIMER
from workbench.figures import palette
from workbench.figures.palette import SHOWN
from workbench.report.words import sentence

_WIDTH, _HEIGHT = 480.0, 250.0  # of one chart
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 24.0, 30.0, 26.0
_HEAD, _FOOT = 66.0, 48.0
_LETTERS: Final = 105  # in a line of the sentence
_STEPS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


def curves_svg(answer: Simulation) -> str:
    """The four curves, natural and modified gait, below the summary sentence."""
    told = wrap(sentence(answer), _LETTERS)
    head = _HEAD + 20.0 * (len(told) - 1)
    width, height = 2 * _WIDTH, head + 2 * _HEIGHT + _FOOT
    modified = palette.SIDE_COLOURS[answer.side]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" font-family="sans-serif"'
        f' font-size="13"><rect width="{width:g}" height="{height:g}" fill="#FFFFFF"/>',
        *(
            f'<text x="{_LEFT:g}" y="{24 + 20 * line:g}" font-size="16">{escape(text)}</text>'
            for line, text in enumerate(told)
        ),
        f'<text x="{_LEFT:g}" y="{head - 18:g}">{escape(answer.trial_name)}, {answer.side} leg:'
        f' <tspan fill="{palette.RECORDED_COLOUR}">- - natural gait</tspan>'
        f' <tspan fill="{modified}">— modified gait (contact forces simulated in both)</tspan>'
        + f' <tspan fill="{palette.RECORDED_COLOUR}">grey: {BAND_LABEL}</tspan>' * answer.has_estimated_forces
        + "</text>",
    ]
    for place, name in enumerate(SHOWN):
        x, y = _WIDTH * (place % 2), head + _HEIGHT * (place // 2)
        parts += [f'<g transform="translate({x:g} {y:g})">', *_chart(answer, name), "</g>"]
    for up, text in ((28.0, in_brief(answer.findings)), (10.0, DISCLAIMER)):
        parts.append(f'<text x="{_LEFT:g}" y="{height - up:g}" fill="#555D68">{escape(text)}</text>')
    parts.append("</svg>")
    return "\n".join(parts)


def _chart(answer: Simulation, name: str) -> Iterator[str]:
    recorded, modified = answer.baseline.curves[name], answer.modified.curves[name]
    band = answer.estimate_band(name)
    drawn = np.concatenate([recorded, modified, *(band or ())])
    low, high = min(0.0, float(np.nanmin(drawn))), float(np.nanmax(drawn))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def across(percent: float) -> float:
        return _LEFT + percent / 100.0 * (right - _LEFT)

    def down(value: float) -> float:
        return bottom - (value - low) / (high - low) * (bottom - _TOP)

    def path(curve: Array, colour: str, style: palette.LineStyle) -> str:
        points = "L".join(f"{across(i):.1f},{down(float(value)):.1f}" for i, value in enumerate(curve))
        dash = ' stroke-dasharray="7 4"' if style.dash == "dashed" else ""
        return f'<path d="M{points}" fill="none" stroke="{colour}" stroke-width="{style.width:g}"{dash}/>'

    yield f'<text x="{_LEFT:g}" y="18" font-weight="bold">{escape(CURVES[name].axis_label)}</text>'
    step = next((one for one in _STEPS if (high - low) / one <= 6.0), _STEPS[-1])
    for value in np.arange(np.ceil(low / step), np.floor(high / step) + 1.0) * step:
        y = down(float(value))
        yield f'<line x1="{_LEFT:g}" x2="{right:g}" y1="{y:.1f}" y2="{y:.1f}" stroke="#C9CED6"/>'
        yield f'<text x="{_LEFT - 6:g}" y="{y + 4:.1f}" text-anchor="end" fill="#555D68">{value + 0.0:.3g}</text>'
    for percent in range(0, 101, 20):
        sign = " %" if percent == 100 else ""
        x = across(percent)
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 8:g}" text-anchor="middle" fill="#555D68">{percent}{sign}</text>'
    stride = answer.strides[0]
    if stride.whole:
        x = across(stride.stance_percent)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP:g}" y2="{bottom:g}" stroke="#555D68" stroke-dasharray="2 4"/>'
    if band is not None:
        known = np.flatnonzero(np.isfinite(band[0]))
        edge = [*((i, band[0][i]) for i in known), *((i, band[1][i]) for i in known[::-1])]
        outline = "L".join(f"{across(float(i)):.1f},{down(float(value)):.1f}" for i, value in edge)
        yield f'<path d="M{outline}Z" fill="{palette.RECORDED_COLOUR}" fill-opacity="0.25"/>'
    yield path(modified, palette.SIDE_COLOURS[answer.side], palette.MODIFIED)
    yield path(recorded, palette.RECORDED_COLOUR, palette.RECORDED)
