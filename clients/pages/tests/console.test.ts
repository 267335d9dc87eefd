/** The console's words and order: codes as plain English, nothing guessed, the worst that waits first. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenOf } from "../src/console/gateway.ts";
import { type Alert, seconds } from "../src/console/replies.ts";
import { byUrgency, featureWords, placeWords, reasonWords, severityWords, since } from "../src/console/words.ts";

const alert = (severity: string, standing: Alert["standing"], raisedAt: string): Alert => ({
  alertHash: `${severity}${standing}${raisedAt}`,
  journey: "0x",
  addressee: "hospital-evora",
  severity,
  raisedAt,
  deadline: "0",
  receivedAt: "0",
  standing,
  told: standing,
  acknowledgedAt: "0",
  late: false,
  reasons: [],
  trend: [],
  device: { batteryPercent: "1", lastFrameAt: "0", missingFrames: "0" },
});

test("reasons are sentences, and unknown codes stay as they came", () => {
  const reason = { feature: "heart_rate.last", value: "132", unit: "/min", direction: "high" };
  assert.equal(reasonWords(reason), "heart rate, now: 132 per minute, which is high");
  const likely = { feature: "atrial_fibrillation", value: "0.97", unit: "", direction: "present" };
  assert.equal(reasonWords(likely), "irregular rhythm, like atrial fibrillation: 97 % likely");
  assert.equal(reasonWords({ ...reason, feature: "odd_thing.most", unit: "xyz" }), "odd thing, most: 132 xyz, which is high");
  assert.equal(featureWords("news2"), "early warning score (NEWS2)");
  assert.equal(severityWords("9"), "Severity 9");
});

test("every reason that the oracle's policy can give has words of its own", () => {
  const words = (feature: string, value: string, unit: string, direction: string) =>
    reasonWords({ feature, value, unit, direction });
  assert.equal(words("help_wanted", "1", "", "present"), "the traveller pressed for help");
  assert.equal(words("oxygen_saturation", "82", "%", "low"), "oxygen saturation: 82 %, which is low");
  assert.equal(words("heart_rate", "38", "/min", "low"), "heart rate: 38 per minute, which is low");
  assert.equal(words("news2", "7", "", "high"), "early warning score (NEWS2): 7, which is high");
  assert.equal(words("systolic_pressure", "185", "mm[Hg]", "high"), "systolic blood pressure: 185 mmHg, which is high");
  assert.equal(
    words("systolic_pressure_slope", "16", "mm[Hg]/h", "rising"),
    "systolic blood pressure, change: 16 mmHg per hour, and rising",
  );
  assert.equal(
    words("atrial_fibrillation_probability", "0.934", "", "high"),
    "irregular rhythm, like atrial fibrillation: 93 % likely, which is high",
  );
  assert.equal(
    words("death_in_hospital_probability", "0.55", "", "high"),
    "vital signs like those of intensive-care patients who died in hospital: 55 % likely, which is high",
  );
});

test("what waits for an answer stands first, the worst before the newest", () => {
  const order = [
    alert("3", "acknowledged", "9"),
    alert("3", "unconfirmed", "8"),
    alert("2", "confirmed", "7"),
    alert("3", "confirmed", "1"),
    alert("3", "confirmed", "2"),
  ].sort(byUrgency);
  assert.deepEqual(
    order.map(({ alertHash }) => alertHash),
    ["3confirmed2", "3confirmed1", "2confirmed7", "3unconfirmed8", "3acknowledged9"],
  );
});

test("places have hemispheres, durations their largest unit, and no number is invented", () => {
  const { words, link } = placeWords({ latitude: "38571430", longitude: "-7909500", at: "1" });
  assert.deepEqual([words, link], ["38.57143° N, 7.90950° W", "geo:38.571430,-7.909500"]);
  assert.deepEqual([since(100, 160), since(160, 100), since(0, 7200)], ["60 s ago", "in 60 s", "2 h ago"]);
  assert.deepEqual(["12", "-1", "1e3", "", "9".repeat(20)].map(seconds), [12, 0, 0, 0, 0]);
});

test("only what looks like a token is taken from a link, and it is taken out of the address", () => {
  const look = (hash: string, kept: string) => {
    const store = new Map<string, string>(kept ? [["hospes-token", kept]] : []);
    const storage = { getItem: (key: string) => store.get(key) ?? null, setItem: (key: string, value: string) => store.set(key, value) };
    let address = hash;
    const history = { replaceState: (_: unknown, __: string, path: string) => void (address = path) };
    const token = tokenOf({ hash, pathname: "/console/" } as Location, storage as unknown as Storage, history as unknown as History);
    return [token, address];
  };
  const token = "a".repeat(43);
  assert.deepEqual(look(`#${token}`, ""), [token, "/console/"]);
  assert.deepEqual(look("", token), [token, ""]);
  for (const hostile of ["#<script>", "#javascript:alert(1)", `#${"a".repeat(200)}`, "#../../etc"]) {
    assert.deepEqual(look(hostile, ""), ["", "/console/"]);
    assert.deepEqual(look(hostile, token), [token, "/console/"]);
  }
  assert.deepEqual(look("", "damaged\né"), ["", ""]);
});
