import io

from deploy.local.environment import bar, install, met, pins


def test_every_pin_of_a_requirements_file_is_counted(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("# made by\naiohttp==3.9 \\\n    --hash=sha256:00==\nclick==8.1\n")
    assert pins(path) == 2


def test_what_pip_prints_moves_the_bar():
    lines = ["Collecting a==1", "  Downloading a.whl", "Requirement already satisfied: b", "Done"]
    assert list(met(lines)) == [1, 1, 2, 2]


def test_the_bar_is_full_at_the_end():
    assert "╌" not in bar("x", 120, 97, 3)
    assert "120" not in bar("x", 120, 97, 3)
    assert "━" not in bar("x", 0, 97, 3)


def test_a_failure_shows_pips_last_words_and_what_to_do(tmp_path):
    path = tmp_path / "r.txt"
    path.write_text("click==8.1.0 --hash=not-a-hash\n")
    output = io.StringIO()
    assert install("Environnement", path, output) != 0
    assert "hash" in output.getvalue()
    assert "À faire" in output.getvalue()
