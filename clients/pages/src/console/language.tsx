/** In which language the reader reads. */
import { languageWords } from "./words.ts";

interface Props {
  readonly id: string;
  readonly label: string;
  readonly languages: readonly string[];
  readonly value: string;
  readonly choose: (language: string) => void;
}

export function LanguageChoice({ id, label, languages, value, choose }: Props) {
  return (
    <p class="choice">
      <label for={id}>{label}</label>{" "}
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {!languages.includes(value) && <option value={value}>{value ? languageWords(value) : "choose"}</option>}
        {languages.map((code) => (
          <option key={code} value={code} lang={code}>
            {languageWords(code)}
          </option>
        ))}
      </select>
    </p>
  );
}
