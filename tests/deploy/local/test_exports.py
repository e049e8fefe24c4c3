import subprocess
from dataclasses import replace

from deploy.local.exports import exports, keep_exports
from deploy.local.supervision.plan import Part


def test_a_shell_reads_what_the_services_are_told(tmp_path):
    told = {"KAFKA_URL": "127.0.0.1:9", "OBSERVATOIRE_NETWORK_TOKENS": """{"a": "it's"}"""}
    ports = {"OBSERVATOIRE_PORT": "12", "OBSERVATOIRE_OPS_PORT": "12"}
    own = ports | {"OBSERVATOIRE_INSTANCE": "scorer"}
    scorer = Part("scorer", "Scores", list, 12, tmp_path / "log", told | own)
    keep_exports(tmp_path, [scorer, replace(scorer, name="api", environment={"TZ": "UTC"})])
    script = exports(tmp_path) + 'printf "%s|%s" "$KAFKA_URL" "$OBSERVATOIRE_NETWORK_TOKENS"; env'
    said = subprocess.run(["/bin/sh", "-c", script], env={}, capture_output=True, text=True)
    assert said.stdout.startswith("""127.0.0.1:9|{"a": "it's"}""")
    assert not [name for name in own if name in said.stdout], "a service beside has its own"
    assert (tmp_path / "environment").stat().st_mode & 0o077 == 0


def test_nothing_is_told_of_what_was_never_run(tmp_path):
    assert exports(tmp_path) == ""
