/** What several screens are made of: the frame's pieces, buttons, fields, an error, work under way. */
import type { ComponentChildren, JSX } from "preact";
import { createContext } from "preact";
import { useContext, useEffect, useRef, useState } from "preact/hooks";
import { fill, type Language, type Phrases, phrasesOf } from "../protocol/sentences.ts";
import { tellError, type Words, wordsOf } from "./words.ts";

export interface Speech {
  readonly language: Language;
  readonly words: Words;
  readonly phrases: Phrases;
}

export function speechOf(language: Language): Speech {
  return { language, words: wordsOf(language), phrases: phrasesOf(language) };
}

export const SpeechContext = createContext<Speech>(speechOf("en"));

export function useSpeech(): Speech {
  return useContext(SpeechContext);
}

/** A screen: its heading takes the focus, so that a reader begins there. */
export function Screen({ title, children }: { title: string; children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Hospes`;
    heading.current?.focus();
  }, [title]);
  return (
    <main id="main">
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {children}
    </main>
  );
}

export interface Work {
  readonly busy: boolean;
  readonly error: unknown;
  run(work: () => Promise<void>): Promise<void>;
}

/** One piece of work at a time, with its failure. */
export function useWork(): Work {
  const [state, setState] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const alive = useRef(true);
  useEffect(() => () => void (alive.current = false), []);
  const set = (next: { busy: boolean; error: unknown }) => alive.current && setState(next);
  return {
    ...state,
    async run(work) {
      if (state.busy) return;
      set({ busy: true, error: undefined });
      try {
        await work();
        set({ busy: false, error: undefined });
      } catch (error) {
        set({ busy: false, error });
      }
    },
  };
}

export interface Loaded<T> {
  readonly value?: T;
  readonly error?: unknown;
  readonly busy: boolean;
  reload(): Promise<void>;
}

/** What a screen shows of the chain, looked up again when one of `causes` changes; the last answer stays until then. */
export function useLoaded<T>(load: () => Promise<T>, causes: readonly unknown[]): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, "reload">>({ busy: true });
  const turn = useRef(0);
  const reload = async () => {
    const own = ++turn.current;
    const outcome = await load().then(
      (value) => ({ value, busy: false }),
      (error: unknown) => ({ error, busy: false }),
    );
    if (own === turn.current) setState((now) => ({ ...now, error: undefined, ...outcome }));
  };
  useEffect(() => {
    void reload();
    return () => void turn.current++;
  }, causes);
  return { ...state, reload };
}

/** Says aloud that work is under way, or why it failed. */
export function Progress({ work, said }: { work: { busy: boolean; error?: unknown }; said?: string | undefined }) {
  const { words } = useSpeech();
  return (
    <>
      <p class="said" role="status">
        {work.busy ? <span class="busy">{words.working}</span> : said}
      </p>
      <div role="alert">{work.error !== undefined && !work.busy && <Failure error={work.error} />}</div>
    </>
  );
}

export function Failure({ error }: { error: unknown }) {
  const { words } = useSpeech();
  return (
    <div class="failure">
      <p>{tellError(error, words)}</p>
      <details>
        <summary>{words.details}</summary>
        <p class="technical">{(error as Error).message}</p>
      </details>
    </div>
  );
}

type ButtonProps = JSX.IntrinsicElements["button"] & { work?: Work; plain?: boolean };

export function Button({ work, plain, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={plain ? "plain" : "primary"} aria-disabled={work?.busy ? "true" : undefined}
      onClick={(event) => (work?.busy ? event.preventDefault() : rest.onClick?.(event))}>
      {children}
    </button>
  );
}

export function Buttons({ children }: { children: ComponentChildren }) {
  return <div class="buttons">{children}</div>;
}

/** A form whose submission is ours. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ComponentChildren }) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

type FieldProps = JSX.IntrinsicElements["input"] & { id: string; label: string; hint?: string };

export function Field({ id, label, hint, ...rest }: FieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      <input id={id} {...rest} aria-describedby={hint ? `${id}-hint` : undefined} />
    </div>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly kind: "radio" | "checkbox";
  readonly checked: boolean;
  readonly disabled?: boolean;
  onChange(checked: boolean): void;
}

export function Choice({ name, label, kind, checked, disabled, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type={kind}
        name={name}
        checked={checked}
        disabled={disabled ?? false}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span>{label}</span>
    </label>
  );
}

export function Back({ to = "#/" }: { to?: string }) {
  const { words } = useSpeech();
  return (
    <p class="back">
      <a href={to}>{words.back}</a>
    </p>
  );
}

export function Missing({ list }: { list: readonly { readonly member: string; readonly reason: string }[] }) {
  const { words } = useSpeech();
  if (!list.length) return null;
  return (
    <ul>
      {list.map((one) => (
        <li key={one.member}>{fill(words.missingKeeper, { member: one.member, reason: one.reason })}</li>
      ))}
    </ul>
  );
}

/** Hand a file to the browser to save. */
export function saveFile(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
