/** Before there is an open wallet: making one, opening it, opening a copy, and what to do when it is damaged. */
import { useState } from "preact/hooks";
import type { Bytes } from "../../protocol/bytes.ts";
import { OtherNetworkError } from "../errors.ts";
import { deleteEverything, findLock, keepLock, type Lock, openCopy, unlock } from "../keeping.ts";
import { Back, Button, Buttons, Failure, Field, Form, Progress, Screen, useSpeech, useWork } from "../parts.tsx";
import { createPasskey, createSecret, mayHavePasskeys } from "../vault.ts";
import { type Network, pinNetwork, Wallet } from "../wallet.ts";

interface StartProps {
  readonly network: Network;
  onOpen(wallet: Wallet, lock: Lock): void;
}

export function Start({ network, onOpen, ...rest }: StartProps & { onCopy(lock: Lock): void }) {
  const { words } = useSpeech();
  const work = useWork();
  const passkey = () =>
    work.run(async () => {
      const { root, file } = await createPasskey();
      await begin(network, root, { kind: "passkey", file }, onOpen);
    });
  return (
    <Screen title={words.startTitle}>
      <p>{words.startText}</p>
      {mayHavePasskeys() && <p class="hint">{words.passkeyHint}</p>}
      <Progress work={work} />
      <Buttons>
        {mayHavePasskeys() && (
          <Button work={work} onClick={passkey}>
            {words.passkeyBegin}
          </Button>
        )}
        <Button onClick={() => (location.hash = "#/passphrase")}>{words.passphraseBegin}</Button>
      </Buttons>
      <CopyOpener network={network} onCopy={rest.onCopy} />
    </Screen>
  );
}

export function NewPassphrase({ network, onOpen }: StartProps) {
  const { words } = useSpeech();
  const work = useWork();
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [differs, setDiffers] = useState(false);
  const create = () => {
    setDiffers(passphrase !== again);
    if (passphrase !== again) return;
    void work.run(async () => {
      const { root, file } = await createSecret(passphrase);
      await begin(network, root, { kind: "passphrase", file }, onOpen);
    });
  };
  return (
    <Screen title={words.passphraseTitle}>
      <p>{words.passphraseText}</p>
      <Form onSubmit={create}>
        <UserName />
        <Field id="passphrase" label={words.passphrase} type="password" autocomplete="new-password" value={passphrase}
          onInput={(event) => setPassphrase(event.currentTarget.value)} />
        <Field id="again" label={words.passphraseAgain} type="password" autocomplete="new-password" value={again}
          onInput={(event) => setAgain(event.currentTarget.value)} />
        <div role="alert">{differs && <p class="failure">{words.passphraseDiffers}</p>}</div>
        <Progress work={work} />
        <Buttons>
          <Button type="submit" work={work}>
            {words.create}
          </Button>
        </Buttons>
      </Form>
      <Back />
    </Screen>
  );
}

/** The book first: a wallet that is locked and has no book would look damaged. */
async function begin(network: Network, root: Bytes, lock: Lock, onOpen: StartProps["onOpen"]): Promise<void> {
  const wallet = new Wallet(root, network);
  await pinNetwork(network.genesis);
  await wallet.book.begin();
  await keepLock(lock);
  onOpen(wallet, lock);
}

export function Unlock({ network, lock, cardKept, onOpen }: StartProps & { lock: Lock; cardKept: boolean }) {
  const { words } = useSpeech();
  const work = useWork();
  const [passphrase, setPassphrase] = useState("");
  const open = () =>
    work.run(async () => {
      const wallet = new Wallet(await unlock(lock, passphrase), network);
      await wallet.book.journeys(); // a passkey of another wallet gives another secret: the book tells
      onOpen(wallet, lock);
    });
  return (
    <Screen title={words.unlockTitle}>
      <Form onSubmit={() => void open()}>
        <UserName />
        {lock.kind === "passphrase" && (
          <Field id="passphrase" label={words.passphrase} type="password" autocomplete="current-password"
            value={passphrase} onInput={(event) => setPassphrase(event.currentTarget.value)} />
        )}
        <Progress work={work} />
        <Buttons>
          <Button type="submit" work={work}>
            {lock.kind === "passkey" ? words.unlockPasskey : words.unlockPassphrase}
          </Button>
          {cardKept && <Button onClick={() => (location.hash = "#/kept-card")}>{words.showCard}</Button>}
        </Buttons>
      </Form>
    </Screen>
  );
}

/** A wallet that cannot be read: a copy, or a new beginning. */
export function Damaged({ network, cardKept, onCopy }: { network: Network; cardKept: boolean; onCopy(lock: Lock): void }) {
  const { words } = useSpeech();
  return (
    <Screen title={words.damagedTitle}>
      <p>{words.damagedText}</p>
      {cardKept && (
        <Buttons>
          <Button onClick={() => (location.hash = "#/kept-card")}>{words.showCard}</Button>
        </Buttons>
      )}
      <CopyOpener network={network} onCopy={onCopy} />
      <BeginAgain onDeleted={async () => onCopy(await findLock())} />
    </Screen>
  );
}

/** Without the page's network: it does not answer, or is not the one that the wallet was made on. */
export function Stranded({ error, cardKept, retry }: { error: unknown; cardKept: boolean; retry(): void }) {
  const { words } = useSpeech();
  const other = error instanceof OtherNetworkError;
  return (
    <Screen title={other ? words.otherNetworkTitle : words.networkTitle}>
      <Failure error={error} />
      <Buttons>
        <Button onClick={retry}>{words.retry}</Button>
        {cardKept && <Button onClick={() => (location.hash = "#/kept-card")}>{words.showCard}</Button>}
      </Buttons>
      {other && <BeginAgain onDeleted={async () => retry()} />}
    </Screen>
  );
}

/** Deletes the wallet of this browser, asked twice. */
function BeginAgain({ onDeleted }: { onDeleted(): Promise<void> }) {
  const { words } = useSpeech();
  const work = useWork();
  const again = () => work.run(() => deleteEverything().then(onDeleted));
  return (
    <details class="more">
      <summary>{words.beginAgain}</summary>
      <p>{words.beginAgainText}</p>
      <Progress work={work} />
      <Button plain work={work} onClick={() => void again()}>
        {words.beginAgainYes}
      </Button>
    </details>
  );
}

function CopyOpener({ network, onCopy }: { network: Network; onCopy(lock: Lock): void }) {
  const { words } = useSpeech();
  const work = useWork();
  const take = (file: File | undefined) => {
    if (!file) return;
    void work.run(async () => onCopy(await openCopy(new Uint8Array(await file.arrayBuffer()), network.genesis)));
  };
  return (
    <details class="more">
      <summary>{words.copyOpen}</summary>
      <Field id="copy" label={words.copyFile} type="file" accept="application/json,.json"
        onChange={(event) => take(event.currentTarget.files?.[0])} />
      <Progress work={work} />
    </details>
  );
}

/** For password managers: which of several this is. */
function UserName() {
  return <input type="text" name="username" autocomplete="username" value="Hospes wallet" readOnly hidden />;
}
