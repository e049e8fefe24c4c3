"""Recorded answers of Flickr (cassettes of its foundation): all in XML, while we ask for JSON."""

from tests.collector.recordings_manifest import Mapped

MAPPED: tuple[Mapped, ...] = ()

_XML = "XML, while we ask for JSON: "
NOT_OURS = {
    "flickr/comments.yml": "it lists persons: we count, we do not profile",
    "flickr/people_deleted.yml": f"{_XML}failure 5 of an account is read as gone",
    "flickr/people_get_info.yml": f"{_XML}an account, its fields are those of the documentation",
    "flickr/people_get_info_2.yml": f"{_XML}another account",
    "flickr/photo_contexts.yml": "albums of a photo concern no counter",
    "flickr/photo_info.yml": f"{_XML}a photo, its fields are those of the documentation",
    "flickr/photo_private.yml": f"{_XML}failure 1 of a photo is read as missing",
    "flickr/profile_public.yml": "what a person says of herself is not asked",
    "flickr/retry_5xx.yml": f"{_XML}a status of 500 is for later, whatever its body",
}
