/**
 * The console's words: codes of an alert as plain English, times and places as people read them. No code is guessed:
 * one that is not known is shown as it came.
 */
import { type Alert, type Reason, seconds } from "./replies.ts";

const VARIABLES: Readonly<Record<string, string>> = {
  age: "age",
  atrial_fibrillation: "irregular rhythm, like atrial fibrillation",
  atrial_fibrillation_probability: "irregular rhythm, like atrial fibrillation",
  beat_interval: "beat-to-beat interval",
  conditions: "known condition",
  consciousness: "consciousness",
  death_in_hospital_probability: "vital signs like those of intensive-care patients who died in hospital",
  deterioration: "likely to get worse within a day",
  diastolic_pressure: "diastolic blood pressure",
  glucose: "glucose",
  heart_rate: "heart rate",
  mean_pressure: "mean blood pressure",
  help_wanted: "the traveller pressed for help",
  medicines: "medicine",
  movement: "movement",
  news2: "early warning score (NEWS2)",
  oxygen: "oxygen",
  oxygen_saturation: "oxygen saturation",
  person: "person",
  pressure: "blood pressure",
  respiratory_rate: "breathing rate",
  supplemental_oxygen: "oxygen given",
  systolic_pressure: "systolic blood pressure",
  systolic_pressure_slope: "systolic blood pressure, change",
  temperature: "temperature",
  travel: "journey",
};
const STATISTICS: Readonly<Record<string, string>> = {
  age: "time since it was measured",
  last: "now",
  max: "highest",
  mean: "on average",
  mean_6h: "over six hours",
  min: "lowest",
  sd: "spread",
  slope: "change",
  variation: "variation",
};
const DIRECTIONS: Readonly<Record<string, string>> = {
  falling: "and falling",
  high: "which is high",
  low: "which is low",
  present: "",
  rising: "and rising",
};
const UNITS: Readonly<Record<string, string>> = {
  "": "",
  "%": "%",
  "/min": "per minute",
  "1": "",
  Cel: "°C",
  "mm[Hg]": "mmHg",
  "mm[Hg]/h": "mmHg per hour",
};
const PROBABILITIES = new Set([
  "atrial_fibrillation",
  "atrial_fibrillation_probability",
  "death_in_hospital_probability",
  "deterioration",
]);
/** What was done or not: the words say it, and the number that came along says nothing more. */
const FACTS = new Set(["help_wanted"]);
const SEVERITIES: Readonly<Record<string, string>> = { "1": "Notice", "2": "Urgent", "3": "Critical" };
const LANGUAGES: Readonly<Record<string, string>> = {
  de: "Deutsch",
  en: "English",
  es: "Español",
  fi: "Suomi",
  fr: "Français",
  pt: "Português",
};
export const DEMONSTRATION = "demonstration: this network is not for real patients";
export const REASONS = [
  "Unconscious, cannot be asked",
  "Awake, but cannot understand or answer",
  "Life in danger, no time to ask",
] as const;

export function featureWords(feature: string): string {
  const [variable = "", statistic] = feature.split(".");
  const name = VARIABLES[variable] ?? variable.replaceAll("_", " ");
  if (statistic === undefined) return name;
  return `${name}, ${STATISTICS[statistic] ?? statistic.replaceAll("_", " ")}`;
}

export function unitWords(unit: string): string {
  return UNITS[unit] ?? unit;
}

/** One reason as a line, such as "heart rate, now: 132 per minute, which is high". */
export function reasonWords({ feature, value, unit, direction }: Reason): string {
  if (FACTS.has(feature) && value === "1") return featureWords(feature);
  const percent = PROBABILITIES.has(feature) && unit === "" && Number(value) <= 1;
  const amount = percent ? `${Math.round(Number(value) * 100)} % likely` : `${value} ${unitWords(unit)}`.trim();
  return [`${featureWords(feature)}: ${amount}`, DIRECTIONS[direction] ?? direction].filter(Boolean).join(", ");
}

export function severityWords(severity: string): string {
  return SEVERITIES[severity] ?? `Severity ${severity}`;
}

export function languageWords(code: string): string {
  return LANGUAGES[code] ?? code;
}

/** A duration in its largest unit; "in" a time to come, "ago" a time gone by. */
export function since(at: number, now: number): string {
  const distance = Math.abs(now - at);
  const [amount, unit] =
    distance < 90 ? [distance, "s"] : distance < 5400 ? [distance / 60, "min"] : distance < 129600 ? [distance / 3600, "h"] : [distance / 86400, "days"];
  const text = `${Math.round(amount as number)} ${unit}`;
  return at > now ? `in ${text}` : `${text} ago`;
}

/** A time by this machine's clock and zone. */
export function moment(at: number): string {
  if (at <= 0 || at > 8.64e12) return "unknown";
  return new Date(at * 1000).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Where the device was, with hemispheres; and the same for another program. */
export function placeWords(position: NonNullable<Alert["position"]>): { words: string; link: string } {
  const latitude = Number(position.latitude) / 1e6;
  const longitude = Number(position.longitude) / 1e6;
  const north = `${Math.abs(latitude).toFixed(5)}° ${latitude < 0 ? "S" : "N"}`;
  const east = `${Math.abs(longitude).toFixed(5)}° ${longitude < 0 ? "W" : "E"}`;
  return { words: `${north}, ${east}`, link: `geo:${latitude.toFixed(6)},${longitude.toFixed(6)}` };
}

/** The first and last letters of an address or hash: enough to tell two apart on one screen. */
export function short(hex: string): string {
  return `${hex.slice(0, 8)}…${hex.slice(-6)}`;
}

/** The order of the inbox: what waits for somebody first, the worst first, then the newest. */
export function byUrgency(left: Alert, right: Alert): number {
  const waits = (alert: Alert) => (alert.standing === "confirmed" ? 0 : alert.standing === "unconfirmed" ? 1 : 2);
  return (
    waits(left) - waits(right) ||
    Number(right.severity) - Number(left.severity) ||
    seconds(right.raisedAt) - seconds(left.raisedAt)
  );
}
