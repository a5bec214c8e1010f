import pytest

from journey_app.charts.canvas import WIDTH, Canvas
from journey_app.charts.export import as_png, as_svg
from journey_app.charts.funnel import funnel_chart
from journey_app.charts.theme import DARK, LIGHT, SCREEN, palette
from tests.charts.northwind import northwind_funnel


def line(colours):
    """The smallest picture: one line from side to side."""
    canvas = Canvas(40, colours)
    canvas.lines([{"x": 9, "x2": WIDTH - 9, "y": 20, "y2": 20}], colours.ink)
    return canvas.done()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_a_file_has_the_words_and_plain_colours_of_its_mode(mode):
    svg = as_svg(funnel_chart(northwind_funnel(), colours=palette(mode)))
    assert "1,764 lost" in svg and palette(mode).paper in svg
    assert "light-dark" not in svg and "http" not in svg.replace("http://www.w3.org", "")


def test_a_picture_is_as_wide_as_asked():
    chart = line(LIGHT)
    png = as_png(chart, width=400, scale=1)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 400 + 2 * 16


def test_light_and_dark_differ():
    charts = [line(colours) for colours in (LIGHT, DARK)]
    assert as_svg(charts[0]) != as_svg(charts[1])


def test_screen_colours_never_reach_a_file():
    with pytest.raises(ValueError, match="palette"):
        as_svg(line(SCREEN))
