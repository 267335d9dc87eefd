/**
 * What the wallet remembers, sealed under its root secret: its journeys, and for each the card's secret, consents,
 * deposits. It says nothing that the chain says better: whether a consent was given is read there each time.
 */
import { type Bytes, concat, equal, utf8 } from "../protocol/bytes.ts";
import { gateOf } from "../protocol/cards.ts";
import { expand } from "../protocol/journeys.ts";
import { Consent, Deposit, grantsHash } from "../protocol/messages.ts";
import { boolean, bytes, decode, encode, integer, list, type Of, optional, struct, text } from "../protocol/wire.ts";
import { load, save } from "./database.ts";
import { DamagedError } from "./errors.ts";
import { random } from "./vault.ts";

const Acceptance = struct("Acceptance", { keeper: bytes(20), signature: bytes(65) });

/** One deposit; its shares stay only until the entry is final: then nothing here can open the record. */
export const DepositPage = struct("DepositPage", {
  deposit: Deposit,
  signature: bytes(65),
  document: bytes(32),
  digests: list(bytes(32)),
  stores: list(text),
  accepted: list(Acceptance),
  shares: list(bytes(33)),
  givenUp: boolean,
});
export type DepositPage = Of<typeof DepositPage>;

/** One consent, whole, so that it can be shown and withdrawn exactly. */
export const ConsentPage = struct("ConsentPage", {
  consent: Consent,
  signature: bytes(65),
  standing: boolean,
  signedAt: integer,
  holders: list(bytes(20)),
  withdrawal: bytes(),
});
export type ConsentPage = Of<typeof ConsentPage>;

export const JourneyPage = struct("JourneyPage", {
  index: integer,
  address: bytes(20),
  name: text,
  gateSecret: bytes(16),
  begunAt: integer,
  consents: list(ConsentPage),
  deposits: list(DepositPage),
  mailbox: optional(ConsentPage),
});
export type JourneyPage = Of<typeof JourneyPage>;

const Pages = struct("Pages", { version: integer, pin: bytes(32), journeys: list(JourneyPage) });
type Pages = Of<typeof Pages>;

const KEY = "book";
const LOCK = "hospes-book";
const MAX_BOOK_BYTES = 16 << 20;
const CONTEXT = utf8("hospes/wallet-page-book/1");

export class Book {
  readonly #key: Promise<CryptoKey>;

  constructor(
    root: Bytes,
    private readonly pin: Bytes,
  ) {
    const key = expand(root, utf8("hospes/wallet-book/1"));
    this.#key = crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  /** Write the first, empty book of a new wallet. */
  async begin(): Promise<void> {
    await this.write({ version: 1n, pin: this.pin, journeys: [] });
  }

  async journeys(): Promise<readonly JourneyPage[]> {
    return (await this.read()).journeys;
  }

  async journey(address: Bytes): Promise<JourneyPage> {
    const found = (await this.journeys()).find((page) => equal(page.address, address));
    if (!found) throw new DamagedError("book");
    return found;
  }

  /** Change one journey, alone among all windows of this wallet; it is on the disk when this returns. */
  async change(address: Bytes, change: (now: JourneyPage) => JourneyPage): Promise<JourneyPage> {
    return navigator.locks.request(LOCK, async () => {
      const pages = await this.read();
      const journeys = pages.journeys.map((page) => (equal(page.address, address) ? change(page) : page));
      await this.write({ ...pages, journeys });
      return journeys.find((page) => equal(page.address, address))!;
    }) as Promise<JourneyPage>;
  }

  async add(page: JourneyPage): Promise<void> {
    await navigator.locks.request(LOCK, async () => {
      const pages = await this.read();
      await this.write({ ...pages, journeys: [...pages.journeys, page] });
    });
  }

  private async read(): Promise<Pages> {
    const sealed = await load<Bytes>(KEY);
    if (!(sealed instanceof Uint8Array) || sealed.length < 28) throw new DamagedError("book");
    let plain: ArrayBuffer;
    try {
      plain = await crypto.subtle.decrypt(parameters(sealed.slice(0, 12)), await this.#key, sealed.slice(12));
    } catch {
      throw new DamagedError("book");
    }
    return decode("Pages", Pages, new Uint8Array(plain), MAX_BOOK_BYTES);
  }

  private async write(pages: Pages): Promise<void> {
    const nonce = random(12);
    const sealed = await crypto.subtle.encrypt(parameters(nonce), await this.#key, encode(pages));
    await save(KEY, concat(nonce, new Uint8Array(sealed)));
  }
}

function parameters(nonce: Bytes): AesGcmParams {
  return { name: "AES-GCM", iv: nonce, additionalData: CONTEXT };
}

/** Whether a deposit is not known to be logged and not given up. */
export function isUnfinished(page: DepositPage): boolean {
  return page.shares.length > 0;
}

export function gate(page: JourneyPage): Bytes {
  return gateOf(page.gateSecret);
}

/** Replace or add a deposit by its record. */
export function withDeposit(page: JourneyPage, deposit: DepositPage): JourneyPage {
  const same = (other: DepositPage) => equal(other.deposit.body.record, deposit.deposit.body.record);
  return { ...page, deposits: replaced(page.deposits, deposit, same) };
}

/** Replace or add a consent by its hash. */
export function withConsent(page: JourneyPage, consent: ConsentPage): JourneyPage {
  const hash = grantsHash(consent.consent);
  return { ...page, consents: replaced(page.consents, consent, (other) => equal(grantsHash(other.consent), hash)) };
}

function replaced<T>(items: readonly T[], item: T, same: (other: T) => boolean): readonly T[] {
  return items.some(same) ? items.map((other) => (same(other) ? item : other)) : [...items, item];
}
