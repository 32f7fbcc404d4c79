"""Charts as plain numbers for SVG templates: pure functions, no markup, no colours.

Coordinates are ready-made strings, because a template would print floats in the page's number format.
A point, bar or shape is a dict with `label`, `value` (number or None) and optionally `text` (the value as
printed, with its unit) and `href`.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

Item = Mapping[str, Any]
LEVELS = 5


def trend(
    points: Sequence[Item], width: int = 600, height: int = 200, goal: float | None = None
) -> dict[str, Any]:
    """A line over equally spaced points; a missing value leaves a gap. `goal` adds a dashed line.

    The picture is stretched to its box, so texts (`ticks`, bottom first; `points`) are set outside the SVG.
    """
    values = [float(p["value"]) for p in points if p["value"] is not None]
    ticks = nice_ticks(values + ([float(goal)] if goal is not None else []))
    low, high = ticks[0], ticks[-1]
    step = width / max(len(points), 1)

    def y(value: float) -> float:
        return height - (float(value) - low) / (high - low) * height

    marks = [
        {
            "label": p["label"],
            "text": _text(p),
            "href": p.get("href", ""),
            "left": _n(step * i),
            "dot": "" if p["value"] is None else f"M{_n(step * (i + 0.5))} {_n(y(p['value']))}h.01",
        }
        for i, p in enumerate(points)
    ]
    runs = _runs(
        [None if p["value"] is None else (step * (i + 0.5), y(p["value"])) for i, p in enumerate(points)]
    )
    return {
        "width": width,
        "height": height,
        "step": _n(step),
        "line": "".join(_line(run) for run in runs),
        "area": "".join(f"{_line(run)}V{height}H{_n(run[0][0])}Z" for run in runs if len(run) > 1),
        "points": marks,
        "ticks": [_plain(t) for t in ticks],
        "gridlines": [_n(y(t)) for t in ticks],
        "goal": "" if goal is None else _n(y(goal)),
        "many": len(points) > 6,
    }


def sparkline(values: Sequence[float | None], width: int = 96, height: int = 28) -> dict[str, Any]:
    """A word-sized line with a dot on the last known value."""
    known = [float(v) for v in values if v is not None]
    low, spread = (min(known), (max(known) - min(known)) or 1) if known else (0, 1)
    step = (width - 6) / max(len(values) - 1, 1)
    pad = 4

    def place(i: int, v: float) -> tuple[float, float]:
        return 3 + step * i, height - pad - (float(v) - low) / spread * (height - 2 * pad)

    spots = [None if v is None else place(i, v) for i, v in enumerate(values)]
    last = next((s for s in reversed(spots) if s), None)
    return {
        "width": width,
        "height": height,
        "line": "".join(_line(run) for run in _runs(spots)),
        "dot": f"M{_n(last[0])} {_n(last[1])}h.01" if last else "",
    }


def bars(items: Iterable[Item], width: int = 100, full: float | None = None) -> list[dict[str, Any]]:
    """One horizontal bar per item, `width` long at `full` (default: the largest value). Keeps `tone` and order."""
    items = list(items)
    full = float(full or max((i["value"] for i in items if i["value"] is not None), default=0) or 1)
    return [
        {
            "label": i["label"],
            "text": _text(i),
            "href": i.get("href", ""),
            "tone": i.get("tone", ""),
            "length": _n(0 if i["value"] is None else max(0.0, min(float(i["value"]) / full, 1)) * width),
        }
        for i in items
    ]


def meter(done: float, total: float) -> dict[str, str]:
    """How much is done: bar length of 0–100, whole percents rounded down (99.9 is not done) and both numbers."""
    share = 0.0 if not total else max(0.0, min(float(done) / float(total), 1))
    return {
        "length": _n(share * 100),
        "percent": str(floor(share * 100 + 1e-9)),
        "text": f"{_plain(done)} / {_plain(total)}",
    }


def choropleth(outlines: Mapping[str, Any], values: Mapping[str, Item]) -> dict[str, Any]:
    """A map in five equal classes between the smallest and the largest value; no value is its own grey class.

    `outlines` is the file reports/data/outlines.json: `viewBox` [w, h], `shapes` with unit, name, path and label
    [x, y], `points` with xy for units that have no outline, `background` for ground that is nobody's.
    `values` maps a unit's code to its item.
    """
    width, height = outlines["viewBox"]
    known = [float(v["value"]) for v in values.values() if v["value"] is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    places = [*outlines["shapes"], *outlines.get("points", [])]
    shapes = [_shape(place, values.get(place["unit"]), low, high) for place in places]
    return {
        "width": width,
        "height": height,
        "background": outlines.get("background", []),
        "shapes": shapes,
        "legend": _legend(low, high, any(s["level"] == "none" for s in shapes), bool(known)),
    }


def nice_ticks(values: Sequence[float], count: int = 4) -> list[float]:
    """Round axis values that enclose `values`; starts at 0 unless the data fill only the upper part."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if low >= 0 and low < 0.6 * high:
        low = 0.0
    if high == low:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    raw = (high - low) / count
    power = 10 ** floor(log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first = floor(low / step + 1e-9)
    return [round(step * k, 10) for k in range(first, ceil(high / step - 1e-9) + 1)]


def _shape(place: Mapping[str, Any], item: Item | None, low: float, high: float) -> dict[str, Any]:
    item = item or {"value": None}
    x, y = place.get("label") or ("", "")
    cx, cy = place.get("xy") or ("", "")
    return {
        "unit": place["unit"],
        "name": place["name"],
        "path": place.get("path", ""),
        "text": _text(item),
        "href": item.get("href", ""),
        "level": _level(item["value"], low, high),
        "x": str(x),
        "y": str(y),
        "cx": str(cx),
        "cy": str(cy),
    }


def _legend(low: float, high: float, gaps: bool, known: bool) -> list[dict[str, str]]:
    step = (high - low) / LEVELS
    rows = []
    if known and step:
        rows = [
            {"level": str(k + 1), "text": f"{low + step * k:,.1f}–{low + step * (k + 1):,.1f}"}
            for k in range(LEVELS)
        ]
    elif known:
        rows = [{"level": "3", "text": _plain(low)}]
    if gaps:
        rows.append({"level": "none", "text": "无数据"})
    return rows


def _level(value: float | None, low: float, high: float) -> str:
    if value is None:
        return "none"
    if high == low:
        return "3"
    return str(min(LEVELS, 1 + floor((float(value) - low) / (high - low) * LEVELS)))


def _runs(spots: Iterable[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for spot in spots:
        if spot is None:
            runs.append([])
        else:
            runs[-1].append(spot)
    return [run for run in runs if run]


def _line(run: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in run)


def _text(item: Item) -> str:
    if item.get("text"):
        return str(item["text"])
    return "—" if item["value"] is None else _plain(item["value"])


def _plain(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
