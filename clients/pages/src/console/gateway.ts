/**
 * Calls to the gateway that served this page, and to nobody else: JSON with a bearer token, problems as `Problem`s, and
 * the stream of changes. The token stays in this tab.
 */
import type { Alert, Inbox, Line, Network, Opening, Patient, Reading, Session, ToConfirm } from "./replies.ts";

const API = "/console/api";
const KEPT = "hospes-token";
/** What can stand in a header; anything else in a damaged storage is no token. */
const SENDABLE = /^[!-~]{1,300}$/;
const AGAIN_MS = [500, 1000, 2000, 5000];

/** What went wrong, in the gateway's words; `slug` says which kind. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly slug: string,
    message: string,
  ) {
    super(message);
  }
}

/** Takes the token of a link out of the address, where others could read it, and keeps it for this tab. */
export function tokenOf(location: Location, storage: Storage, history: History): string {
  const given = location.hash.slice(1);
  if (/^[A-Za-z0-9_-]{40,128}$/.test(given)) storage.setItem(KEPT, given);
  if (location.hash) history.replaceState(null, "", location.pathname);
  const kept = storage.getItem(KEPT) ?? "";
  return SENDABLE.test(kept) ? kept : "";
}

export function keepToken(storage: Storage, token: string): void {
  if (token) storage.setItem(KEPT, token);
  else storage.removeItem(KEPT);
}

export class Gateway {
  constructor(private readonly token: string) {}

  network = () => this.call<Network>("GET", "/network");
  session = () => this.call<Session>("GET", "/session");
  inbox = () => this.call<Inbox>("GET", "/inbox");
  acknowledge = (alertHash: string) => this.call<Alert>("POST", `/alerts/${alertHash}/acknowledge`, {});
  patients = async () => (await this.call<{ patients: readonly Patient[] }>("GET", "/patients")).patients;
  addCard = (card: string) => this.call<{ journey: string }>("POST", "/cards", { card });
  addGrant = (file: string) => this.send<{ journey: string }>("POST", "/grants", file);
  forget = (journey: string) => this.call<{ journey: string }>("POST", "/patients/forget", { journey });
  press = (journey: string, alertHash?: string) =>
    this.call<ToConfirm>("POST", "/break-glass", alertHash ? { journey, alertHash } : { journey });
  confirm = (name: string, practitioner: string, reason: string, to: string) =>
    this.call<Opening>("POST", `/break-glass/${name}`, { practitioner, reason, to });
  look = (journey: string, to: string) => this.call<Opening>("POST", "/summaries", { journey, to });
  readAgain = (document: string, mediaType: string, to: string, writtenIn: string) =>
    this.call<Reading>("POST", "/readings", { document, mediaType, to, writtenIn });
  accesses = async () => (await this.call<{ lines: readonly Line[] }>("GET", "/accesses")).lines;

  /** Calls `changed` at once and after each change until `stop`; tells by `live` whether it listens just now. */
  async listen(changed: () => void, live: (is: boolean) => void, stop: AbortSignal): Promise<void> {
    for (let tries = 0; !stop.aborted; tries += 1) {
      try {
        await this.follow(() => {
          tries = 0;
          live(true);
          changed();
        }, stop);
      } catch {
        // Whatever ended it: it is said below, and tried again.
      }
      if (stop.aborted) return;
      live(false);
      const pause = AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)];
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private async follow(heard: () => void, stop: AbortSignal): Promise<void> {
    const response = await fetch(`${API}/events`, { headers: this.headers(), cache: "no-store", signal: stop });
    if (!response.ok || !response.body) throw await problemOf(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      const events = (rest + chunk.value).split("\n\n");
      rest = events.pop() ?? "";
      if (events.some((each) => each.startsWith("event: inbox"))) heard();
    }
  }

  private call<T>(method: string, path: string, body?: object): Promise<T> {
    return this.send<T>(method, path, body === undefined ? undefined : JSON.stringify(body));
  }

  private async send<T>(method: string, path: string, body?: string): Promise<T> {
    let response: Response;
    try {
      const content = body === undefined ? {} : { body };
      response = await fetch(API + path, { method, headers: this.headers(), cache: "no-store", ...content });
    } catch {
      throw new Problem(0, "unreachable", "This hospital's gateway does not answer. Is it running?");
    }
    if (!response.ok) throw await problemOf(response);
    return (await response.json()) as T;
  }

  private headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" };
  }
}

async function problemOf(response: Response): Promise<Problem> {
  try {
    const { type, detail } = (await response.json()) as { type?: unknown; detail?: unknown };
    const slug = typeof type === "string" ? type.replace("urn:hospes:problem:", "") : "unknown";
    return new Problem(response.status, slug, typeof detail === "string" ? detail : response.statusText);
  } catch {
    return new Problem(response.status, "unknown", `the gateway answered ${response.status} without saying why`);
  }
}
