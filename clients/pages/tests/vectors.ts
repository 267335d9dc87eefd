/** The vectors that Python wrote, read from the repository; and what several tests build from them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(process.cwd(), "../../tests/vectors/pages");

export function vectors(name: string): any {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
}

export function tree(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
