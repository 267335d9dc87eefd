/**
 * What the gateway answers (`hospes.clients.hospital.console_bodies`). Integers are decimal strings there and here:
 * `seconds` reads the ones that are times. It fetches nothing.
 */

export interface Network {
  readonly member: string;
  readonly demonstration: boolean;
}

export interface Session {
  readonly practitioner: string;
  readonly purpose: string;
  readonly mayBreakGlass: boolean;
  readonly notAfter: string;
  readonly member: string;
  readonly demonstration: boolean;
  readonly languages: readonly string[];
  readonly now: string;
}

export interface Reason {
  readonly feature: string;
  readonly value: string;
  readonly unit: string;
  readonly direction: string;
}

export interface Trend {
  readonly feature: string;
  readonly unit: string;
  readonly points: readonly { readonly at: string; readonly value: string }[];
}

export interface Alert {
  readonly alertHash: string;
  readonly journey: string;
  readonly addressee: string;
  readonly severity: string;
  readonly raisedAt: string;
  readonly deadline: string;
  readonly receivedAt: string;
  readonly standing: "unconfirmed" | "confirmed" | "acknowledged" | "escalated" | "contradicted";
  readonly told: string;
  readonly acknowledgedAt: string;
  readonly late: boolean;
  readonly reasons: readonly Reason[];
  readonly trend: readonly Trend[];
  readonly device: { readonly batteryPercent: string; readonly lastFrameAt: string; readonly missingFrames: string };
  readonly position?: { readonly latitude: string; readonly longitude: string; readonly at: string };
}

export interface Inbox {
  readonly alerts: readonly Alert[];
  readonly now: string;
}

export interface Patient {
  readonly journey: string;
  readonly since: string;
  readonly card: boolean;
  readonly grants: readonly string[];
}

export interface ToConfirm {
  readonly name: string;
  readonly practitioner: string;
  readonly member: string;
  readonly seconds: string;
}

export interface Said {
  readonly original: string;
  readonly status: "" | "exact" | "composed" | "partial" | "unknown";
  readonly pieces: readonly { readonly text: string; readonly known: boolean }[];
  readonly byCode: boolean;
  readonly disputed: string;
}

export interface Fact {
  readonly text: Said;
  readonly status: Said;
  readonly date: Said;
  readonly source: string;
  readonly details: readonly { readonly label: Said; readonly text: Said }[];
  readonly danger: boolean;
}

export interface Section {
  readonly title: Said;
  readonly facts: readonly Fact[];
  readonly narrative: readonly Said[];
  readonly emptyReason: Said;
  readonly missing: boolean;
}

export interface Reading {
  readonly language: string;
  readonly to: string;
  readonly notice: string;
  readonly heading: readonly string[];
  readonly sections: readonly Section[];
  readonly quality: readonly string[];
  readonly plain: readonly string[];
}

export interface OpenedRecord {
  readonly what: string;
  readonly number: string;
  readonly depositedAt: string;
  readonly mediaType: string;
  readonly origin: string;
  readonly issued: boolean;
  readonly reading: Reading;
  readonly document?: string;
}

export interface Opening {
  readonly journey: string;
  readonly entry: string;
  readonly country: string;
  readonly breakGlass: boolean;
  readonly header: readonly string[];
  readonly warnings: readonly string[];
  readonly records: readonly OpenedRecord[];
}

export interface Line {
  readonly at: string;
  readonly journey: string;
  readonly practitioner: string;
  readonly what: readonly string[];
  readonly why: string;
  readonly reason: string;
  readonly entry: string;
  readonly outcome: string;
}

/** A time of a reply, as Unix seconds; anything that is no time reads as 0. */
export function seconds(text: string): number {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}
