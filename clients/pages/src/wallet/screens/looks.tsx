/** Who looked: every access, newest first, with what it was for and what came of it. */
import { classNames, countryName, fill, listed, moment } from "../../protocol/sentences.ts";
import type { Accesses, Look } from "../accesses.ts";
import { Back, Failure, Screen, useSpeech } from "../parts.tsx";

export function Looks({ found, error }: { found: Accesses | undefined; error: unknown }) {
  const { words, phrases } = useSpeech();
  return (
    <Screen title={words.looksTitle}>
      <div role="alert">{error !== undefined && <Failure error={error} />}</div>
      {!found && error === undefined && <p role="status">{words.loading}</p>}
      {found && !found.looks.length && <p>{words.looksNone}</p>}
      <ol class="cards looks" reversed>
        {found && [...found.looks].reverse().map((look) => <OneLook key={`${look.number}`} look={look} />)}
      </ol>
      {found?.doubts.map((doubt) => (
        <p class="failure" key={`${doubt.keeper} ${doubt.number}`}>
          {fill(words.doubt, { ...doubt })}
        </p>
      ))}
      {found?.silent.map((one) => <p key={one.member}>{fill(words.silent, { member: one.member })}</p>)}
      {found && (
        <p class="hint">{fill(words.complete, { block: found.block, moment: moment(found.time, phrases) })}</p>
      )}
      <Back />
    </Screen>
  );
}

function OneLook({ look }: { look: Look }) {
  const { words, phrases } = useSpeech();
  const what = (names: readonly string[]) => listed(classNames(names, phrases), phrases);
  return (
    <li class={look.breakGlass ? "break-glass" : undefined}>
      <h2>
        {look.member}, {countryName(look.country, phrases)}
      </h2>
      {look.breakGlass && <p class="mark">{words.breakGlass}</p>}
      <p>
        <span>{moment(look.time, phrases)}</span>, {fill(words.entry, { number: look.number })}
      </p>
      {look.fate === "unexplained" ? (
        <p>{words["look.unexplained"]}</p>
      ) : (
        <p>
          {fill(words.lookAsked, {
            practitioner: look.practitioner,
            what: what(look.what),
            why: (phrases.purposes as Record<string, string>)[look.why] ?? look.why,
          })}
        </p>
      )}
      {look.fate === "refused" && <p>{fill(words["look.refused"], { count: look.shownTo })}</p>}
      {look.released.map((one) => (
        <p key={one.what}>
          {fill(words["look.opened"], { what: what([one.what]), keepers: one.keepers, needed: look.needed })}
        </p>
      ))}
    </li>
  );
}
