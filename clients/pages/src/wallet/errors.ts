/** Errors of the wallet's page, by the slugs of `hospes.clients.wallet.errors` where they mean the same. */
import { HospesError } from "../protocol/errors.ts";

export class PassphraseError extends HospesError {
  constructor() {
    super("wrong-passphrase", "this passphrase does not open the wallet");
  }
}

export class WeakPassphraseError extends HospesError {
  constructor(shortest: number) {
    super("weak-passphrase", `the passphrase is shorter than ${shortest} characters`, { shortest: `${shortest}` });
  }
}

/** The browser or the device gave no passkey, or one that can be no secret. */
export class PasskeyError extends HospesError {
  constructor(readonly kind: "refused" | "unsupported" | "another") {
    super(`passkey-${kind}`, `the passkey: ${kind}`);
  }
}

/** What the browser kept of the wallet cannot be read. */
export class DamagedError extends HospesError {
  constructor(what: string) {
    super("damaged", `${what} is damaged`, { what });
  }
}

/** The page was given for another network than the one that the wallet was made on. */
export class OtherNetworkError extends HospesError {
  constructor(pinned: string, given: string) {
    super("other-network", `the wallet pinned ${pinned}, this page is of ${given}`, { pinned, given });
  }
}

export class NotASummaryError extends HospesError {
  constructor(readonly reason: "json" | "bundle" | "large" | "empty") {
    super(`not-a-summary-${reason}`, `no patient summary: ${reason}`);
  }
}

export interface Missing {
  readonly member: string;
  readonly reason: string;
}

export class TooFewKeepersError extends HospesError {
  constructor(
    accepted: number,
    needed: number,
    readonly missing: readonly Missing[],
  ) {
    super("too-few-keepers", `${accepted} keepers accepted, ${needed} are needed`, {
      accepted: `${accepted}`,
      needed: `${needed}`,
      members: missing.map((one) => one.member).join(", "),
    });
  }
}

export class StoresFailedError extends HospesError {
  constructor(readonly missing: readonly Missing[]) {
    super("stores-failed", "no store holds the record", { members: missing.map((one) => one.member).join(", ") });
  }
}

export class NotRelayedError extends HospesError {
  constructor(
    call: string,
    readonly missing: readonly Missing[],
  ) {
    super("not-relayed", `${call} is signed and not in the log yet`, {
      call,
      members: missing.map((one) => one.member).join(", "),
    });
  }
}
