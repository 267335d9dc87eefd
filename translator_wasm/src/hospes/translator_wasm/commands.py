"""``hospes translate``: texts, lines or a patient summary in another language.

It detects no language: who asks says in which one the text is, unless a summary says so itself. Every output but
JSON lines ends with the notice that no clinician has checked it; in JSON each line is one object for a program.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

from hospes.core.errors import ConfigurationError, TooLargeError
from hospes.core.printing import printable
from hospes.core.summary import read
from hospes.translator_wasm.languages import NOTICE, Language, language
from hospes.translator_wasm.summary import RenderedFact, RenderedSummary, translate_summary
from hospes.translator_wasm.translation import Translation
from hospes.translator_wasm.translator import Translator

MAX_FILE_BYTES: Final = 16 << 20
_LANGUAGES: Final = click.Choice([*Language])
_LINES_AT_A_TIME: Final = 500


class _TextOrCommand(click.Group):
    """A group whose first argument may be a text: ``translate --from en --to pt "No fever"``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "text", self.commands["text"], args


@click.group(cls=_TextOrCommand, invoke_without_command=True)
@click.option("--from", "source", type=_LANGUAGES, help="Language of the text.")
@click.option("--to", "target", type=_LANGUAGES, help="Language of the reader.")
@click.option("--lines", is_flag=True, help="Read lines from standard input, print one JSON object for each.")
@click.pass_context
def translate(ctx: click.Context, source: str | None, target: str | None, lines: bool) -> None:  # noqa: FBT001
    """Put clinical texts into the reader's language: --from en --to pt TEXT.

    What is not known stays in the source language, in double brackets. Not checked by a clinician.
    """
    ctx.obj = (source, target)
    if ctx.invoked_subcommand is not None:
        return
    if not lines:
        raise click.UsageError("give a text, or --lines, or: summary BUNDLE")
    for translation in _lines(Translator(*_languages(ctx))):
        click.echo(json.dumps(as_json(translation), ensure_ascii=False))


@translate.command(hidden=True)
@click.argument("words", nargs=-1, required=True)
@click.pass_context
def text(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Translate one text."""
    source, target = _languages(ctx)
    translation = Translator(source, target).translate(" ".join(words))
    click.echo(printable(translation.marked))
    click.echo(f"[{translation.status}] {NOTICE[target]}", err=True)


@translate.command()
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option("--from", "source", type=_LANGUAGES, help="Its language, if it does not say so itself.")
@click.option("--to", "target", type=_LANGUAGES, required=True, help="Language of the reader.")
@click.option("--json", "in_json", is_flag=True, help="Print one JSON object.")
def summary(bundle: Path, source: str | None, target: str, in_json: bool) -> None:  # noqa: FBT001
    """Show the patient summary in BUNDLE, each fact beside its original, with date and source."""
    translated = translate_summary(read(_contents(bundle)), target, source)
    if in_json:
        click.echo(json.dumps(summary_as_json(translated), ensure_ascii=False, indent=2))
        return
    for line in _screen(translated):
        click.echo(printable(line))


def as_json(translation: Translation) -> dict[str, Any]:
    """Return a translation as the JSON object of ``--lines``."""
    return {
        "source": translation.source,
        "target": translation.target,
        "status": translation.status.value,
        "spans": [
            {
                "source": list(span.source),
                "target": list(span.target),
                "kind": span.kind,
                "concept": span.concept,
                "known": span.known,
            }
            for span in translation.spans
        ],
    }


def summary_as_json(translated: RenderedSummary) -> dict[str, Any]:
    """Return a translated summary as the JSON object of ``summary --json``."""
    return {
        "from": translated.source.value,
        "to": translated.target.value,
        "notice": NOTICE[translated.target],
        "counts": {status.value: count for status, count in translated.counts.items()},
        "sections": [
            {
                "kind": section.kind.value,
                "original": section.original.title,
                "title": section.title.target,
                "facts": [_fact_as_json(fact) for fact in section.facts],
            }
            for section in translated.sections
        ],
    }


def _fact_as_json(fact: RenderedFact) -> dict[str, Any]:
    return {
        "original": fact.original.text,
        "target": fact.text.target,
        "status": fact.text.status.value,
        "disputedByCode": fact.text.disputed.target if fact.text.disputed else "",
        "state": fact.status.target,
        "date": fact.date.target,
        "source": fact.source,
        "details": [
            {
                "label": detail.title,
                "original": detail.text.original,
                "target": detail.text.target,
                "status": detail.text.status.value,
            }
            for detail in fact.details
        ],
    }


def _screen(translated: RenderedSummary) -> Iterator[str]:
    yield f"{translated.source} > {translated.target}. {NOTICE[translated.target]}"
    for section in translated.sections:
        yield ""
        yield f"{section.title.target.upper()}  ({section.original.title})"
        for fact in section.facts:
            yield from _fact_lines(fact)
        if not section.facts:
            yield from (f"  {block.target}  ({block.original})" for block in (section.empty_reason, *section.narrative))
    counts = ", ".join(f"{count} {status}" for status, count in translated.counts.items() if count)
    yield ""
    yield f"{counts}. {NOTICE[translated.target]}"


def _fact_lines(fact: RenderedFact) -> Iterator[str]:
    yield f"  * {fact.text.target}  ({fact.original.text})"
    if fact.text.disputed:
        yield f"      ! {fact.text.disputed.target}?"
    context = (fact.status.target, fact.date.target, fact.source)
    yield "      " + " | ".join(part for part in context if part)
    for detail in fact.details:
        yield f"      {detail.title}: {detail.text.target}  ({detail.text.original})"


def _languages(ctx: click.Context) -> tuple[Language, Language]:
    source, target = ctx.obj
    if source is None or target is None:
        raise click.UsageError("say --from and --to: " + ", ".join(Language))
    return language(source), language(target)


def _lines(translator: Translator) -> Iterator[Translation]:
    waiting: list[str] = []
    for line in sys.stdin:
        waiting.append(line.rstrip("\r\n"))
        if len(waiting) == _LINES_AT_A_TIME:
            yield from translator.translate_many(waiting)
            waiting = []
    yield from translator.translate_many(waiting)


def _contents(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise TooLargeError(str(file), file.stat().st_size, MAX_FILE_BYTES)
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(str(file), f"the file cannot be read ({error.strerror})") from error
