/**
 * What can go wrong, with the slugs of `hospes.core.errors`: a page chooses its words by slug and facts, so that every
 * language can say it. No message holds patient data.
 */

export class HospesError extends Error {
  constructor(
    readonly slug: string,
    message: string,
    readonly facts: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Something that has not the form that the protocol gives it. */
export class MalformedError extends HospesError {
  constructor(
    readonly what: string,
    readonly where: string,
    readonly reason: string,
  ) {
    super("malformed", [what, where, reason].filter(Boolean).join(": "), { what, where, reason });
  }
}

/** Something that a node or a member claimed and that the pinned genesis does not prove. */
export class ProofError extends HospesError {
  constructor(what: string, reason: string) {
    super("proof", `${what} is not proven: ${reason}`, { what, reason });
  }
}

export class SignatureError extends HospesError {
  constructor(what: string, reason: string) {
    super("signature", `the signature of the ${what} does not hold: ${reason}`, { what, reason });
  }
}

export class BoxError extends HospesError {
  constructor(purpose: string) {
    super("box", `the box ${purpose} does not open`, { purpose });
  }
}

export class SealingError extends HospesError {
  constructor(what: string, reason: string) {
    super("sealing", `${what} does not open: ${reason}`, { what, reason });
  }
}

export class ShareError extends HospesError {
  constructor(reason: string) {
    super("share", reason, { reason });
  }
}

export class NotOnChainError extends HospesError {
  constructor(what: string, name: string) {
    super("not-on-chain", `the chain holds no ${what} ${name}`, { what, name });
  }
}

/** Nobody answered there. */
export class UnreachableError extends HospesError {
  constructor(
    readonly address: string,
    reason: string,
  ) {
    super("unreachable", `${address} did not answer: ${reason}`, { address, reason });
  }
}

/** A member refused; `problem` is the slug that it gave. */
export class RemoteError extends HospesError {
  constructor(
    readonly address: string,
    readonly status: number,
    readonly problem: string,
    detail: string,
  ) {
    super("remote", `${address} refused (${status} ${problem}): ${detail}`, { address, problem, detail });
  }
}

/** The ledger node answered a call with an error. */
export class NodeError extends HospesError {
  constructor(
    method: string,
    readonly reason: string,
    readonly code = 0,
  ) {
    super("node", `${method}: ${reason}`, { method, reason });
  }
}
