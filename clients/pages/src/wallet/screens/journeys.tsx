/** Beginning a journey, and choosing among several. */
import { useState } from "preact/hooks";
import { type Bytes, equal } from "../../protocol/bytes.ts";
import { fill, moment } from "../../protocol/sentences.ts";
import type { JourneyPage } from "../book.ts";
import { Back, Button, Buttons, Field, Form, Progress, Screen, useSpeech, useWork } from "../parts.tsx";
import type { Words } from "../words.ts";
import type { Wallet } from "../wallet.ts";

export function nameOfJourney(page: JourneyPage, words: Words): string {
  return page.name || fill(words.journey, { number: page.index + 1n });
}

export function NewJourney({ wallet, first, onBegin }: { wallet: Wallet; first: boolean; onBegin(page: JourneyPage): void }) {
  const { words } = useSpeech();
  const work = useWork();
  const [name, setName] = useState("");
  const begin = () => work.run(async () => onBegin(await wallet.newJourney(name.trim())));
  return (
    <Screen title={words.journeyNewTitle}>
      <p>{words.journeyNewText}</p>
      <Form onSubmit={() => void begin()}>
        <Field id="name" label={words.journeyName} type="text" autocomplete="off" maxLength={60} value={name}
          onInput={(event) => setName(event.currentTarget.value)} />
        <Progress work={work} />
        <Buttons>
          <Button type="submit" work={work}>
            {words.journeyBegin}
          </Button>
        </Buttons>
      </Form>
      {!first && <Back to="#/journeys" />}
    </Screen>
  );
}

interface JourneysProps {
  readonly journeys: readonly JourneyPage[];
  readonly current: Bytes;
  onChoose(page: JourneyPage): void;
}

export function Journeys({ journeys, current, onChoose }: JourneysProps) {
  const { words, phrases } = useSpeech();
  return (
    <Screen title={words.journeysTitle}>
      <ul class="cards">
        {journeys.map((page) => {
          const name = nameOfJourney(page, words);
          return (
            <li key={`${page.index}`}>
              {equal(page.address, current) ? (
                <strong>{fill(words.journeyNow, { name })}</strong>
              ) : (
                <Button plain onClick={() => onChoose(page)}>
                  {fill(words.journeyOpen, { name })}
                </Button>
              )}
              <p>{fill(words.begun, { moment: moment(page.begunAt, phrases) })}</p>
            </li>
          );
        })}
      </ul>
      <Buttons>
        <Button onClick={() => (location.hash = "#/new-journey")}>{words.journeyOther}</Button>
      </Buttons>
      <Back />
    </Screen>
  );
}
