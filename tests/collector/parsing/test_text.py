"""Texts: what people read, whole, of signs that travel, in linear time."""

from time import process_time

import pytest

from services.collector.parsing.text import fit, hashtags, line, tidy, without_markup

BLOCKS = ("p", "div", "li", "td", "th", "dd", "section", "blockquote", "figcaption", "h2", "option")


@pytest.mark.parametrize("tag", BLOCKS)
def test_words_of_two_blocks_are_not_glued(tag):
    two = f"<{tag}>rue Basse</{tag}><{tag} class=x>rue Haute</{tag}>"
    assert without_markup(two).split() == ["rue", "Basse", "rue", "Haute"]
    assert without_markup(f"Travaux<{tag}>rue Basse</{tag}>mardi").split() == [
        "Travaux", "rue", "Basse", "mardi"]  # fmt: skip


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>un</p><p>deux</p>", "un\ndeux"),
        ("un<br><br/>deux", "un\n\ndeux"),
        ("l<b>’e</b>au", "l’eau"),
        ("5 < 6 et a <3", "5 < 6 et a <3"),
        ("<a title='a > b' href=x>lien</a>", "lien"),
        ("<!-- <p>caché</p> -->vu", "vu"),
        ("un<script>if (a < b) '</p>'</script> <style>p{}</style>deux", "un deux"),
        ("un<STYLE>p{}</sTyle >deux", "undeux"),
        ("<![CDATA[x]]>un<?php x ?>", "un"),
        ("&eacute;t&#233; &lt;b&gt;", "été <b>"),
        ("un <a href='", "un"),
        ("un <!--> deux <!-- trois", "un deux"),
    ],
)
def test_markup_goes(markup, text):
    assert without_markup(markup) == text


def test_what_is_escaped_twice_is_decoded_twice():
    assert without_markup("&lt;p&gt;l&amp;#039;eau&lt;/p&gt;", escaped_twice=True) == "l'eau"


@pytest.mark.parametrize(
    "pattern",
    ["<div>", "<a ", "<a b='c' ", '<a b="', "<!--", "<!---->", "<!-- >", "<!x", "<!-->",
     "<script>", "<p", "</", "&#1",
     "<title></title", "\u2003", "\n\u2003", " \n", "\v", "#1", "<", "=", "&lt;div&gt;"],
)  # fmt: skip
def test_time_is_linear_whatever_nests_or_stays_open(pattern):
    text = pattern * (1_500_000 // len(pattern))
    before = process_time()
    hashtags(without_markup(f"#a {text} é", escaped_twice=True))
    assert process_time() - before < 10


def test_signs_that_xml_forbids_go_and_half_pairs_are_told():
    assert fit("a\x00b\x08c\x1bd\ufffee\uffff") == "abcde"
    assert fit("crue \ud83d ici \ude00") == "crue \ufffd ici \ufffd"
    assert fit("\ud83d\ude00") == "\U0001f600"
    assert tidy("a\x0bb\x0cc\td\r\n\n \ne") == "a b c d\n\ne"
    assert without_markup("a&#27;b") == "ab"


def test_a_title_is_one_line_of_a_size_that_travels():
    assert line(" Conseil\n municipal\x00 ") == "Conseil municipal"
    assert len(line("a" * 5_000_000) or "") == 2_000
    assert line("\x00 ") is None
