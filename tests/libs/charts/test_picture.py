import re
from types import SimpleNamespace

import pytest

from contracts.panels.ma_collectivite import DASHBOARD, PEERS, RHYTHM, SCORE_HISTORY
from libs.charts import picture as charts
from libs.charts import widths
from libs.charts.style import NARROW_WIDTH, PALETTE, WIDTH
from services.api.figures.views import VIEWS

MONTHS = [
    SimpleNamespace(period="2026-08", score=50.0, low=45.0, high=55.0),
    SimpleNamespace(period="2026-09", score=None, low=None, high=None),
    SimpleNamespace(period="2026-10", score=61.4, low=57.0, high=66.0),
]


def test_a_picture_is_marked_inside_itself_in_a_simulation_only():
    marked = charts.svg(SCORE_HISTORY, MONTHS, simulation=True)
    assert "SIMULATION" in marked
    assert marked.index("<pattern") > marked.index("<rect")
    assert "SIMULATION" not in charts.svg(SCORE_HISTORY, MONTHS, simulation=False)


def test_a_picture_speaks_french():
    drawn = charts.svg(SCORE_HISTORY, MONTHS, simulation=False)
    assert "août 26" in drawn
    assert "oct. 26" in drawn


def test_nothing_known_is_nothing_drawn():
    assert charts.svg(SCORE_HISTORY, [], simulation=True) == ""
    assert charts.svg(SCORE_HISTORY, MONTHS[1:2], simulation=True) == ""


def test_a_month_without_score_is_a_hole_and_not_a_zero():
    drawn = charts.svg(SCORE_HISTORY, MONTHS, simulation=False)
    points = re.findall(r'<path transform="translate\(([\d.]+),([\d.]+)\)', drawn)
    assert len(points) == 2


def test_a_curve_tells_both_its_ends():
    drawn = charts.svg(SCORE_HISTORY, MONTHS, simulation=False)
    assert ">50,0</text>" in drawn
    assert ">61,4</text>" in drawn
    assert charts.svg(SCORE_HISTORY, MONTHS[:1], simulation=False).count(">50,0</text>") == 1


def test_a_telephone_has_a_picture_of_its_own_width():
    for narrow, width in ((True, NARROW_WIDTH), (False, WIDTH)):
        drawn = charts.svg(SCORE_HISTORY, MONTHS, simulation=False, narrow=narrow)
        assert re.search(rf'<svg[^>]* width="{width}"', drawn)


def test_who_reads_stands_out_among_peers():
    rows = [
        SimpleNamespace(
            territory_name=name, score=s, low=s - 3, high=s + 3, best_place=1, worst_place=1
        )
        for name, s in (("Un", 60.0), ("Deux", 50.0))
    ]
    alone = charts.svg(PEERS, rows, simulation=False).split("</style>")[1]
    own = charts.svg(PEERS, rows, simulation=False, highlight="Deux").split("</style>")[1]
    assert PALETTE["other"] not in alone
    assert PALETTE["other"] in own


def test_whole_counts_have_whole_ticks():
    from datetime import date

    rows = [SimpleNamespace(published_at=date(2026, 11, n), posts=n % 2) for n in range(1, 9)]
    drawn = charts.svg(RHYTHM, rows, simulation=False)
    assert re.findall(r">(\d+)</text>", drawn)[-2:] == ["0", "1"]


def test_few_posts_do_not_make_wide_columns():
    from datetime import date

    def widest(*days: int) -> float:
        rows = [SimpleNamespace(published_at=date(2026, 9, day), posts=1) for day in days]
        drawn = charts.svg(RHYTHM, rows, simulation=False)
        bars = re.findall(rf'h([\d.]+)v[^"]*" fill="{PALETTE["accent"]}"', drawn)
        assert len(bars) == len(days)
        return max(float(width) for width in bars)

    assert widest(3) == widest(1, 15) == widest(*range(1, 29))


def test_a_picture_becomes_a_png():
    picture = charts.svg(SCORE_HISTORY, MONTHS, simulation=True)
    assert charts.png(picture).startswith(b"\x89PNG")


@pytest.mark.parametrize("panel", DASHBOARD.panels, ids=lambda panel: panel.slug)
def test_a_panel_reads_columns_that_its_view_has(panel):
    view = VIEWS[panel.view]
    assert set(panel.parameters) == set(view.parameters)
    read = {one.name for one in panel.fields if not (panel.counted and one.name == panel.y)}
    assert read <= set(view.row.model_fields)
    assert {panel.x, panel.y} <= {field.name for field in panel.fields}


def test_words_of_a_picture_keep_their_width_whatever_the_fonts():
    """Without Arial « Ratio abonnés / abonnements » was cut by its first letters."""
    drawn = charts.svg(SCORE_HISTORY, MONTHS, simulation=False)
    texts = [one for one in re.findall("<text[^>]*>[^<]{2,}<", drawn) if "font-size" in one]
    assert texts
    assert all("textLength" in one for one in texts)
    label = "Ratio abonnés / abonnements"
    said = f'<text font-size="13px" fill="red">{label}</text>'
    (wide,) = re.findall('textLength="([0-9.]+)"', widths.held(said))
    assert float(wide) == pytest.approx(widths.width(label, 13), abs=0.1)
    assert widths.width(label, 13) < widths.width(label, 13, bold=True)
    assert widths.TEXT.search(widths.held(said)), "told twice, it is the same"
