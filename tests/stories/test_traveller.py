"""The traveller: consents once in plain words, is helped when unconscious, and sees who looked."""

from pathlib import Path

from tests.simulators.terminal import Terminal
from tests.stories.conftest import Traveller


def test_she_reads_before_she_signs(leaving: Traveller) -> None:
    """A consent is shown as sentences, and nothing is given when she does not agree."""
    wish = ("--who", "member:hospital-evora", "--country", "PT")
    said = leaving.terminal.run("wallet", "consent", *wish, "--network", leaving.network, typed="n\n")
    assert "“hospital-evora” of Portugal may read" in " ".join(said.out.split())
    assert "Consent 2" not in leaving.wallet("status")
    agreed = leaving.wallet("consent", *wish, typed="y\n")
    assert "Consent 2 is given" in agreed


def test_she_sees_who_looked(traveller: Traveller, member: Terminal) -> None:
    """Opened and refused accesses are told apart, with who, when, what and why, and break-glass is marked."""
    for hospital in ("hospital-badajoz", "hospital-bordeaux"):
        member.run("hospital", "break-glass", "--card", traveller.card, "--practitioner", "Dr. Ruiz", "--as", hospital)
    seen = traveller.wallet("accesses")
    assert "BREAK-GLASS hospital-badajoz, Spain" in seen
    assert "opened: emergency-summary, released by 7 keepers" in seen
    assert "BREAK-GLASS hospital-bordeaux, France" in seen
    assert "refused by 7 keepers" in seen
    assert "Dr. Ruiz" in seen


def test_what_she_withdraws_is_over_at_once(leaving: Traveller, member: Terminal, tmp_path: Path) -> None:
    """A hospital that could read cannot any more once the consent is withdrawn."""
    leaving.wallet("consent", "--who", "member:hospital-evora", "--country", "PT", "--yes")
    grant = tmp_path / "grant.json"
    leaving.wallet("grant-file", "2", "--out", str(grant))
    asking = ("hospital", "read", "--grant", str(grant), "--practitioner", "Dr. Carvalho", "--as", "hospital-evora")
    assert "penicillin" in member.ok(*asking)
    leaving.wallet("withdraw", "2")
    refused = member.run(*asking)
    assert refused.code == 1
    assert "released nothing" in refused.err


def test_her_card_can_be_printed(traveller: Traveller, tmp_path: Path) -> None:
    """The card is one page that needs nothing else, with the text and the code."""
    page = tmp_path / "card.html"
    traveller.wallet("card", "--html", str(page))
    html = page.read_text()
    assert traveller.card.split()[0] in html
    assert "<svg" in html
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_a_wrong_passphrase_opens_nothing(traveller: Traveller) -> None:
    """Whoever finds the wallet's files reads nothing, and is told no more than that."""
    other = Terminal(traveller.terminal.home)
    other.environment = {**other.environment, "HOSPES_PASSPHRASE": "another passphrase"}
    said = other.run("wallet", "status", "--network", traveller.network)
    assert said.code == 1
    assert "passphrase" in said.err
    assert "Traceback" not in said.err
    files = b"".join(path.read_bytes() for path in (traveller.terminal.home / "wallet").rglob("*") if path.is_file())
    assert traveller.card.replace(" ", "").encode() not in files
    assert bytes.fromhex(traveller.journey[2:]) not in files
