/**
 * Break-glass in two actions: press, then confirm who and why. Nobody is asked before the second, and the gateway
 * refuses the second without the first.
 */
import { useEffect, useRef, useState } from "preact/hooks";
import { type Gateway, Problem } from "./gateway.ts";
import { LanguageChoice } from "./language.tsx";
import type { Opening, Session, ToConfirm } from "./replies.ts";
import { Trouble } from "./trouble.tsx";
import { REASONS } from "./words.ts";

interface Props {
  readonly journey: string;
  readonly alertHash?: string;
  readonly gateway: Gateway;
  readonly session: Session;
  readonly language: string;
  readonly setLanguage: (language: string) => void;
  readonly open: (opening: Opening) => void;
}

export function BreakGlass(props: Props) {
  const { journey, alertHash, gateway, session } = props;
  const [pressed, setPressed] = useState<ToConfirm>();
  const [problem, setProblem] = useState<Problem>();
  if (!session.mayBreakGlass) return <p class="hint">Your token does not allow you to break the glass.</p>;
  const press = () => {
    setProblem(undefined);
    gateway.press(journey, alertHash).then(setPressed, setProblem);
  };
  return (
    <section class="glass" aria-labelledby="glass">
      <h2 id="glass">The record, in an emergency</h2>
      {problem && <Trouble problem={problem} />}
      {pressed ? (
        <Confirm
          {...props}
          pressed={pressed}
          leave={(why) => {
            setPressed(undefined);
            setProblem(why);
          }}
        />
      ) : (
        <>
          <p>Opens the emergency summary of somebody who cannot be asked. The traveller will see who did it.</p>
          <button type="button" class="danger" onClick={press}>
            Break the glass (1 of 2)
          </button>
        </>
      )}
    </section>
  );
}

function Confirm({ pressed, leave, gateway, session, language, setLanguage, open }: Props & { pressed: ToConfirm; leave: (why?: Problem) => void }) {
  const [reason, setReason] = useState<string>("");
  const [other, setOther] = useState("");
  const [busy, setBusy] = useState(false);
  const place = useRef<HTMLHeadingElement>(null);
  const said = reason === "other" ? other.trim() : reason;
  useEffect(() => place.current?.focus(), []);
  useEffect(() => {
    const timer = setTimeout(() => leave(), Number(pressed.seconds) * 1000);
    return () => clearTimeout(timer);
  }, [pressed]);
  const confirm = async (event: Event) => {
    event.preventDefault();
    if (!said || busy) return;
    setBusy(true);
    try {
      open(await gateway.confirm(pressed.name, pressed.practitioner, said, language));
    } catch (error) {
      leave(error as Problem);
    }
  };
  return (
    <form
      class="confirm"
      onSubmit={confirm}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !busy) leave();
      }}
    >
      <h3 ref={place} tabIndex={-1}>
        Confirm who and why
      </h3>
      <p class="who-confirms">
        You are <strong>{pressed.practitioner}</strong> of <strong>{pressed.member}</strong>. This name goes into the
        traveller's log.
      </p>
      <fieldset>
        <legend>Why</legend>
        {[...REASONS, "other"].map((each) => (
          <label key={each} class="radio">
            <input type="radio" name="reason" value={each} checked={reason === each} onChange={() => setReason(each)} />
            {each === "other" ? "Another reason" : each}
          </label>
        ))}
        {reason === "other" && (
          <>
            <label for="other">Which</label>
            <input
              id="other"
              type="text"
              maxLength={200}
              autocomplete="off"
              value={other}
              onInput={(event) => setOther(event.currentTarget.value)}
            />
          </>
        )}
        <p class="hint">No names and no illnesses: the reason is kept in this hospital's own list.</p>
      </fieldset>
      <LanguageChoice id="glass-language" label="Show it in" languages={session.languages} value={language} choose={setLanguage} />
      <p class="actions">
        <button type="submit" class="danger" disabled={!said || busy}>
          {busy ? "Asking the keepers…" : "Break the glass now (2 of 2)"}
        </button>{" "}
        <button type="button" disabled={busy} onClick={() => leave()}>
          Cancel
        </button>
      </p>
    </form>
  );
}
