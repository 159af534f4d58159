/** Texts counted as Python counts them: by code points, not by UTF-16's units. */

/** How many code points a text has. */
export function points(text: string): number {
  let pairs = 0;
  for (let at = 1; at < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) !== 0xdc00 || (text.charCodeAt(at - 1) & 0xfc00) !== 0xd800) continue;
    pairs++;
    at++;
  }
  return text.length - pairs;
}

/** At most the first `most` code points. */
export function first(text: string, most: number): string {
  if (text.length <= most) return text;
  let at = 0;
  for (let left = most; left > 0 && at < text.length; left--) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return text.slice(0, at);
}

/** At most the last `most` code points, of a text that has no more than a few of them. */
export function last(text: string, most: number): string {
  return [...text.slice(-2 * most)].slice(-most).join("");
}
