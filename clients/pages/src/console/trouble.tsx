/** What went wrong, in the gateway's words, and what can be done about it. */
import type { Problem } from "./gateway.ts";

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>It did not work.</strong> {problem.message}
      </p>
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}
