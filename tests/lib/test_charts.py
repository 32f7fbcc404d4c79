"""Charts: coordinates follow the numbers, gaps stay gaps, and nothing depends on the page's number format."""

import pytest

from lib.charts import bars, choropleth, meter, nice_ticks, sparkline, trend

OUTLINES = {
    "viewBox": [100, 80],
    "shapes": [
        {"unit": "A", "name": "甲县", "path": "M0 0L50 0L50 80Z", "label": [20, 30]},
        {"unit": "B", "name": "乙县", "path": "M50 0L100 0L50 80Z", "label": [70, 30]},
    ],
    "points": [{"unit": "C", "name": "丙园区", "xy": [60, 60], "label": [60, 70]}],
}


def test_a_trend_puts_the_highest_value_highest():
    chart = trend([{"label": "1月", "value": 0}, {"label": "2月", "value": 100}], width=200, height=100)
    assert chart["line"] == "M50 100L150 0"
    assert chart["ticks"] == ["0", "25", "50", "75", "100"]
    assert chart["gridlines"][0] == "100"
    assert chart["gridlines"][-1] == "0"


def test_a_month_without_figure_leaves_a_gap_and_prints_a_dash():
    chart = trend([{"label": m, "value": v} for m, v in zip("abc", (1, None, 3), strict=True)])
    assert chart["line"].count("M") == 2
    assert "L" not in chart["line"]
    assert chart["points"][1]["dot"] == ""
    assert chart["points"][1]["text"] == "—"


def test_an_empty_trend_still_draws_its_axis():
    chart = trend([])
    assert chart["line"] == ""
    assert len(chart["ticks"]) >= 2


def test_a_goal_beyond_the_data_stays_inside_the_picture():
    chart = trend([{"label": "1月", "value": 10}], height=100, goal=40)
    assert float(chart["goal"]) == 0


def test_large_coordinates_carry_no_thousands_separator():
    chart = trend([{"label": "1月", "value": 5}, {"label": "2月", "value": 6}], width=4000)
    assert "," not in chart["line"] + chart["area"]
    assert chart["ticks"][0] == "5"


@pytest.mark.parametrize(
    ("values", "first", "last"),
    [([0, 9], 0, 10), ([97.2, 98.6], 97, 99), ([5, 5], 4, 6), ([], 0, 1), ([-3, 7], -5, 7.5), ([0, 0], 0, 1)],
)
def test_axis_values_enclose_the_data(values, first, last):
    ticks = nice_ticks(values)
    assert (ticks[0], ticks[-1]) == (first, last)


def test_the_longest_bar_fills_the_row_and_negative_ones_are_empty():
    rows = bars([{"label": "甲", "value": 50}, {"label": "乙", "value": 100}, {"label": "丙", "value": -5}])
    assert [row["length"] for row in rows] == ["50", "100", "0"]


def test_bars_without_a_value_print_a_dash():
    assert bars([{"label": "甲", "value": None}])[0] | {"label": ""} == {
        "label": "",
        "text": "—",
        "href": "",
        "tone": "",
        "length": "0",
    }


def test_nearly_done_is_not_done():
    assert meter(9999, 10000)["percent"] == "99"
    assert meter(3, 3) == {"length": "100", "percent": "100", "text": "3 / 3"}
    assert meter(1204, 3722)["text"] == "1,204 / 3,722"
    assert meter(0, 0)["percent"] == "0"


def test_a_sparkline_marks_its_last_known_value():
    chart = sparkline([1, 3, None], width=96, height=28)
    assert chart["line"] == "M3 24L48 4"
    assert chart["dot"] == "M48 4h.01"
    assert sparkline([None])["dot"] == ""


def test_the_map_ranks_units_in_five_classes_and_shows_missing_ones_grey():
    values = {"A": {"value": 90.0, "text": "90.0%"}, "B": {"value": 100.0, "href": "/b/"}}
    chart = choropleth(OUTLINES, values)
    assert [(s["unit"], s["level"], s["text"]) for s in chart["shapes"]] == [
        ("A", "1", "90.0%"),
        ("B", "5", "100"),
        ("C", "none", "—"),
    ]
    assert chart["legend"][0]["text"] == "90.0–92.0"
    assert chart["legend"][-1]["text"] == "无数据"


def test_a_map_of_equal_values_has_one_middle_class():
    chart = choropleth(OUTLINES, {code: {"value": 7} for code in "ABC"})
    assert {s["level"] for s in chart["shapes"]} == {"3"}
    assert chart["legend"] == [{"level": "3", "text": "7"}]
