"""The command line's last word: one line that commands no terminal."""

import pytest

from hospes.app import main as module
from hospes.service.errors import RemoteError


def test_an_error_cannot_command_the_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What a stranger wrote into an error is shown, not obeyed."""

    def fail(*_: object, **__: object) -> None:
        raise RemoteError("http://x", 500, "a", "b\x1b[2J\r\nhospes: all is well\ud800" + "c" * 100_000)

    monkeypatch.setattr(module.hospes, "main", fail)
    with pytest.raises(SystemExit) as caught:
        module.main([])
    told = capsys.readouterr().err
    assert caught.value.code == 1
    assert told.startswith("hospes: http://x refused (500 a): b [2J")
    assert told.removesuffix("\n").isprintable()
    assert len(told) < 20_000
