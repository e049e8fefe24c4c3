"""All recorded files: those of the manifest, and those of networks that have their own file here.

`<slug>.py` holds `MAPPED` and `NOT_OURS` of the recordings in the folder of that name.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.collector import recordings_manifest as manifest
from tests.collector.recordings_manifest import Mapped

_OWN = {one.name: import_module(f"{__name__}.{one.name}") for one in iter_modules(__path__)}

FOLDERS: tuple[str, ...] = (*manifest.FOLDERS, *_OWN)
MAPPED: tuple[Mapped, ...] = (
    *manifest.MAPPED,
    *(mapped for file in _OWN.values() for mapped in file.MAPPED),
)
NOT_OURS: dict[str, str] = dict(manifest.NOT_OURS)
for _file in _OWN.values():
    NOT_OURS |= _file.NOT_OURS
