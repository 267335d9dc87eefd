/**
 * A member's service over HTTP: typed bodies out, typed bodies or typed errors in. An address is a host and a port and
 * nothing else, an answer is bounded in bytes and time. It retries nothing.
 */
import { type Bytes, concat, fromUtf8, own } from "./bytes.ts";
import { HospesError, MalformedError, RemoteError, UnreachableError } from "./errors.ts";
import { decode, encode, parse, type Shape } from "./wire.ts";

const REQUEST_MS = 10_000;
const MAX_REPLY_BYTES = 4 << 20;
const ADDRESS = /^https?:\/\/(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?\/?$/;
const PROBLEM = "urn:hospes:problem:";

export class Peer {
  readonly url: string;

  constructor(url: string) {
    if (!ADDRESS.test(url)) throw new UnreachableError(printable(url, 80), "its address is not http(s)://host[:port]");
    this.url = url.replace(/\/$/, "");
  }

  async post<T>(path: string, body: object, name: string, shape: Shape<T>): Promise<T> {
    const reply = await this.request("POST", path, encode(body), { "Content-Type": "application/json" });
    return decode(name, shape, reply, MAX_REPLY_BYTES);
  }

  async request(method: string, path: string, body: Bytes, headers: Record<string, string>): Promise<Bytes> {
    let response: Response;
    let content: Bytes;
    try {
      response = await fetch(this.url + path, {
        method,
        headers,
        body,
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        signal: AbortSignal.timeout(REQUEST_MS),
      });
      content = await bounded(response);
    } catch (error) {
      if (error instanceof HospesError) throw error;
      throw new UnreachableError(this.url, (error as Error).name);
    }
    if (!response.ok) throw refusal(this.url, response.status, content);
    return content;
  }
}

/** A stranger's words in a form that can be shown: one line, of bounded length. */
export function printable(words: string, most = 300): string {
  return [...words.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, " ")].slice(0, most).join("");
}

async function bounded(response: Response): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) return own(concat(...parts));
    size += next.value.length;
    if (size > MAX_REPLY_BYTES) {
      await reader!.cancel();
      throw new MalformedError("reply", "", `larger than ${MAX_REPLY_BYTES} bytes`);
    }
    parts.push(next.value);
  }
}

function refusal(url: string, status: number, content: Bytes): RemoteError {
  let problem: { type?: unknown; detail?: unknown } = {};
  try {
    problem = (parse("problem", content, 16 << 10) ?? {}) as typeof problem;
  } catch {
    // no problem document came with it
  }
  const slug = typeof problem.type === "string" ? printable(problem.type.replace(PROBLEM, ""), 64) : "unknown";
  const detail = typeof problem.detail === "string" ? printable(problem.detail) : (fromUtf8(content)?.slice(0, 0) ?? "");
  return new RemoteError(url, status, slug, detail);
}
