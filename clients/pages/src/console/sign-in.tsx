/** The door: a token of this hospital. It is kept in this tab, and forgotten with it. */
import { useState } from "preact/hooks";
import type { Problem } from "./gateway.ts";

interface Props {
  readonly member: string | undefined;
  readonly trouble: Problem | undefined;
  readonly signIn: (token: string) => void;
}

export function SignIn({ member, trouble, signIn }: Props) {
  const [token, setToken] = useState("");
  const enter = (event: Event) => {
    event.preventDefault();
    const given = token.replaceAll(/[^!-~]/g, "");
    if (given) signIn(given);
  };
  return (
    <main id="main" class="door">
      <h1>Hospes console{member ? `, ${member}` : ""}</h1>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble.message}
        </p>
      )}
      <form onSubmit={enter}>
        <label for="token">Your token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <p class="hint">Your hospital gives it to you. It stands for your name: the traveller will see that.</p>
        <button type="submit" class="main">
          Open the console
        </button>
      </form>
    </main>
  );
}
