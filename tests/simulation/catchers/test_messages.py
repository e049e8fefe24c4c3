from datetime import UTC, datetime

from simulation.catchers.messages import MESSAGES_KEPT, Tray, mail
from simulation.catchers.slack import marked

AT = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)


def test_a_tray_keeps_over_a_restart_and_never_gives_a_number_twice(tmp_path):
    tray = Tray(tmp_path)
    for _ in range(3):
        tray.keep(
            mail(tray.next_number(), AT, "a@b.example", ["c@d.example"], b"Subject: x\n\n\xff")
        )
    again = Tray(tmp_path)
    assert list(again) == list(tray)
    assert again.next_number() == 4


def test_a_full_tray_forgets_the_oldest(tmp_path):
    tray = Tray(tmp_path)
    for _ in range(MESSAGES_KEPT + 2):
        tray.keep(mail(tray.next_number(), AT, "", [], b""))
    assert len(tray) == MESSAGES_KEPT
    assert tray.find(2) is None
    assert len(list(tmp_path.iterdir())) == MESSAGES_KEPT


def test_marks_become_html_and_the_rest_is_escaped():
    assert (
        marked("*gras* _fin_ <https://a.example/?x=1&amp;y=2|le *lien*> &lt;b&gt; 2*3*4\n<script>")
        == "<strong>gras</strong> <em>fin</em>"
        ' <a href="https://a.example/?x=1&amp;y=2" rel="noreferrer">le *lien*</a>'
        " &lt;b&gt; 2*3*4<br>&lt;script&gt;"
    )
