"""English is complete: whatever the program can say in Chinese stands translated in ``locale/en``, with its gaps in place."""

import re
from collections import Counter
from pathlib import Path

import polib
import pytest
from django.template.base import VARIABLE_TAG_END, VARIABLE_TAG_START

from jiuyi.kernel.parameters import RuleParameters
from jiuyi.kernel.refusals import Refusal
from jiuyi.kernel.words import Word
from tests.architecture.tree import PACKAGE, Source
from tests.translations.sayings import (
    CHINESE,
    built_at_run_time,
    every,
    marked_in_source,
    marked_in_template,
    sayings,
    sources,
    templates,
    unmarked_in_source,
    unmarked_in_template,
)

CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.po"
COMPILE = "compile with polib.pofile('django.po').save_as_mofile('django.mo')"

CHINESE_IN_ENGLISH: dict[str, str] = {}
"""English sentences that show Chinese, and why."""

CHINESE_IN_TEMPLATES = {
    ("kit/templates/kit/parts/language_switch.html", "中文"): "the name of the language, for those who look for it",
}
"""``(template, words)`` that stay Chinese in English, and why."""

_TO_PHONES = "messages go to phones whose owners' language nobody has asked for"
CHINESE_IN_SOURCES = {
    **{(f"journeys/{each}telling.py", "*"): _TO_PHONES for each in ("", "conduct_", "release_", "waiting_")},
    **{(f"journeys/{each}.py", "*"): _TO_PHONES for each in ("reaching", "reaching_rules", "reminding")},
    ("desks/admin/rules.py", "\u3000"): "a blank that indents the names in a list of choices",
}
"""``(file, words)`` that stay Chinese in English, and why; ``*`` for the whole file."""

GAP = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w+[^>]*>|%%")


@pytest.fixture(scope="module")
def english() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


@pytest.fixture(scope="module")
def known(english: polib.POFile) -> set[str]:
    entries = [each for each in english if not each.obsolete and not each.fuzzy]
    return {each.msgid for each in entries if each.msgstr or (each.msgstr_plural and all(each.msgstr_plural.values()))}


def forms(entry: polib.POEntry) -> list[tuple[str, str]]:
    """Each translation beside the sentence it stands for."""
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid_plural if number else entry.msgid, text) for number, text in entry.msgstr_plural.items()]


# -- complete --------------------------------------------------------------------------------------------------------------------------


def test_whatever_a_page_or_a_program_says_is_translated(known):
    missing = [f"{each.place}: {each.msgid}" for each in sayings() if each.msgid not in known]
    assert not missing, "\n".join(missing)


def test_every_label_of_the_vocabulary_is_translated(known):
    missing = [f"{kind.__qualname__}.{each.name}: {each.label}" for kind in every(Word) for each in kind if each.label not in known]
    assert not missing, "\n".join(missing)


def test_every_refusal_is_translated(known):
    missing = [f"{kind.__qualname__}: {kind.message}" for kind in [Refusal, *every(Refusal)] if kind.message not in known]
    assert not missing, "\n".join(missing)


def test_every_rule_pack_has_its_title_and_its_source_translated(known):
    titles = [f"{kind.rule_id}: {kind.title}" for kind in every(RuleParameters) if kind.title not in known]
    unsourced = [f"{kind.rule_id}: {kind.source}" for kind in every(RuleParameters) if kind.source not in known]
    assert not titles, "\n".join(titles)
    assert not unsourced, "\n".join(unsourced)


def test_no_entry_is_left_open(english):
    assert [each.msgid for each in english.untranslated_entries()] == []
    assert [each.msgid for each in english.fuzzy_entries()] == []
    assert [each.msgid for each in english.obsolete_entries()] == []
    assert [each.msgid for each in english if not all(text for _, text in forms(each))] == []


# -- right -----------------------------------------------------------------------------------------------------------------------------


def test_both_languages_have_the_same_gaps(english):
    pairs = [pair for each in english for pair in forms(each)]
    wrong = [f"{said} ≠ {text}" for said, text in pairs if Counter(GAP.findall(said)) != Counter(GAP.findall(text))]
    assert not wrong, "\n".join(wrong)


def test_english_sentences_hold_no_chinese(english):
    wrong = [text for each in english for _, text in forms(each) if CHINESE.search(text) and text not in CHINESE_IN_ENGLISH]
    assert not wrong, "\n".join(wrong)


def test_the_catalogue_names_its_language_and_nobody(english):
    assert english.metadata["Language"] == "en"
    assert english.metadata["Content-Type"] == "text/plain; charset=UTF-8"
    assert english.metadata["Last-Translator"] == english.metadata["Language-Team"] == ""
    assert "@" not in CATALOGUE.read_text(encoding="utf-8").split("\n\n", 1)[0]


def test_the_compiled_catalogue_is_the_written_one(english):
    assert CATALOGUE.with_suffix(".mo").read_bytes() == english.to_binary(), COMPILE


# -- reachable -------------------------------------------------------------------------------------------------------------------------


def test_templates_say_nothing_in_chinese_that_cannot_be_translated():
    found = [(path, line, words) for path, text in templates() for line, words in unmarked_in_template(text)]
    wrong = [f"{path}:{line}: {words}" for path, line, words in found if (path, words) not in CHINESE_IN_TEMPLATES]
    assert not wrong, "\n".join(wrong)


def test_desks_and_journeys_say_nothing_in_chinese_that_cannot_be_translated():
    speaking = [each for each in sources() if each.floor in {"desks", "journeys"}]
    found = [(each.path, line, words) for each in speaking for line, words in unmarked_in_source(each)]
    wrong = [
        f"{path}:{line}: {words}"
        for path, line, words in found
        if (path, words) not in CHINESE_IN_SOURCES and (path, "*") not in CHINESE_IN_SOURCES
    ]
    assert not wrong, "\n".join(wrong)


def test_nothing_is_marked_that_no_catalogue_can_hold():
    wrong = [place for each in sources() for place in built_at_run_time(each)]
    assert not wrong, "\n".join(wrong)


def test_every_exception_is_still_needed(english):
    assert {text for each in english for _, text in forms(each)} >= set(CHINESE_IN_ENGLISH)
    in_templates = {(path, words) for path, text in templates() for _, words in unmarked_in_template(text)}
    assert in_templates >= set(CHINESE_IN_TEMPLATES)
    in_sources = {(each.path, word) for each in sources() for _, words in unmarked_in_source(each) for word in (words, "*")}
    assert in_sources >= set(CHINESE_IN_SOURCES)


# -- the finders find ------------------------------------------------------------------------------------------------------------------

LOAD = "{% load i18n %}"
NAME = f"{VARIABLE_TAG_START} name {VARIABLE_TAG_END}"


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("a plain word", '{% translate "费用" %}', ["费用"]),
        ("quoted otherwise", "{% translate '费用' as fee %}", ["费用"]),
        ("a sentence with a gap", f"{{% blocktranslate %}}您好，{NAME}{{% endblocktranslate %}}", ["您好，%(name)s"]),
        ("two forms", "{% blocktranslate count n=n %}一人{% plural %}{{ n }} 人{% endblocktranslate %}", ["一人", "%(n)s 人"]),
        ("an argument of another tag", '{% button _("打印") kind="plain" %}', ["打印"]),
        ("a filter's argument", '{{ name|default:_("未知") }}', ["未知"]),
        ("nothing marked", "<p>费用</p>", []),
    ],
)
def test_marked_words_of_a_template_are_found(_case, text, found):
    assert marked_in_template(LOAD + text) == found


@pytest.mark.parametrize(
    ("_case", "text", "found"),
    [
        ("bare words", "<p>费用</p>", ["费用"]),
        ("an attribute", '<a title="费用">', ['"费用"']),
        ("full-width punctuation alone", "<b>a</b>：", ["："]),
        ("an argument without a mark", '{% button "打印" %}', ['button "打印"']),
        ("a marked argument", '{% button _("打印") %}', []),
        ("a marked word", '{% translate "费用" %}', []),
        ("inside a marked sentence", f"{{% blocktranslate %}}您好，{NAME}{{% endblocktranslate %}}", []),
        ("after a marked sentence", "{% blocktranslate %}您好{% endblocktranslate %}再见", ["再见"]),
        ("a comment", "{# 说明 #}{% comment %}说明{% endcomment %}", []),
    ],
)
def test_unmarked_words_of_a_template_are_found(_case, text, found):
    assert [words for _, words in unmarked_in_template(text)] == found


@pytest.mark.parametrize(
    ("_case", "text", "marked", "unmarked"),
    [
        ("a marked word", '_("费用")', ["费用"], []),
        ("joined over two lines", 'gettext("费用"\n"合计")', ["费用合计"], []),
        ("two forms", 'ngettext("一人", "几人", n)', ["一人", "几人"], []),
        ("through a module", 'translation.gettext_lazy("费用")', ["费用"], []),
        ("a docstring", '"""说明"""', [], []),
        ("a bare string", 'x = "费用"', [], ["费用"]),
        ("between the gaps", 'x = f"{a}：{b}"', [], ["："]),
        ("beside a mark", 'x = _("费用") + "元"', ["费用"], ["元"]),
    ],
)
def test_words_of_a_program_are_found(_case, text, marked, unmarked):
    source = Source(path="desks/example.py", text=text)
    assert marked_in_source(source) == marked
    assert [words for _, words in unmarked_in_source(source)] == unmarked


def test_a_marked_f_string_is_found():
    assert built_at_run_time(Source(path="desks/example.py", text='_(f"费用 {x}")')) == ["desks/example.py:1"]


def test_the_catalogue_is_where_the_settings_look(settings):
    assert Path(settings.LOCALE_PATHS[0]) == CATALOGUE.parents[2]
    assert [code for code, _ in settings.LANGUAGES] == ["zh-hans", "en"]
