from journey_app.analysis.paths import Link, Paths
from journey_app.charts import paths
from journey_app.charts.export import as_svg
from journey_app.charts.theme import LIGHT
from tests.charts.marks import marks, selections, texts
from tests.charts.northwind import northwind_paths


def ribbons(**options):
    chart = paths.paths_chart(northwind_paths(), colours=LIGHT, **options)
    return {(row["step"], row["source"], row["target"]): row for _mark, row in marks(chart, "area")}


def test_one_row_a_ribbon():
    assert len(ribbons()) == len(northwind_paths().links)


def test_every_node_is_named_with_its_people_and_the_ends_are_words():
    said = texts(paths.paths_chart(northwind_paths(), colours=LIGHT))
    assert {"Trial", "100", "Left", "STEP 2", "START"} <= set(said)
    assert "Other 5" in said
    assert not any("(" in word for word in said)


def test_ribbons_take_the_colour_of_where_they_go_and_exits_are_grey():
    drawn = ribbons(stage_of={"Project": 1, "Import": 1, "Invite": 2, "Trial": 0})
    assert drawn[(1, "Project", "Invite")]["color"] == LIGHT.stage(2)
    assert drawn[(1, "Import", "Project")]["color"] == LIGHT.stage(1)
    assert drawn[(1, "Project", "(left)")]["color"] == LIGHT.ghost
    assert drawn[(0, "Trial", "(other)")]["color"] == LIGHT.ghost


def test_the_focused_ribbon_lies_on_top_and_is_red_only_when_it_leaves():
    leaving, staying = (1, "Project", "(left)"), (1, "Project", "Invite")
    drawn = ribbons(focus=leaving)
    assert list(drawn)[-1] == leaving
    assert (drawn[leaving]["color"], drawn[leaving]["opacity"]) == (LIGHT.red, 0.9)
    assert drawn[staying]["opacity"] == 0.26
    assert ribbons(focus=staying)[staying]["color"] != LIGHT.red


def test_ribbons_and_nodes_answer_with_what_a_funnel_needs():
    chart = paths.paths_chart(northwind_paths(), colours=LIGHT)
    assert selections(chart) == {"link": ["step", "source", "target"], "node": ["column", "event"]}


def test_without_stages_the_largest_events_get_a_colour_of_their_own():
    drawn = ribbons()
    hues = {drawn[key]["color"] for key in [(0, "Trial", "Project"), (0, "Trial", "Import")]}
    assert len(hues) == 2


def test_a_crowded_column_makes_the_picture_taller_instead_of_unreadable():
    crowd = Paths("Start", True, 1, 400, tuple(Link(0, "Start", f"e{k}", 10) for k in range(40)), {})
    assert paths.paths_chart(crowd, height=300, colours=LIGHT).to_dict()["height"] > 40 * 15


def test_backwards_the_columns_count_down_to_the_anchor():
    said = texts(paths.paths_chart(northwind_paths(forward=False), colours=LIGHT))
    assert {"END", "STEP −1", "STEP −2"} <= set(said)


def test_the_picture_is_drawn_by_the_browser_from_one_row_a_ribbon():
    svg = as_svg(paths.paths_chart(northwind_paths(), focus=(1, "Project", "(left)"), colours=LIGHT))
    curves = [part for part in svg.split("<path") if part.count("L") >= 40]
    assert len(curves) == len(northwind_paths().links)


def test_words_for_readers_who_cannot_see_it():
    said = paths.describe(northwind_paths(), most=2)
    assert said.startswith("Paths from Trial, 100 customers. step 1, Trial → Project: 60 customers")
    assert said.endswith("and 8 smaller ribbons.")
    assert paths.other_says(northwind_paths(), 1, most=1) == "Tour 3 and 1 more"
