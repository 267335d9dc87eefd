/** Cards and grants that were given to this hospital, and reading with them. */
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Gateway, Problem } from "./gateway.ts";
import { BreakGlass } from "./glass.tsx";
import { LanguageChoice } from "./language.tsx";
import { type Opening, type Patient, type Session, seconds } from "./replies.ts";
import { Trouble } from "./trouble.tsx";
import { short, since } from "./words.ts";

interface Props {
  readonly gateway: Gateway;
  readonly session: Session;
  readonly language: string;
  readonly setLanguage: (language: string) => void;
  readonly now: number;
  readonly open: (opening: Opening) => void;
}

export function Desk(props: Props) {
  const { gateway } = props;
  const [patients, setPatients] = useState<readonly Patient[]>();
  const [chosen, setChosen] = useState<string>();
  const [problem, setProblem] = useState<Problem>();
  const reload = useCallback(() => {
    gateway.patients().then(setPatients, setProblem);
  }, [gateway]);
  useEffect(reload, [reload]);
  const attempt = (work: Promise<{ journey: string }>, then?: (journey: string) => void) => {
    setProblem(undefined);
    work.then(({ journey }) => {
      then?.(journey);
      reload();
    }, setProblem);
  };
  const patient = patients?.find((each) => each.journey === chosen);
  return (
    <>
      <h1>Cards and grants</h1>
      {problem && <Trouble problem={problem} />}
      <AddCard add={(card) => attempt(gateway.addCard(card), setChosen)} />
      <AddGrant add={(file) => attempt(gateway.addGrant(file), setChosen)} />
      <h2>Kept here</h2>
      {patients?.length === 0 && <p class="empty">Nothing. A card or a grant that you add is kept here, sealed.</p>}
      <ul class="patients">
        {patients?.map((each) => (
          <li key={each.journey}>
            <button type="button" class="tab" aria-current={each.journey === chosen} onClick={() => setChosen(each.journey)}>
              <span class="hex">{short(each.journey)}</span>, {each.card ? "card" : "no card"},{" "}
              {each.grants.length === 1 ? "1 grant" : `${each.grants.length} grants`}, kept {since(seconds(each.since), props.now)}
            </button>
          </li>
        ))}
      </ul>
      {patient && (
        <Chosen
          {...props}
          patient={patient}
          forget={() => attempt(gateway.forget(patient.journey), () => setChosen(undefined))}
        />
      )}
    </>
  );
}

function AddCard({ add }: { add: (card: string) => void }) {
  const [card, setCard] = useState("");
  const enter = (event: Event) => {
    event.preventDefault();
    if (!card.trim()) return;
    add(card);
    setCard("");
  };
  return (
    <form onSubmit={enter}>
      <label for="card">The text on a traveller's card, or in its QR code</label>
      <textarea
        id="card"
        rows={3}
        spellcheck={false}
        autocomplete="off"
        value={card}
        onInput={(event) => setCard(event.currentTarget.value)}
      />
      <button type="submit">Keep this card</button>
    </form>
  );
}

function AddGrant({ add }: { add: (file: string) => void }) {
  const chosen = async (event: Event & { currentTarget: HTMLInputElement }) => {
    const input = event.currentTarget;
    const [file] = input.files ?? [];
    if (file && file.size <= 1 << 16) add(await file.text());
    input.value = "";
  };
  return (
    <p>
      <label for="grant">A grant that a traveller handed over, as a file</label>
      <input id="grant" type="file" accept=".json,application/json" onChange={chosen} />
    </p>
  );
}

function Chosen(props: Props & { patient: Patient; forget: () => void }) {
  const { patient, forget, gateway, session, language, setLanguage, open } = props;
  const [problem, setProblem] = useState<Problem>();
  const [busy, setBusy] = useState(false);
  const look = () => {
    setProblem(undefined);
    setBusy(true);
    gateway
      .look(patient.journey, language)
      .then(open, setProblem)
      .finally(() => setBusy(false));
  };
  return (
    <section aria-labelledby="chosen">
      <h2 id="chosen">
        Journey <span class="hex">{short(patient.journey)}</span>
      </h2>
      {patient.grants.length > 0 && (
        <ul>
          {patient.grants.map((grant) => (
            <li key={grant}>{grant}</li>
          ))}
        </ul>
      )}
      {problem && <Trouble problem={problem} />}
      <LanguageChoice id="look-language" label="Show it in" languages={session.languages} value={language} choose={setLanguage} />
      <p class="actions">
        <button type="button" class="main" disabled={busy} onClick={look}>
          {busy ? "Asking the keepers…" : `Read the summary, for ${session.purpose}`}
        </button>{" "}
        <button type="button" disabled={busy} onClick={forget}>
          Forget card and grants
        </button>
      </p>
      <BreakGlass {...{ journey: patient.journey, gateway, session, language, setLanguage, open }} />
    </section>
  );
}
