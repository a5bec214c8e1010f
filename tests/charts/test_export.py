import pytest

from journey_app.charts.export import as_png, as_svg
from journey_app.charts.funnel import funnel_chart
from journey_app.charts.pace import pace_chart
from journey_app.charts.theme import DARK, LIGHT, palette
from journey_app.stats.rates import rate
from tests.charts.northwind import northwind_funnel


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_file_has_the_words_and_plain_colours_of_its_mode(mode):
    svg = as_svg(funnel_chart(northwind_funnel(), colours=palette(mode)))
    assert "1,764 lost" in svg and palette(mode).paper in svg
    assert "light-dark" not in svg and "http" not in svg.replace("http://www.w3.org", "")


def test_a_picture_is_as_wide_as_asked():
    chart = pace_chart(0.12, 0.18, rate(735, 5484), colours=LIGHT)
    png = as_png(chart, width=400, scale=1)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 400 + 2 * 16


def test_light_and_dark_differ():
    charts = [pace_chart(0.12, 0.18, None, colours=colours) for colours in (LIGHT, DARK)]
    assert as_svg(charts[0]) != as_svg(charts[1])


def test_screen_colours_never_reach_a_file():
    with pytest.raises(ValueError, match="palette"):
        as_svg(pace_chart(0.12, 0.18, None))
