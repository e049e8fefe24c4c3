"""What a watch would have told, before it is saved."""

from datetime import timedelta

from click.testing import CliRunner

from contracts.alerts import Silence
from contracts.mentions import MentionObserved
from contracts.watches import Watched
from libs.deciding.preview import preview
from libs.deciding.said import Said
from services.alerts.commands import alerts
from tests.alerts.builders import NOW, mention, watched


def week() -> list[MentionObserved]:
    """Return a quiet week, one mention a day, and a crisis of fourteen on the last evening."""
    quiet = [
        mention(f"d{day}", "coupure d'eau", published_at=NOW - timedelta(days=day))
        for day in range(1, 8)
    ]
    crisis = [
        mention(f"c{n}", "coupure d'eau !", published_at=NOW + timedelta(minutes=n))
        for n in range(14)
    ]
    noise = [mention(f"n{n}", "bonjour", published_at=NOW) for n in range(5)]
    return [*crisis, *noise, *quiet]


def test_a_peak_is_told_and_a_usual_week_is_not():
    watch = watched(mode="peak", window_minutes=20)
    found = preview(watch, map(Said.by_others, week()), "Essai-sur-Onde")
    assert (found.texts, len(found.found)) == (26, 21)
    assert [alert.title for alert in found.alerts] == [
        "Coupure d’eau · 5 en 20\u00a0min",
        "Coupure d’eau · 14 en 20\u00a0min",
    ]
    assert found.silences == {Silence.USUAL: 7, Silence.COOLDOWN: 9}


def test_each_match_is_told_and_timers_end():
    found = preview(watched(), map(Said.by_others, week()), "Essai-sur-Onde")
    assert sum(alert.total for alert in found.alerts) == 21
    assert len(found.alerts) == 7 + 3


def test_the_command_says_it_in_french(tmp_path):
    watch: Watched = watched(mode="peak", window_minutes=20)
    (tmp_path / "watch.json").write_bytes(watch.encode())
    (tmp_path / "said.jsonl").write_bytes(b"\n".join(said.encode() for said in week()))
    answer = CliRunner().invoke(
        alerts,
        ["preview", str(tmp_path / "watch.json"), str(tmp_path / "said.jsonl")],
        env={"OBSERVATOIRE_INSTALLATION": "simulation"},
    )
    assert answer.exit_code == 0, answer.output
    for number in ("26 textes", "21", "2 alertes", "7 fois rien"):
        assert number in answer.output
