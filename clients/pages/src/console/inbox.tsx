/** The inbox: one card an alert, what waits for somebody first. */
import { type Alert, type Inbox, seconds } from "./replies.ts";
import { moment, reasonWords, severityWords, since } from "./words.ts";

export function InboxView({ inbox, now, open }: { inbox: Inbox | undefined; now: number; open: (alertHash: string) => void }) {
  return (
    <>
      <h1>Inbox</h1>
      {!inbox && <p class="waiting">Looking…</p>}
      {inbox?.alerts.length === 0 && <p class="empty">No alerts. This page shows a new one by itself.</p>}
      <ol class="alerts">
        {inbox?.alerts.map((alert) => (
          <li key={alert.alertHash}>
            <Card alert={alert} now={now} open={() => open(alert.alertHash)} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Card({ alert, now, open }: { alert: Alert; now: number; open: () => void }) {
  const [first] = alert.reasons;
  return (
    <article class={`alert severity-${alert.severity} ${alert.standing}`}>
      <h2>
        <button type="button" class="open" onClick={open}>
          {severityWords(alert.severity)}: {first ? reasonWords(first) : "no reason given"}
        </button>
      </h2>
      <p>
        <Chip alert={alert} /> {alert.standing === "unconfirmed" ? "says it was raised" : "raised"} {since(seconds(alert.raisedAt), now)} ({moment(seconds(alert.raisedAt))}), for{" "}
        {alert.addressee}
      </p>
      <Deadline alert={alert} now={now} />
    </article>
  );
}

/** What the chain says, in words beside the colour. */
export function Chip({ alert }: { alert: Alert }) {
  const late = alert.standing === "acknowledged" && alert.late ? ", late" : "";
  return <span class={`chip ${alert.standing}`}>{`${alert.told}${late}`}</span>;
}

export function Deadline({ alert, now }: { alert: Alert; now: number }) {
  if (alert.standing !== "confirmed") return null;
  const deadline = seconds(alert.deadline);
  return deadline > now ? (
    <p class="deadline">Acknowledge within {deadline - now} s, or the next hospital is asked.</p>
  ) : (
    <p class="deadline over">The time to acknowledge is over: the next hospital may be asked. It still counts.</p>
  );
}
