"""The learner: always the same, in four languages, and honest about texts it has not seen."""

import json
from time import perf_counter

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from exceptions_app.complaints.checking import check, parts
from exceptions_app.complaints.learning import Sample, learn, read
from exceptions_app.complaints.lessons import from_shipped
from exceptions_app.complaints.samples import shipped
from exceptions_app.complaints.words import features, words
from exceptions_app.vocabulary import ExceptionType
from tests.sla.shared import shared

SAMPLES = [
    Sample(text, label)
    for label, texts in {
        "late": ("it is late", "came too late", "late again", "so late, where is it"),
        "broken": ("it is broken", "came broken", "broken again", "so broken, it is useless"),
    }.items()
    for text in texts
]


def test_accents_capitals_and_sharp_s_make_no_difference():
    assert words("Großer Ärger: NÃO chegou!") == ["grosser", "arger", "nao", "chegou"]


def test_the_order_of_the_samples_makes_no_difference():
    first, again = learn(SAMPLES), learn(SAMPLES[::-1])

    assert first.document() == again.document()


def test_a_lesson_reads_back_what_it_wrote():
    learned = learn(SAMPLES)

    again = read(json.loads(json.dumps(learned.document())))

    one, other = learned.judge("late, late, late"), again.judge("late, late, late")
    assert (one.label, one.because) == (other.label, other.because)
    assert one.confidence == pytest.approx(other.confidence, abs=0.01)


def test_the_words_that_spoke_are_told_in_their_own_spelling():
    verdict = learn(SAMPLES).judge("Sadly LATE!")

    assert verdict.label == "late"
    assert verdict.because == ("LATE",)


def test_what_was_known_counts_like_a_word():
    samples = [Sample("it is bad", "late", ("overdue",)), Sample("it is bad", "broken", ("ended",))]
    learned = learn(samples * 4)

    assert learned.judge("it is bad", ("overdue",)).label == "late"
    assert learned.judge("it is bad", ("ended",)).label == "broken"


def test_equal_texts_are_never_learned_from_and_judged_in_the_same_turn():
    for rest, part in parts([*SAMPLES, *SAMPLES, Sample("IT IS LATE!", "late")], 4):
        assert not {tuple(words(s.text)) for s in rest} & {tuple(words(s.text)) for s in part}


def test_every_sample_is_judged_once():
    checked = check(SAMPLES, 4)

    assert sum(sum(row.values()) for row in checked.confusion.values()) == len(SAMPLES)
    assert checked.by_class["late"]["cases"] == 4


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Minha encomenda não chegou e o prazo já passou", "order_late"),
        ("nao recebi o pedido ate hoje, esta atrasado", "order_late"),
        ("Meine Bestellung ist nicht gekommen, sie ist verspätet", "order_late"),
        ("The parcel has not arrived, the promised date passed", "order_late"),
        ("El pedido no ha llegado, tiene una semana de retraso", "order_late"),
        ("Produto de péssima qualidade, quebrou no primeiro dia", "complaint"),
        ("Schlechte Qualität, nach einer Woche kaputt", "complaint"),
        ("Terrible quality, it broke at once", "complaint"),
        ("Der Techniker ist nicht erschienen", "not_checked_in"),
        ("You charged my card twice", "payment_failed"),
        ("Quero meu reembolso, devolvi o produto há um mês", "return_stuck"),
        ("Wo ist mein Paket?", "status_questions"),
        ("Where is my order?", "status_questions"),
        ("Muito bom, recomendo", "other"),
    ],
)
def test_the_shipped_sentences_teach_what_they_are_about(text, label):
    assert from_shipped().judge(text).label == label


def test_the_shipped_sentences_are_in_four_languages_and_no_sentence_twice():
    texts = [sample.text for sample in shipped()]
    labels = {sample.label for sample in shipped()}

    assert len(texts) == len(set(texts))
    assert labels <= set(ExceptionType.values)
    assert all(sum(one.label == label for one in shipped()) >= 12 for label in labels)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_be_judged(text):
    list(features(text))
    verdict = learned_once().judge(text)

    assert 0 < verdict.confidence <= 1
    assert sum(verdict.shares.values()) == pytest.approx(1)


def learned_once(kept=[]):  # noqa: B006 - learned once for all the examples
    if not kept:
        kept.append(learn(SAMPLES))
    return kept[0]


def test_a_complaint_is_read_in_no_time():
    learned = from_shipped()
    began = perf_counter()

    for _ in range(20):
        learned.judge("Meine Bestellung ist nicht gekommen, " * 10)

    assert perf_counter() - began < 1


def test_real_complaints_are_recognised_by_cross_validation(capsys):
    """From the text alone; with the order's dates and the score it is the same or better (README)."""
    path = shared("olist_complaints/complaints_dev.csv.gz")

    call_command("train_complaints", str(path), "--json", "--only", "text")

    told = json.loads(capsys.readouterr().out)
    assert told["accuracy"] >= 0.88
    assert told["folds"] == 10
    assert set(told["by_class"]) == set(told["confusion"])
    assert sum(row["cases"] for row in told["by_class"].values()) == 2050


@pytest.fixture
def some(tmp_path):
    file = tmp_path / "some.csv"
    rows = [f"{one.text!r};{one.label}".replace("'", '"') for one in SAMPLES]
    file.write_text("text;what\n".replace(";", ",") + "\n".join(r.replace(";", ",") for r in rows))
    return file


def test_another_file_names_its_columns(some, capsys):
    call_command("train_complaints", str(some), "--text", "text", "--class", "what", "--folds", "4")

    assert "text: right in" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ((), "There is no column"),
        (("--text", "text", "--class", "what", "--folds", "1"), "It takes two classes"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(some, options, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("train_complaints", str(some), *options)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("train_complaints", str(tmp_path / "nothing.csv"))


def test_a_damaged_file_is_refused(tmp_path):
    file = tmp_path / "half.csv.gz"
    file.write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03half")

    with pytest.raises(CommandError, match="damaged"):
        call_command("train_complaints", str(file))
