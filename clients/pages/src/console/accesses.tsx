/** This hospital's own list of what it asked for; the log on the chain is the traveller's. */
import { useEffect, useState } from "preact/hooks";
import { type Gateway, Problem } from "./gateway.ts";
import { type Line, seconds } from "./replies.ts";
import { Trouble } from "./trouble.tsx";
import { moment, short } from "./words.ts";

export function Accesses({ gateway }: { gateway: Gateway }) {
  const [lines, setLines] = useState<readonly Line[]>();
  const [problem, setProblem] = useState<Problem>();
  useEffect(() => {
    gateway.accesses().then(setLines, setProblem);
  }, [gateway]);
  return (
    <>
      <h1>What we asked for</h1>
      <p>The same stands in each traveller's log, where nobody can take it out.</p>
      {problem && <Trouble problem={problem} />}
      {lines?.length === 0 && <p class="empty">Nothing yet.</p>}
      {lines && lines.length > 0 && (
        <table class="facts-table">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Who</th>
              <th scope="col">What for</th>
              <th scope="col">Which</th>
              <th scope="col">Outcome</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={line.at + line.journey + line.entry} class={line.why === "emergency" ? "broken" : undefined}>
                <td>{moment(seconds(line.at))}</td>
                <td>{line.practitioner}</td>
                <td>
                  {line.why === "emergency" ? "BREAK-GLASS" : line.why}
                  {line.reason && `: ${line.reason}`}
                </td>
                <td>
                  {line.what.join(", ")} of <span class="hex">{short(line.journey)}</span>
                  {line.entry !== "0" && `, entry ${line.entry}`}
                </td>
                <td>{line.outcome}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}
