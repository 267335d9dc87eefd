"""The root secret: it opens with its passphrase alone, and never stands in the file."""

import os
import stat
from pathlib import Path

import pytest

from hospes.clients.wallet.errors import PassphraseError, WalletFileError, WeakPassphraseError
from hospes.clients.wallet.secret import create_secret, open_secret

PASSPHRASE = "correct horse battery"  # noqa: S105 - of wallets that last as long as a test
CHEAP = 1 << 10


def _created(path: Path, passphrase: str = PASSPHRASE) -> bytes:
    return create_secret(path, passphrase, os.urandom, CHEAP).book_key()


def test_the_passphrase_opens_the_secret(tmp_path: Path) -> None:
    """What was created is what is opened."""
    key = _created(tmp_path / "secret")
    assert open_secret(tmp_path / "secret", PASSPHRASE).book_key() == key


def test_another_passphrase_does_not_open_it(tmp_path: Path) -> None:
    """A wrong passphrase is told as such."""
    _created(tmp_path / "secret")
    with pytest.raises(PassphraseError):
        open_secret(tmp_path / "secret", PASSPHRASE + "!")


def test_the_same_passphrase_typed_on_another_machine_opens_it(tmp_path: Path) -> None:
    """Composed and decomposed letters are one passphrase."""
    key = _created(tmp_path / "secret", "caf\u00e9 Sevilla")
    assert open_secret(tmp_path / "secret", "cafe\u0301 Sevilla").book_key() == key


def test_the_secret_does_not_stand_in_the_file(tmp_path: Path) -> None:
    """Neither the file nor a traceback shows the root secret, and only its owner reads the file."""
    root = b"\x42" * 32
    drawn = iter([root, b"s" * 16, b"n" * 12])
    secret = create_secret(tmp_path / "secret", PASSPHRASE, lambda _: next(drawn), CHEAP)
    assert not any(shown in repr(secret) for shown in (root.hex(), repr(root)[2:-1]))
    content = (tmp_path / "secret").read_bytes()
    assert root not in content
    assert root.hex().encode() not in content
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_a_wallet_is_never_written_over(tmp_path: Path) -> None:
    """Creating a second secret in the same place is refused, and the first one stays."""
    key = _created(tmp_path / "secret")
    with pytest.raises(WalletFileError):
        _created(tmp_path / "secret")
    assert open_secret(tmp_path / "secret", PASSPHRASE).book_key() == key


def test_two_wallets_made_at_once_never_write_each_other_over(tmp_path: Path) -> None:
    """One that looked before the other wrote is refused all the same, and leaves nothing behind."""
    path, keys = tmp_path / "secret", list[bytes]()

    def entropy(size: int) -> bytes:
        if not keys:  # the first look is over: now another program makes a wallet
            keys.append(b"")
            keys.append(_created(path))
        return os.urandom(size)

    with pytest.raises(WalletFileError, match="never written over"):
        create_secret(path, PASSPHRASE, entropy, CHEAP)
    assert open_secret(path, PASSPHRASE).book_key() == keys[1]
    assert list(tmp_path.iterdir()) == [path]


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    """Seven characters protect nothing; nothing is written."""
    with pytest.raises(WeakPassphraseError):
        _created(tmp_path / "secret", "1234567")
    assert not (tmp_path / "secret").exists()


def test_a_missing_wallet_says_how_to_make_one(tmp_path: Path) -> None:
    """Without a file the error names the command."""
    with pytest.raises(WalletFileError, match="hospes wallet new"):
        open_secret(tmp_path / "secret", PASSPHRASE)


def test_a_wallet_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A secret that was copied with open rights is pointed out before it is used."""
    _created(tmp_path / "secret")
    (tmp_path / "secret").chmod(0o644)
    with pytest.raises(WalletFileError, match="chmod 600"):
        open_secret(tmp_path / "secret", PASSPHRASE)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff" * 100, b'{"cost":"4294967296"}'])
def test_another_file_is_no_wallet(tmp_path: Path, content: bytes) -> None:
    """A damaged or foreign file is told apart from a wrong passphrase."""
    (tmp_path / "secret").write_bytes(content)
    (tmp_path / "secret").chmod(0o600)
    with pytest.raises(WalletFileError):
        open_secret(tmp_path / "secret", PASSPHRASE)


def test_a_damaged_file_cannot_ask_for_all_memory(tmp_path: Path) -> None:
    """A cost beyond all reason is refused before anything is computed."""
    _created(tmp_path / "secret")
    content = (tmp_path / "secret").read_bytes().replace(b'"cost":"1024"', b'"cost":"1099511627776"')
    (tmp_path / "secret").write_bytes(content)
    with pytest.raises(WalletFileError):
        open_secret(tmp_path / "secret", PASSPHRASE)


def test_networks_and_journeys_get_unrelated_keys(tmp_path: Path) -> None:
    """One root gives another address for each network and index, and the same one each time."""
    secret = create_secret(tmp_path / "secret", PASSPHRASE, os.urandom, CHEAP)
    places = [(chain, index) for chain in (1 << 33, 1 << 34) for index in range(3)]
    addresses = {secret.journey(*place).address for place in places}
    assert len(addresses) == len(places)
    assert secret.journey(*places[0]).address == secret.journey(*places[0]).address
