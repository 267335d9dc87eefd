"""What must not be read as another thing: each case is one that a reader of the translations found."""

from dataclasses import replace

import pytest

from hospes.translator_wasm import Language, Status, Translator
from hospes.translator_wasm.building.base import ambiguities, read_base
from hospes.translator_wasm.building.words import words_of

BASE = read_base()
OTHERWISE_READ = [
    # source, what was read as it, and must not be
    ("en", "BUN 20 mg/dL", "urea"),
    ("en", "blood urea nitrogen", "urea"),
    ("en", "kidney transplant rejection", "chronic-renal-transplant-rejection"),
    ("en", "acute kidney transplant rejection", "chronic-renal-transplant-rejection"),
    ("pt", "rejeição de transplante renal", "chronic-renal-transplant-rejection"),
    ("es", "rechazo de trasplante renal", "chronic-renal-transplant-rejection"),
    ("fr", "rejet de greffe rénale", "chronic-renal-transplant-rejection"),
    ("fi", "munuaissiirteen hyljintä", "chronic-renal-transplant-rejection"),
    ("en", "alert and oriented", "conscious"),
    ("en", "Alert", "alerts"),
    ("pt", "alerta", "alerts"),
    ("en", "tingling", "numbness"),
    ("pt", "formigueiro", "numbness"),
    ("es", "hormigueo", "numbness"),
    ("fr", "fourmillements", "numbness"),
    ("de", "Kribbeln", "numbness"),
    ("en", "intracranial haemorrhage", "cerebral-haemorrhage"),
    ("en", "hot flushes", "menopausal-hot-flushes"),
    ("pt", "afrontamentos", "menopausal-hot-flushes"),
    ("de", "Hitzewallungen", "menopausal-hot-flushes"),
    ("en", "critically high", "critical"),
    ("en", "rectal bleeding", "blood-in-stool"),
    ("en", "black stools", "melaena"),
    ("fi", "musta uloste", "melaena"),
    ("en", "facial weakness", "facial-droop"),
    ("de", "Gesichtslähmung", "facial-droop"),
    ("en", "seafood", "shellfish"),
    ("fr", "crustacés", "shellfish"),
    ("fi", "äyriäiset", "shellfish"),
    ("en", "bee sting", "bee-venom"),
    ("de", "Wespenstich", "wasp-venom"),
    ("en", "ablation", "catheter-ablation"),
    ("fr", "ablation", "catheter-ablation"),
    ("en", "dyslipidaemia", "hyperlipidaemia"),
    ("de", "Fettstoffwechselstörung", "hyperlipidaemia"),
    ("en", "hip replacement", "hip-replacement"),
    ("en", "knee replacement", "knee-replacement"),
    ("en", "medication category", "drug-category"),
    ("en", "no NSAIDs", "no-anti-inflammatory-drugs"),
    ("en", "pain in the neck", "neck"),
    ("en", "PE: normal", "pulmonary-embolism"),
    ("en", "CVA tenderness", "stroke"),
    ("en", "ASA 2", "aspirin"),
    ("en", "CAP", "capsule"),
    ("en", "Timolol OD", "once-daily"),
    ("en", "NYHA: IV", "intravenous"),
    ("fi", "aste: IV", "intravenous"),
    ("es", "IM", "intramuscular"),
    ("pt", "dia 2 PO", "oral"),
    ("fr", "RCP en mars 2024", "cpr"),
    ("es", "RCP flexor", "cpr"),
    ("en", "TBI", "traumatic-brain-injury"),
    ("pt", "PCR negativa", "crp"),
    ("pt", "PCR em 2019", "crp"),
    ("es", "PCR negativa", "crp"),
    ("pt", "FA 120 U/L", "atrial-fibrillation"),
    ("es", "FA 80 U/L", "atrial-fibrillation"),
    ("pt", "Gota", "drop"),
    ("pt", "Gota", "drops"),
    ("es", "Gota", "drop"),
    ("fr", "Goutte", "drop"),
    ("fr", "alopurinol goutte", "drop"),
    ("pt", "crise de gota", "gout"),
    ("es", "ataque de gota", "gout"),
    ("fr", "crise de goutte", "gout"),
    ("pt", "suspenso", "stopped"),
    ("es", "suspendido", "stopped"),
    ("es", "suspendido en 2020", "stopped"),
    ("pt", "não indicado", "not-stated"),
    ("es", "no indicado", "not-stated"),
    ("fr", "non indiqué", "not-stated"),
    ("fr", "non demandé", "not-asked"),
    ("pt", "pílula", "pill"),
    ("fr", "1 pilule", "pill"),
    ("de", "Pille", "pill"),
    ("pt", "distensão abdominal", "abdominal-bloating"),
    ("es", "distensión abdominal", "abdominal-bloating"),
    ("pt", "traumatismo cranioencefálico", "head-injury"),
    ("de", "Schädelhirntrauma", "head-injury"),
    ("pt", "história do doente", "patient-story"),
    ("pt", "nódulo no peito", "chest"),
    ("es", "Bisoprolol 5 mg por la tarde", "in-the-evening"),
    ("es", "tabaquismo", "smoking-status"),
    ("es", "ingresado en reanimación", "resuscitation"),
    ("fr", "Hospitalisé en réanimation", "resuscitation"),
    ("fr", "Dysurie", "dysuria"),
    ("fr", "chute avec malaise", "malaise"),
    ("fr", "Allergie aux noix", "nuts"),
    ("fr", "phlébite", "deep-vein-thrombosis"),
    ("fr", "phlebite", "deep-vein-thrombosis"),
    ("fr", "cancer de la poitrine", "chest"),
    ("fr", "paralysie faciale", "facial-droop"),
    ("fr", "tabac 20 PA", "blood-pressure"),
    ("fr", "FC en 2019", "heart-rate"),
    ("de", "Schwellung am Hals", "throat"),
    ("de", "Knoten in der Brust", "chest"),
    ("de", "Unterleibsschmerzen", "abdominal-pain"),
    ("de", "Blähungen", "abdominal-bloating"),
    ("de", "Pflegeplan", "plan-of-care"),
    ("de", "Unruhe", "agitation"),
    ("de", "Allergien: nichts bekannt", "nil-known"),
    ("fi", "Allergiat: ei tiedossa", "nil-known"),
    ("fi", "suunniteltu", "intended"),
    ("fi", "väliaikainen", "provisional"),
    ("fi", "trimetopriimi-sulfa", "trimethoprim-sulfa"),
    ("fi", "verenvuototauti", "haemophilia"),
    ("fi", "vakavuusaste", "criticality"),
    ("fi", "AVH", "stroke"),
    ("fi", "aivoverenkiertohäiriö", "stroke"),
    ("fi", "resoribletti", "sublingual"),
    ("fi", "kardiologin luvalla", "after-asking-cardiologist"),
    ("fi", "elintavat", "social-history"),
    ("fi", "niska", "neck"),
    ("fi", "murtuma jalka", "leg"),
    ("fi", "tulehdus", "infection"),
    ("fi", "virtsanäyte", "urine-test"),
    ("fi", "levottomuus", "agitation"),
]


@pytest.mark.parametrize(("language", "text", "concept"), OTHERWISE_READ)
def test_a_text_is_not_read_as_another_thing(language: str, text: str, concept: str) -> None:
    """No known span of the text is the concept it was taken for, and no word of its target is that concept's term."""
    assert concept in {one.id for one in BASE.concepts}
    terms = {one.id: one.terms for one in BASE.concepts}
    for target in Language:
        if target == language:
            continue
        found = Translator(language, target).translate(text)
        assert concept not in {span.concept for span in found.spans if span.known}, found.marked
        said = words_of("".join(piece.text for piece in found.pieces if piece.known))
        assert said != words_of(terms[concept][target].forms[0]), found.marked


@pytest.mark.parametrize(
    ("source", "target", "text", "expected"),
    [
        ("en", "fi", "BUN 20 mg/dL", "Ureatyppi 20 mg/dl"),
        ("en", "de", "Urea 20 mg/dL", "Harnstoff 20 mg/dl"),
        ("en", "pt", "Acute kidney transplant rejection", "Rejeição de transplante renal aguda"),
        ("en", "pt", "Chronic rejection of renal transplant", "Rejeição crónica de transplante renal"),
        ("en", "de", "alert and oriented", "wach und orientiert"),
        ("pt", "en", "formigueiro", "tingling"),
        ("en", "fr", "Intracranial haemorrhage", "Hémorragie intracrânienne"),
        ("en", "es", "Hot flushes", "Sofocos"),
        ("en", "pt", "Potassium: critically high", "Potássio: criticamente elevado"),
        ("pt", "en", "2 gotas por dia", "2 drops once daily"),
        ("fr", "en", "1 goutte le matin", "1 drop in the morning"),
        ("en", "pt", "5 mg IV twice daily", "5 mg por via intravenosa duas vezes por dia"),
        ("fr", "en", "5 mg PO", "5 mg by mouth"),
        ("es", "de", "5 mg IM", "5 mg intramuskulär"),
        ("es", "en", "ataque de gota", "gout attack"),
        ("es", "en", "dolor en el pecho", "chest pain"),
        ("en", "fi", "hip replacement", "lonkan tekonivelleikkaus"),
        ("en", "fi", "total hip replacement", "lonkan kokotekonivelleikkaus"),
        ("en", "de", "pain in the neck", "Nackenschmerzen"),
        ("en", "de", "swelling of the neck", "Ödem der Halsregion"),
        ("en", "fr", "Cataract, both eyes", "Cataracte, les deux yeux"),
        ("fr", "en", "Allergie aux crustacés", "Allergy to crustaceans"),
        ("fi", "en", "ohimenevä aivoverenkiertohäiriö", "transient ischaemic attack"),
    ],
)
def test_what_is_meant_is_said(source: str, target: str, text: str, expected: str) -> None:
    """Where the meaning is clear, the same words as before have one of their own."""
    found = Translator(source, target).translate(text)
    assert found.is_known
    assert found.target == expected


def test_a_code_of_urea_nitrogen_is_not_urea() -> None:
    """LOINC 3094-0 counts the nitrogen of urea, 3091-6 and 22664-7 urea: the numbers are 2.14 times apart."""
    translator = Translator("en", "fi")
    named = {code: translator.translate_coding("http://loinc.org", code) for code in ("3094-0", "3091-6", "22664-7")}
    assert [one.target for one in named.values() if one] == ["ureatyppi", "urea", "urea"]


@pytest.mark.parametrize("language", Language)
def test_no_term_is_an_ambiguous_spelling(language: Language) -> None:
    """Each listed spelling, with or without its accents, is no term; a pattern may know it by the words around it."""
    translator = Translator(language, Language.EN if language is not Language.EN else Language.DE)
    assert BASE.manners[language].ambiguous
    for words in BASE.manners[language].ambiguous:
        found = translator.translate(" ".join(words))
        assert found.status is not Status.EXACT, found.marked


def test_a_base_with_an_ambiguous_term_is_refused() -> None:
    """Who gives a concept a listed spelling is told the language, the spelling and the concept."""
    assert ambiguities(BASE) == []
    manner = BASE.manners[Language.FR]
    worse = replace(manner, ambiguous=manner.ambiguous | {("goitre",), ("fièvre",)})
    found = ambiguities(replace(BASE, manners=BASE.manners | {Language.FR: worse}))
    assert "fr: 'fièvre' of fever is ambiguous" in found
