/** The words of one paragraph of Markdown as elements: code, emphasis, links. */

import type { ComponentChild } from "preact";

const MARKS: readonly [mark: string, tag: "strong" | "em" | "del"][] = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "del"],
  ["*", "em"],
  ["_", "em"],
];
const DEEPEST = 4;
const LONGEST_ADDRESS = 2_000;

/** The text as elements; what is no markup stays text. */
export function inline(text: string, depth = 0): ComponentChild[] {
  return depth > DEEPEST ? [text] : new Words(text, depth).read();
}

class Words {
  private readonly found: ComponentChild[] = [];
  private readonly places = new Map<string, number>();
  private plain = 0;
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly depth: number,
  ) {}

  read(): ComponentChild[] {
    while (this.at < this.text.length) {
      if (!this.escaped() && !this.code() && !this.marked() && !this.link()) this.at += 1;
    }
    this.flush(this.text.length);
    return this.found;
  }

  /** What was plain text up to `end` is one child. */
  private flush(end: number): void {
    if (end > this.plain) this.found.push(this.text.slice(this.plain, end));
  }

  private take(child: ComponentChild, end: number): true {
    this.flush(this.at);
    this.found.push(child);
    this.at = end;
    this.plain = end;
    return true;
  }

  /** Where `mark` comes next from `from` on; past the end if nowhere. Each place is looked for once. */
  private next(mark: string, from: number): number {
    const known = this.places.get(mark);
    if (known !== undefined && known >= from) return known;
    const found = this.text.indexOf(mark, from);
    const place = found < 0 ? this.text.length : found;
    this.places.set(mark, place);
    return place;
  }

  private escaped(): boolean {
    const next = this.text[this.at + 1] ?? "";
    return this.text[this.at] === "\\" && /[\\`*_~[\]()<>#|]/.test(next) && this.take(next, this.at + 2);
  }

  private code(): boolean {
    if (this.text[this.at] !== "`") return false;
    let end = this.at;
    while (this.text[end] === "`") end += 1;
    const ticks = this.text.slice(this.at, end);
    const close = this.next(ticks, end);
    if (close < this.text.length) return this.take(<code>{this.text.slice(end, close)}</code>, close + ticks.length);
    this.at = end;
    return true;
  }

  private marked(): boolean {
    for (const [mark, Tag] of MARKS) {
      if (!this.text.startsWith(mark, this.at)) continue;
      const start = this.at + mark.length;
      if (/\s/.test(this.text[start] ?? " ")) return false;
      if (mark[0] === "_" && /\w/.test(this.text[this.at - 1] ?? " ")) return false;
      const close = this.next(mark, start + 1);
      if (close >= this.text.length || /\s/.test(this.text[close - 1] as string)) continue;
      return this.take(<Tag>{inline(this.text.slice(start, close), this.depth + 1)}</Tag>, close + mark.length);
    }
    return false;
  }

  private link(): boolean {
    if (this.text[this.at] !== "[" || this.text[this.at - 1] === "!") return false;
    const middle = this.next("]", this.at);
    const close = this.text[middle + 1] === "(" ? this.next(")", middle) : this.text.length;
    if (close >= this.text.length || close - middle > LONGEST_ADDRESS) return false;
    const address = this.text.slice(middle + 2, close).trim();
    if (!/^https?:\/\/[^\s<>"]+$/i.test(address)) return false;
    const words = inline(this.text.slice(this.at + 1, middle), this.depth + 1);
    return this.take(
      <a href={address} title={address} target="_blank" rel="noopener noreferrer nofollow">
        {words}
      </a>,
      close + 1,
    );
  }
}
