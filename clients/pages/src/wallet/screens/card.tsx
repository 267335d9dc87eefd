/** The card: on the screen, on paper, and kept for when there is neither passphrase nor network. */
import { useEffect, useState } from "preact/hooks";
import type { Bytes } from "../../protocol/bytes.ts";
import { encodeCard } from "../../protocol/cards.ts";
import type { JourneyPage } from "../book.ts";
import { historyOf, type Lack } from "../history.ts";
import { keepCard } from "../keeping.ts";
import { Back, Button, Buttons, Progress, Screen, useSpeech, useWork } from "../parts.tsx";
import { QrCode } from "../qr.tsx";
import type { Wallet } from "../wallet.ts";

const GROUPS_A_LINE = 5;

interface CardProps {
  readonly wallet: Wallet;
  readonly journey: JourneyPage;
  readonly address: Bytes;
  readonly kept: string | undefined;
  onKeep(text: string | undefined): void;
}

export function CardScreen({ wallet, journey, address, kept, onKeep }: CardProps) {
  const { words } = useSpeech();
  const work = useWork();
  const [lacks, setLacks] = useState<readonly Lack[] | "unchecked">([]);
  useEffect(() => {
    historyOf(wallet, address).then(
      (past) => setLacks(past.lacks()),
      () => setLacks("unchecked"),
    );
  }, [wallet, address]);
  const text = encodeCard({ chainId: wallet.chainId, journey: journey.address, gateSecret: journey.gateSecret });
  const keep = (next: string | undefined) =>
    work.run(async () => {
      await keepCard(next);
      onKeep(next);
    });
  return (
    <Screen title={words.cardTitle}>
      {lacks === "unchecked" && <p class="warning">{words.cardUnchecked}</p>}
      {lacks !== "unchecked" && lacks.length > 0 && (
        <section class="warning no-print">
          <p>{words.cardLack}</p>
          <ul>
            {lacks.map((lack) => (
              <li key={lack}>{words[`lack.${lack}`]}</li>
            ))}
          </ul>
        </section>
      )}
      <CardFace text={text} />
      <div class="no-print">
        <Progress work={work} said={kept === text ? words.cardKept : undefined} />
        <Buttons>
          <Button onClick={() => window.print()}>{words.cardPrint}</Button>
          {kept === text ? (
            <Button work={work} onClick={() => void keep(undefined)}>
              {words.cardForget}
            </Button>
          ) : (
            <Button work={work} onClick={() => void keep(text)}>
              {words.cardKeep}
            </Button>
          )}
        </Buttons>
        <Back />
      </div>
    </Screen>
  );
}

/** The card that was kept, without an open wallet. */
export function KeptCard({ text }: { text: string | undefined }) {
  const { words } = useSpeech();
  return (
    <Screen title={words.cardTitle}>
      {text ? <CardFace text={text} /> : <p>{words.cardNone}</p>}
      <div class="no-print">
        {text && (
          <Buttons>
            <Button onClick={() => window.print()}>{words.cardPrint}</Button>
          </Buttons>
        )}
        <Back />
      </div>
    </Screen>
  );
}

function CardFace({ text }: { text: string }) {
  const { words } = useSpeech();
  const groups = text.split(" ");
  const lines = Array.from({ length: Math.ceil(groups.length / GROUPS_A_LINE) }, (_, i) =>
    groups.slice(i * GROUPS_A_LINE, (i + 1) * GROUPS_A_LINE).join(" "),
  );
  return (
    <div class="card">
      <p>{words.cardText}</p>
      <QrCode text={text} label={words.cardQr} />
      <p class="card-text">
        {lines.map((line) => (
          <span key={line}>{line} </span>
        ))}
      </p>
      <h2>{words.cardForHospital}</h2>
      <p>{words.cardHelp1}</p>
      <p>{words.cardHelp2}</p>
      <h2>{words.cardForYou}</h2>
      <p>{words.cardOwner}</p>
    </div>
  );
}
