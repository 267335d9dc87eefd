/** Records: which are deposited, and depositing one. */
import { useState } from "preact/hooks";
import { type Bytes, fromUtf8, toHex } from "../../protocol/bytes.ts";
import { MalformedError } from "../../protocol/errors.ts";
import { classNames, fill } from "../../protocol/sentences.ts";
import { deposit, type Deposited } from "../depositing.ts";
import { NotASummaryError } from "../errors.ts";
import { historyOf } from "../history.ts";
import { Back, Button, Buttons, Choice, Field, Form, Missing, Progress, Screen, useLoaded, useSpeech, useWork } from "../parts.tsx";
import type { Wallet } from "../wallet.ts";

const MAX_RECORD_BYTES = 16 << 20;

export function Records({ wallet, address, block }: { wallet: Wallet; address: Bytes; block: bigint }) {
  const { words, phrases } = useSpeech();
  const looked = useLoaded(() => historyOf(wallet, address), [address, block]);
  const past = looked.value;
  return (
    <Screen title={words.recordsTitle}>
      {past && !past.page.deposits.length && <p>{words.recordsNone}</p>}
      <ul class="cards">
        {past?.page.deposits.map((page) => {
          const { what, record, threshold } = page.deposit.body;
          const places = { number: past.deposited(page)?.number ?? 0n, holders: page.accepted.length, threshold };
          return (
            <li key={toHex(record)}>
              <h2>{classNames([what], phrases)[0]}</h2>
              <p>{fill(words[`deposit.${past.depositState(page)}`], places)}</p>
            </li>
          );
        })}
      </ul>
      <Progress work={looked} />
      <Buttons>
        <Button onClick={() => (location.hash = "#/deposit")}>{words.depositTitle}</Button>
      </Buttons>
      <Back />
    </Screen>
  );
}

export function DepositForm({ wallet, address }: { wallet: Wallet; address: Bytes }) {
  const { words, phrases } = useSpeech();
  const work = useWork();
  const [file, setFile] = useState<File>();
  const [emergency, setEmergency] = useState(true);
  const [done, setDone] = useState<Deposited[]>();
  const send = () =>
    work.run(async () => {
      const document = await summaryIn(file);
      const classes = emergency ? ["emergency-summary", "patient-summary"] : ["patient-summary"];
      setDone(await deposit(wallet, address, document, classes));
    });
  const tell = (one: Deposited) =>
    fill(one.fresh ? words.depositDone : words.depositKnown, {
      what: classNames([one.what], phrases)[0]!,
      number: one.entry.number,
      holders: one.holders,
    });
  return (
    <Screen title={words.depositTitle}>
      <p>{words.depositText}</p>
      <Form onSubmit={() => void send()}>
        <Field id="file" label={words.depositFile} type="file" accept="application/json,application/fhir+json,.json"
          onChange={(event) => {
            setFile(event.currentTarget.files?.[0]);
            setDone(undefined);
          }} />
        <Choice kind="checkbox" name="emergency" label={words.depositEmergency} checked={emergency}
          onChange={setEmergency} />
        {emergency && <p class="hint">{words.depositWhole}</p>}
        <Progress work={work} said={done?.map(tell).join(" ")} />
        {done?.map((one) => <Missing key={one.what} list={one.missing} />)}
        {!done && (
          <Buttons>
            <Button type="submit" work={work}>
              {words.depositDo}
            </Button>
          </Buttons>
        )}
      </Form>
      <Back to={done ? "#/" : "#/records"} />
    </Screen>
  );
}

/** The document, if it is one that a hospital could read: a FHIR document bundle in JSON. */
async function summaryIn(file: File | undefined): Promise<Bytes> {
  if (!file?.size) throw new NotASummaryError("empty");
  if (file.size > MAX_RECORD_BYTES) throw new NotASummaryError("large");
  const content = new Uint8Array(await file.arrayBuffer());
  let tree: { resourceType?: unknown; type?: unknown };
  try {
    const text = fromUtf8(content);
    if (text === undefined) throw new MalformedError("document", "", "not UTF-8");
    tree = JSON.parse(text) as typeof tree;
  } catch {
    throw new NotASummaryError("json");
  }
  if (tree?.resourceType !== "Bundle" || tree.type !== "document") throw new NotASummaryError("bundle");
  return content;
}
