"""The forms of a French word: its plurals and feminines, so that « coupure » finds « coupures ».

Rules of endings, not a dictionary: a form that is no word is found nowhere and does no harm. A rule
that would make another word (port → porte, mer → mère) is left out, or the word is listed.
"""

from collections.abc import Iterator
from functools import lru_cache

LETTERS_LEAST = 3
"""Letters of a word that has other forms."""

INVARIABLE = frozenset(
    b"dans sans sous plus moins puis mais tous vous nous pas pres tres alors apres depuis jamais "
    b"toujours trois deux six dix cas bras bas gras tas las os pays temps corps fois bois mois "
    b"vers gaz nez bus jus lys mars cours secours repas proces acces exces succes rats ours "
    b"fils sens est les des ces ses mes tes par pour avec une que qui quoi dont sur entre "
    b"chez les aux".split()
)
"""Words that are their own plural, or no nouns: never cut."""

_AIL = {b"travail": b"travaux", b"bail": b"baux", b"vitrail": b"vitraux", b"corail": b"coraux"}
_AUX = {plural: singular for singular, plural in _AIL.items()}

_OTHER_WORDS = frozenset(
    b"medecin bassin marin patin arret appel parti cri chant argent vent frais crue plui projet "
    b"objet secret avant devant quand trois parfois marais palais train pain main bain mer fer "
    b"cher hier fier hiver riviere carriere matiere barriere lumiere priere premiere".split()
)
"""Their feminine by the rules would be another word, or they are one by themselves."""

_FEMININE: tuple[tuple[bytes, int, tuple[bytes, ...]], ...] = (
    (b"teur", 6, (b"trice", b"teuse", b"teure")),
    (b"eur", 5, (b"euse", b"eure")),
    (b"eux", 6, (b"euse",)),
    (b"if", 4, (b"ive",)),
    (b"ien", 5, (b"ienne",)),
    (b"een", 7, (b"eenne",)),
    (b"er", 6, (b"ere",)),
    (b"el", 6, (b"elle",)),
    (b"al", 5, (b"ale",)),
    (b"ant", 6, (b"ante",)),
    (b"ent", 5, (b"ente",)),
    (b"oint", 5, (b"ointe",)),
    (b"cat", 5, (b"cate",)),
    (b"dat", 6, (b"date",)),
    (b"ain", 6, (b"aine",)),
    (b"isin", 5, (b"isine",)),
    (b"usin", 6, (b"usine",)),
    (b"and", 5, (b"ande",)),
    (b"ais", 6, (b"aise",)),
    (b"ois", 6, (b"oise",)),
    (b"ard", 6, (b"arde",)),
    (b"ert", 5, (b"erte",)),
    (b"iron", 5, (b"ironne",)),
    (b"reton", 6, (b"retonne",)),
    (b"angeau", 8, (b"angelle",)),
)
"""Ending of the masculine, letters of the shortest word, endings of the feminine."""

_MASCULINE: tuple[tuple[bytes, int, tuple[bytes, ...]], ...] = (
    (b"trice", 7, (b"teur",)),
    (b"euse", 6, (b"eur", b"eux")),
    (b"ienne", 7, (b"ien",)),
    (b"iere", 8, (b"ier",)),
    (b"llere", 8, (b"ller",)),
    (b"ale", 7, (b"al",)),
    (b"elle", 8, (b"el",)),
    (b"ante", 7, (b"ant",)),
    (b"ente", 8, (b"ent",)),
    (b"ointe", 6, (b"oint",)),
    (b"oise", 8, (b"ois",)),
    (b"aine", 8, (b"ain",)),
)
"""The same the other way, where the feminine is long enough to be one."""


@lru_cache(20_000)
def forms(word: bytes, accented: str = "", *, name: bool = False) -> tuple[bytes, ...]:
    """Return the forms of a folded word, itself first.

    `accented` is the word as it was written, whose last letter tells a participle; a `name` may
    have a plural, but is none: « Vannes » is not a valve.
    """
    if len(word) < LETTERS_LEAST or not word.isalpha() or not word.isascii() or word in INVARIABLE:
        return (word,)
    found = dict.fromkeys([word])
    for singular in [word] if name else _singulars(word):
        for one in (singular, *_other_gender(singular, accented)):
            found[one] = None
            found.update(dict.fromkeys(_plurals(one)))
    return tuple(found)


def _singulars(word: bytes) -> Iterator[bytes]:
    yield word
    if word in _AUX:
        yield _AUX[word]
    elif word.endswith((b"eaux", b"eux", b"oux")) and len(word) > LETTERS_LEAST:
        yield word[:-1]
    elif word.endswith(b"aux") and len(word) > 4:
        yield word[:-3] + b"al"
    elif word.endswith(b"s") and len(word) > LETTERS_LEAST and not word.endswith(b"ss"):
        yield word[:-1]


def _plurals(word: bytes) -> Iterator[bytes]:
    if word in _AIL:
        yield _AIL[word]
    if word.endswith((b"s", b"x", b"z")):
        return
    yield word + b"s"
    if word.endswith((b"eau", b"eu", b"au")):
        yield word + b"x"
    elif word.endswith(b"al"):
        yield word[:-2] + b"aux"


def _other_gender(word: bytes, accented: str) -> Iterator[bytes]:
    if word in _OTHER_WORDS:
        return
    written = accented.lower().removesuffix("s")
    if written.endswith(("é", "lu")):
        yield word.removesuffix(b"s") + b"e"
    elif written.endswith("lue"):
        yield word.removesuffix(b"s")[:-1]
    for ending, shortest, others in (*_FEMININE, *_MASCULINE):
        if word.endswith(ending) and len(word) >= shortest:
            yield from (word[: -len(ending)] + other for other in others)
            return
