/** One alert, and what can be done about it: say that somebody comes, and open the traveller's record. */
import { useState } from "preact/hooks";
import { type Gateway, Problem } from "./gateway.ts";
import { BreakGlass } from "./glass.tsx";
import { Chip, Deadline } from "./inbox.tsx";
import { type Alert, type Opening, type Session, seconds } from "./replies.ts";
import { TrendLine } from "./trend.tsx";
import { Trouble } from "./trouble.tsx";
import { moment, placeWords, reasonWords, severityWords, short, since } from "./words.ts";

interface Props {
  readonly alert: Alert;
  readonly gateway: Gateway;
  readonly session: Session;
  readonly now: number;
  readonly language: string;
  readonly setLanguage: (language: string) => void;
  readonly replace: (alert: Alert) => void;
  readonly open: (opening: Opening) => void;
}

export function AlertView({ alert, gateway, session, now, language, setLanguage, replace, open }: Props) {
  return (
    <>
      <h1 class={`severity-${alert.severity}`}>{severityWords(alert.severity)} alert</h1>
      <p>
        <Chip alert={alert} />
      </p>
      <Deadline alert={alert} now={now} />
      {alert.standing === "unconfirmed" && (
        <p class="warning">
          The chain does not have this alert yet. Anybody could have sent it: check by other means before you act on it.
        </p>
      )}
      {alert.standing === "contradicted" && (
        <p class="warning">What the chain has under this alert is for somebody else. Do not act on it.</p>
      )}
      <Acknowledge {...{ alert, gateway, replace }} />
      <h2>Why</h2>
      <ul class="reasons">
        {alert.reasons.map((reason) => (
          <li key={reason.feature + reason.direction}>{reasonWords(reason)}</li>
        ))}
      </ul>
      {alert.trend.map((trend) => (
        <TrendLine key={trend.feature} trend={trend} />
      ))}
      <Facts alert={alert} now={now} />
      <BreakGlass {...{ journey: alert.journey, alertHash: alert.alertHash, gateway, session, language, setLanguage, open }} />
    </>
  );
}

function Facts({ alert, now }: { alert: Alert; now: number }) {
  const place = alert.position && placeWords(alert.position);
  const missing = Number(alert.device.missingFrames);
  const heard = seconds(alert.device.lastFrameAt);
  return (
    <dl class="facts">
      <dt>For</dt>
      <dd>{alert.addressee}</dd>
      <dt>Raised</dt>
      <dd>
        {moment(seconds(alert.raisedAt))}, {since(seconds(alert.raisedAt), now)}
      </dd>
      <dt>Where</dt>
      <dd>
        {place && alert.position ? (
          <>
            <a href={place.link}>{place.words}</a>, measured {since(seconds(alert.position.at), now)}
          </>
        ) : (
          "the device does not know"
        )}
      </dd>
      <dt>Device</dt>
      <dd>
        battery {alert.device.batteryPercent} %, last heard of {since(heard, now)}
        {missing ? `, ${missing} messages never arrived` : ", no message missing"}
      </dd>
      <dt>Journey</dt>
      <dd class="hex" title={alert.journey}>
        {short(alert.journey)}
      </dd>
    </dl>
  );
}

function Acknowledge({ alert, gateway, replace }: Pick<Props, "alert" | "gateway" | "replace">) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  if (alert.standing === "acknowledged") {
    return (
      <p class="done">
        Acknowledged {moment(seconds(alert.acknowledgedAt))}
        {alert.late ? ", after the deadline" : ""}.
      </p>
    );
  }
  if (alert.standing === "contradicted" || alert.standing === "unconfirmed") return null;
  const acknowledge = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      replace(await gateway.acknowledge(alert.alertHash));
    } catch (error) {
      setProblem(error as Problem);
    }
    setBusy(false);
  };
  return (
    <>
      {problem && <Trouble problem={problem} />}
      <button type="button" class="main" disabled={busy} onClick={acknowledge}>
        {busy ? "Writing it on the chain…" : "Acknowledge: somebody here sees to it"}
      </button>
    </>
  );
}
