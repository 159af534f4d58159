/** The program in what a model writes for a code step; the twin of vnb/views/programs.py. */

const FENCE = /^[ \t]*(`{3,}|~{3,})[^\n`]*(?:\n|$(?![\s\S]))/m;

/** What stands in the first fence of what was written so far, or all of it where there is none. */
export function sourceIn(text: string): string {
  const opened = FENCE.exec(text);
  if (!opened) return text;
  const rest = text.slice(opened.index + opened[0].length);
  const closed = rest.search(new RegExp(`^[ \\t]*${opened[1]}[ \\t]*$`, "m"));
  return (closed < 0 ? rest : rest.slice(0, closed)).replace(/\n+$/, "");
}

/** The text without the lines that fence programs in. */
export function unfenced(text: string): string {
  return text.replace(new RegExp(FENCE, "gm"), "");
}
