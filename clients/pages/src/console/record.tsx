/** An opened record: the reader's language beside the original, with source and date of each fact. */
import { useState } from "preact/hooks";
import { type Gateway, Problem } from "./gateway.ts";
import { LanguageChoice } from "./language.tsx";
import { type Fact, type OpenedRecord, type Opening, type Reading, type Said, type Section, type Session, seconds } from "./replies.ts";
import { Trouble } from "./trouble.tsx";
import { moment } from "./words.ts";

interface Props {
  readonly opening: Opening;
  readonly gateway: Gateway;
  readonly session: Session;
  readonly language: string;
  readonly setLanguage: (language: string) => void;
}

export function RecordView({ opening, ...rest }: Props) {
  return (
    <>
      <h1>{opening.breakGlass ? "Break-glass: the emergency summary" : "The summary"}</h1>
      <details class="mark">
        <summary>Entry {opening.entry} of the traveller's log: what they will see</summary>
        <ul>
          {opening.header.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
      {opening.warnings.map((line) => (
        <p class="warning" key={line}>
          {line}
        </p>
      ))}
      {opening.records.map((record) => (
        <Record key={record.number} record={record} {...rest} />
      ))}
    </>
  );
}

function Record({ record, gateway, session, language, setLanguage }: Omit<Props, "opening"> & { record: OpenedRecord }) {
  const [reading, setReading] = useState<Reading>(record.reading);
  const [problem, setProblem] = useState<Problem>();
  const [writtenIn, setWrittenIn] = useState("");
  const again = (to: string, source: string) => {
    setProblem(undefined);
    setLanguage(to);
    setWrittenIn(source);
    if (record.document !== undefined) {
      gateway.readAgain(record.document, record.mediaType, to, source).then(setReading, setProblem);
    }
  };
  const stated = reading.language || writtenIn;
  return (
    <section aria-labelledby={`record-${record.number}`}>
      <h2 id={`record-${record.number}`}>{record.what}</h2>
      <p class={record.issued ? "origin issued" : "origin"}>
        {record.origin}; deposited {moment(seconds(record.depositedAt))} (entry {record.number})
      </p>
      <LanguageChoice
        id={`language-${record.number}`}
        label="Show it in"
        languages={session.languages}
        value={language}
        choose={(to) => again(to, writtenIn)}
      />
      {!record.reading.language && reading.plain.length === 0 && (
        <LanguageChoice
          id={`written-${record.number}`}
          label="It does not say its language; it is written in"
          languages={session.languages}
          value={writtenIn}
          choose={(source) => again(language, source)}
        />
      )}
      {problem && <Trouble problem={problem} />}
      <div class="notice" role="note">
        <p lang={reading.to || undefined}>{reading.notice}</p>
        {reading.to && (
          <p>
            Not checked by a clinician. The original stands beside it; what is <mark>marked</mark> is not translated.
          </p>
        )}
      </div>
      <Heading lines={reading.heading} />
      {reading.sections.map((section, place) => (
        <SectionView key={place} section={section} to={reading.to} from={stated} />
      ))}
      {reading.plain.length > 0 && <pre class="original">{reading.plain.join("\n")}</pre>}
      {reading.quality.length > 0 && (
        <details>
          <summary>Quality of this document</summary>
          <ul>
            {reading.quality.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function Heading({ lines }: { lines: readonly string[] }) {
  const [name, born, ...rest] = lines;
  if (!name) return null;
  return (
    <div class="patient">
      <p class="name">{name}</p>
      {born && <p>{born}</p>}
      {rest.length > 0 && (
        <details>
          <summary>Contacts, languages, and who wrote the document</summary>
          {rest.map((line) => (
            <p key={line}>{line}</p>
          ))}
        </details>
      )}
    </div>
  );
}

function SectionView({ section, to, from }: { section: Section; to: string; from: string }) {
  return (
    <section class="part">
      <h3>
        <Both said={section.title} to={to} from={from} />
      </h3>
      {section.missing && <p class="missing">Not stated: the document has no such section.</p>}
      {section.emptyReason.original && (
        <p class="missing">
          No entries: <Both said={section.emptyReason} to={to} from={from} />
        </p>
      )}
      {!section.missing && !section.facts.length && !section.emptyReason.original && !section.narrative.length && (
        <p class="missing">Nothing stated.</p>
      )}
      {section.facts.length > 0 && <Facts facts={section.facts} to={to} from={from} />}
      {section.narrative.length > 0 && <Narrative section={section} to={to} from={from} />}
    </section>
  );
}

/** The section's own text says again what its entries say, so it is folded where there are entries. */
function Narrative({ section, to, from }: { section: Section; to: string; from: string }) {
  const list = (
    <ul class="narrative">
      {section.narrative.map((said, place) => (
        <li key={place}>
          <Both said={said} to={to} from={from} />
        </li>
      ))}
    </ul>
  );
  if (section.facts.length === 0) return list;
  return (
    <details>
      <summary>The section's own text</summary>
      {list}
    </details>
  );
}

function Facts({ facts, to, from }: { facts: readonly Fact[]; to: string; from: string }) {
  return (
    <table class={to ? "facts-table two" : "facts-table"}>
      <thead>
        <tr>
          {to && <th scope="col">Translation</th>}
          <th scope="col">Original</th>
          <th scope="col">Date</th>
          <th scope="col">Source</th>
        </tr>
      </thead>
      <tbody>
        {facts.map((fact, place) => (
          <tr key={place} class={fact.danger ? "danger-fact" : undefined}>
            {to && (
              <td lang={to}>
                {fact.danger && <strong class="flag">Danger </strong>}
                <Translated said={fact.text} from={from} />
                <Particulars fact={fact} show={(said) => <Translated said={said} from={from} />} />
              </td>
            )}
            <td lang={from || undefined} class="original">
              {fact.danger && !to && <strong class="flag">Danger </strong>}
              {fact.text.original}
              <Particulars fact={fact} show={(said) => <>{said.original}</>} />
            </td>
            <td>{fact.date.original ? to ? <Translated said={fact.date} from={from} /> : fact.date.original : "no date"}</td>
            <td>{fact.source || "no source stated"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Particulars({ fact, show }: { fact: Fact; show: (said: Said) => preact.ComponentChildren }) {
  return (
    <ul class="particulars">
      {fact.status.original && <li>{show(fact.status)}</li>}
      {fact.details.map(({ label, text }, place) => (
        <li key={place}>
          {show(label)}: {show(text)}
        </li>
      ))}
    </ul>
  );
}

function Both({ said, to, from }: { said: Said; to: string; from: string }) {
  if (!to) return <span lang={from || undefined}>{said.original}</span>;
  return (
    <>
      <span lang={to}>
        <Translated said={said} from={from} />
      </span>{" "}
      <span class="beside" lang={from || undefined}>
        {said.original}
      </span>
    </>
  );
}

/** A translation; what is not known stands as it was, and is marked for the eye and for the ear. */
function Translated({ said, from }: { said: Said; from: string }) {
  if (!said.pieces.length) return <Untranslated text={said.original} from={from} />;
  return (
    <>
      {said.pieces.map((piece, place) =>
        piece.known ? <span key={place}>{piece.text}</span> : <Untranslated key={place} text={piece.text} from={from} />,
      )}
      {said.byCode && <span class="aside"> (by its code: the words are not all known)</span>}
      {said.disputed && (
        <strong class="disputed"> Its code says something else: {said.disputed}. Look at the original.</strong>
      )}
    </>
  );
}

function Untranslated({ text, from }: { text: string; from: string }) {
  if (!text.trim()) return <>{text}</>;
  return (
    <mark lang={from || undefined} title="not translated">
      {text}
      <span class="hidden" lang="en">
        {" "}
        (not translated)
      </span>
    </mark>
  );
}
