/** Figures and texts as they are shown; the twin of vnb/views/clean.py. */

/** The most characters of one text that are shown before one asks for more. */
export const LONGEST = 20_000;

const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\x1b[PX^_\]]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with control characters as their pictures (`␛`): shown, not obeyed. */
export function visible(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(CONTROLS, (char) => {
    const code = char.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "\ufffd";
  });
}

/** The text as one harmless line of at most `limit` characters, for titles and cells. */
export function label(text: string, limit = 200): string {
  const plain = text
    .slice(0, limit * 8)
    .replace(ESCAPES, "")
    .replace(/\s+/g, " ")
    .replace(CONTROLS, "")
    .replace(BIDI, "");
  const line = plain.trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).trimEnd()}…`;
}

/** `1204` as `1,204`. */
export function count(number: number): string {
  return number.toLocaleString("en-US");
}

/** `0.384` as `38%`; empty where unknown. */
export function share(part: number | null): string {
  return part === null ? "" : `${rounded(part * 100)}%`;
}

/** The nearest whole number; of two the even one, as Python has it. */
export function rounded(number: number): number {
  const whole = Math.round(number);
  return number % 1 === 0.5 && whole % 2 ? whole - 1 : whole;
}

/** `0.42 s`, `12.3 s`, `3 min 05 s`; empty where unknown. */
export function seconds(time: number | null): string {
  if (time === null) return "";
  if (time < 9.995) return `${Math.max(time, 0).toFixed(2)} s`;
  if (time < 99.95) return `${time.toFixed(1)} s`;
  const whole = Math.round(time);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** `41 ms`; empty where unknown. */
export function millis(time: number | null | undefined): string {
  return time === null || time === undefined ? "" : `${(time * 1000).toFixed(time < 0.01 ? 1 : 0)} ms`;
}

/** `7.3`, `412`; empty where unknown. */
export function rate(perSecond: number | null): string {
  if (perSecond === null) return "";
  return perSecond < 99.95 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

/** `0.042 J`, `7.3 J`, `1,204 J`; empty where unknown. */
export function joules(energy: number | null): string {
  if (energy === null) return "";
  return energy < 99.95 ? `${digits(energy)} J` : `${count(Math.round(energy))} J`;
}

/** `0.000012`, `0.34`, `12.50`; empty where unknown. The currency is the user's. */
export function price(money: number | null): string {
  if (money === null) return "";
  const cents = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return money < 0.995 ? digits(money) : money.toLocaleString("en-US", cents);
}

/** Two significant digits, never with an exponent. */
function digits(number: number): string {
  return Number(number.toPrecision(2)).toLocaleString("en-US", { maximumFractionDigits: 20, useGrouping: false });
}

/** `412 MB`, `5.1 GB`, with the units that memory is sold in. */
export function bytes(size: number): string {
  if (size < 999.5e6) return `${count(Math.round(size / 1e6))} MB`;
  return `${(size / 1e9).toFixed(1)} GB`;
}

/** A moment (seconds since the epoch) as the user writes it. */
export function moment(at: number): string {
  return at ? new Date(at * 1000).toLocaleString() : "";
}
