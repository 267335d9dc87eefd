import assert from "node:assert/strict";
import { test } from "node:test";
import { keccak_256 } from "@noble/hashes/sha3.js";

test("keccak of nothing is the hash that Ethereum knows", () => {
  assert.equal(Buffer.from(keccak_256(new Uint8Array())).toString("hex").slice(0, 16), "c5d2460186f7233c");
});
