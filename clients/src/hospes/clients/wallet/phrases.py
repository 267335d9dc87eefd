"""The words of the wallet's sentences, one set a language: English and Portuguese, on a terminal and on the page.

It holds no logic: `sentences` fills the places in braces. A further language is one more `Phrases`, with the same
places in every template, which a test compares. The page has the same words, generated from here, but where a command
is named it says what to do on a screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from hospes.clients.wallet.countries import ENGLISH_COUNTRIES, PORTUGUESE_COUNTRIES


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language.

    Attributes
    ----------
    language : str
        BCP 47 tag.
    months : tuple of str
        January first.
    moment, moment_with_seconds, moment_far : str
        A time: ``{day} {month} {year} {hour} {minute} {second}``; one after the year 9999: ``{seconds}``.
    comma, last : str
        Between the items of a list, and before its last.
    countries, classes, purposes : mapping of str to str
        By the protocol's words.
    """

    language: str
    months: tuple[str, ...]
    moment: str
    moment_with_seconds: str
    moment_far: str
    comma: str
    last: str
    countries: Mapping[str, str]
    classes: Mapping[str, str]
    purposes: Mapping[str, str]
    consent_title: str
    grant_title: str
    anybody: str
    of_country: str
    member: str
    stranger: str
    what: str
    why: str
    where: str
    when: str
    card_not_needed: str
    card_needed: str
    card_of_another: str
    meaning_title: str
    meaning_log: str
    meaning_emergency: str
    meaning_no_emergency: str
    meaning_withdraw: str
    meaning_standing: str
    meaning_shown: str
    undone_title: str
    undone_read: str
    undone_log: str
    print_title: str
    print_deadline: str
    print_salt: str
    print_name: str


ENGLISH: Final = Phrases(
    language="en",
    months=(
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
    moment="{day} {month} {year}, {hour:02}:{minute:02} (UTC)",
    moment_with_seconds="{day} {month} {year}, {hour:02}:{minute:02}:{second:02} (UTC)",
    moment_far="second {seconds} after the beginning of 1970, that is after the year 9999",
    comma=", ",
    last=" and ",
    countries=ENGLISH_COUNTRIES,
    classes={
        "emergency-summary": "your emergency summary (the few facts that matter when minutes count)",
        "patient-summary": "your whole patient summary",
        "medication": "the list of your medicines",
        "laboratory": "your laboratory results",
        "imaging": "your X-rays and other images",
        "discharge": "your discharge letters",
        "mental-health": "your mental health records",
        "device-readings": "the readings of your wearable",
    },
    purposes={
        "treatment": "to treat you",
        "emergency": "in an emergency, also when you cannot be asked",
        "research": "for medical research",
    },
    consent_title="You allow this:",
    grant_title="Permission {number} of {count}",
    anybody="Any hospital of the network",
    of_country="Any hospital of the network that is registered in {country}",
    member="The member “{name}” of {country}",
    stranger="The member “{name}”, which the network's register does not know,",
    what="{who} may read {what}.",
    why="It may read this only {why}.",
    where="It may read this only in: {where}.",
    when="It may read this from {begin} until {end}, neither before nor after.",
    card_not_needed="Your card is not needed for this.",
    card_needed="Your card is needed for this: a hospital must have met you, and read your card or your wearable.",
    card_of_another="A card is needed for this, but NOT the card of this journey: the card whose gate is {gate}.",
    meaning_title="What this means:",
    meaning_log="Before a hospital can read, its name is in your log. To see who looked: hospes wallet accesses",
    meaning_emergency="In an emergency nobody will ask you again. That is what the emergency permission is for.",
    meaning_no_emergency="This alone does not help when you cannot speak: it holds no emergency permission.",
    meaning_withdraw="You can take it back at any time: hospes wallet withdraw",
    meaning_standing="The keepers hold this permission for you, so you need not hand it to anybody.",
    meaning_shown="You hand this permission to the hospital yourself: hospes wallet grant-file",
    undone_title="What cannot be undone:",
    undone_read="What a hospital has read, it has read: taking a permission back does not make anybody forget.",
    undone_log="Your log stays. It says that a permission was given or taken back, but not your name and no illness.",
    print_title="Small print:",
    print_deadline="It must be in the log by {deadline}; after that it is void.",
    print_salt="Permission {number} has the random number {salt}, so that nobody can guess or repeat it.",
    print_name="The log will know all of this together as {name}, and nothing else of it.",
)

PORTUGUESE: Final = Phrases(
    language="pt",
    months=(
        *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
        *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
    ),
    moment="{day} de {month} de {year}, {hour:02}:{minute:02} (UTC)",
    moment_with_seconds="{day} de {month} de {year}, {hour:02}:{minute:02}:{second:02} (UTC)",
    moment_far="segundo {seconds} depois do começo de 1970, isto é, depois do ano 9999",
    comma=", ",
    last=" e ",
    countries=PORTUGUESE_COUNTRIES,
    classes={
        "emergency-summary": "o seu resumo de emergência (os poucos factos que contam quando os minutos contam)",
        "patient-summary": "todo o seu resumo clínico",
        "medication": "a lista dos seus medicamentos",
        "laboratory": "os seus resultados de análises",
        "imaging": "as suas radiografias e outras imagens",
        "discharge": "as suas cartas de alta",
        "mental-health": "os seus registos de saúde mental",
        "device-readings": "as leituras do seu aparelho de pulso",
    },
    purposes={
        "treatment": "para o seu tratamento",
        "emergency": "numa emergência, também quando não lhe podem perguntar",
        "research": "para investigação médica",
    },
    consent_title="Autoriza o seguinte:",
    grant_title="Autorização {number} de {count}",
    anybody="Qualquer hospital da rede",
    of_country="Qualquer hospital da rede registado neste país: {country},",
    member="O membro “{name}” ({country})",
    stranger="O membro “{name}”, que o registo da rede não conhece,",
    what="{who} pode ler {what}.",
    why="Só pode ler isto {why}.",
    where="Só pode ler isto em: {where}.",
    when="Pode ler isto desde {begin} até {end}, nem antes nem depois.",
    card_not_needed="Para isto não é preciso o seu cartão.",
    card_needed="Para isto é preciso o seu cartão: o hospital tem de ter lido, na sua presença, o cartão ou aparelho.",
    card_of_another="Para isto é preciso um cartão, mas NÃO o desta viagem: o cartão cuja porta é {gate}.",
    meaning_title="O que isto significa:",
    meaning_log="Antes de um hospital poder ler, o nome dele fica no seu registo. Quem leu: hospes wallet accesses",
    meaning_emergency="Numa emergência ninguém volta a perguntar-lhe. A autorização de emergência serve para isso.",
    meaning_no_emergency="Só isto não ajuda quando não puder falar: não contém autorização de emergência.",
    meaning_withdraw="Pode retirá-la em qualquer altura: hospes wallet withdraw",
    meaning_standing="Os guardiões guardam esta autorização por si, e não precisa de a entregar a ninguém.",
    meaning_shown="Esta autorização chega ao hospital pelas suas mãos: hospes wallet grant-file",
    undone_title="O que não se pode desfazer:",
    undone_read="O que um hospital leu, está lido: retirar uma autorização não faz ninguém esquecer.",
    undone_log="O seu registo fica. Diz que foi dada ou retirada uma autorização, mas nem o seu nome nem uma doença.",
    print_title="Letras pequenas:",
    print_deadline="Tem de estar no registo até {deadline}; depois disso não vale.",
    print_salt="A autorização {number} tem o número aleatório {salt}, para que ninguém a possa adivinhar ou repetir.",
    print_name="O registo conhecerá tudo isto junto como {name}, e mais nada.",
)

PAGES: Final[Mapping[str, Phrases]] = {
    "en": replace(
        ENGLISH,
        meaning_log="Before a hospital can read, its name is in your log. You see it here under “Who looked”.",
        meaning_withdraw="You can take it back at any time, here under “Permissions”.",
        meaning_shown="You hand this permission to the hospital yourself, as a file, from “Permissions”.",
    ),
    "pt": replace(
        PORTUGUESE,
        meaning_log="Antes de um hospital poder ler, o nome dele fica no seu registo. Vê-o aqui, em “Quem leu”.",
        meaning_withdraw="Pode retirá-la em qualquer altura, aqui, em “Autorizações”.",
        meaning_shown="Esta autorização chega ao hospital pelas suas mãos, num ficheiro que tira de “Autorizações”.",
    ),
}
"""The words of the wallet's page, by language."""
