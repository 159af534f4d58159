/** Markdown from a model as elements: no HTML is parsed, no image loaded, no link leads anywhere but to http(s). */

import type { ComponentChildren, VNode } from "preact";
import { inline } from "./markdown_inline";

const FENCE = /^( {0,3})(`{3,}|~{3,})([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6}) +(.*?)(?: +#+)?$/;
const RULE = /^ {0,3}([-*_])(?: *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)]) +(?=\S)/;
const DIVIDER = /^ *\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$/;

/** Lists and quotes may stand in each other this deep; what is deeper is shown as it was written. */
const DEEPEST = 8;

/** The text as elements. Time and size grow with its length alone. */
export function Markdown({ text }: { text: string }): VNode {
  return <div class="vnb-markdown">{blocks(text.split("\n"), 0)}</div>;
}

function blocks(lines: readonly string[], depth: number): VNode[] {
  if (depth > DEEPEST) return [<pre>{lines.join("\n")}</pre>];
  const found: VNode[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] as string;
    if (!line.trim()) {
      at += 1;
      continue;
    }
    const [block, next] = fence(lines, at) ?? single(line, at) ?? nested(lines, at, depth) ?? paragraph(lines, at);
    found.push(block);
    at = next;
  }
  return found;
}

/** An element, and the line on which what follows begins. */
type Block = [VNode, number];

function fence(lines: readonly string[], at: number): Block | null {
  const opened = FENCE.exec(lines[at] as string);
  if (!opened) return null;
  const [, , fence = ""] = opened;
  let end = at + 1;
  while (end < lines.length && !closes(lines[end] as string, fence)) end += 1;
  const code = lines.slice(at + 1, end).join("\n");
  return [
    <pre>
      <code>{code}</code>
    </pre>,
    end + 1,
  ];
}

function closes(line: string, fence: string): boolean {
  const said = line.trim();
  return said.length >= fence.length && said === (fence[0] as string).repeat(said.length);
}

function single(line: string, at: number): Block | null {
  const heading = HEADING.exec(line);
  if (heading) {
    const level = (heading[1] as string).length;
    // No h1 to h6: they would enter the notebook's table of contents.
    return [
      <div role="heading" aria-level={Math.min(level + 3, 6)} class={`vnb-heading vnb-heading-${level}`}>
        {inline(heading[2] as string)}
      </div>,
      at + 1,
    ];
  }
  return RULE.test(line) ? [<hr />, at + 1] : null;
}

function nested(lines: readonly string[], at: number, depth: number): Block | null {
  return quote(lines, at, depth) ?? list(lines, at, depth) ?? table(lines, at);
}

function quote(lines: readonly string[], at: number, depth: number): Block | null {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end] as string)) end += 1;
  if (end === at) return null;
  const inside = lines.slice(at, end).map((line) => line.replace(QUOTE, ""));
  return [<blockquote>{blocks(inside, depth + 1)}</blockquote>, end];
}

function list(lines: readonly string[], at: number, depth: number): Block | null {
  const first = ITEM.exec(lines[at] as string);
  if (!first) return null;
  const indent = (first[1] as string).length;
  const ordered = /\d/.test(first[2] as string);
  const items: VNode[] = [];
  let end = at;
  for (let item: RegExpExecArray | null = first; item; item = itemAt(lines, end, indent, ordered)) {
    const inner = item[0].length;
    const own = [(lines[end] as string).slice(inner)];
    end += 1;
    while (end < lines.length && belongs(lines, end, indent)) {
      const line = lines[end] as string;
      own.push(line.slice(Math.min(inner, line.length - line.trimStart().length)));
      end += 1;
    }
    items.push(<li>{own.length === 1 ? inline(own[0] as string) : blocks(own, depth + 1)}</li>);
  }
  const start = Number.parseInt(first[2] as string, 10);
  return [ordered ? <ol start={start}>{items}</ol> : <ul>{items}</ul>, end];
}

function itemAt(lines: readonly string[], at: number, indent: number, ordered: boolean): RegExpExecArray | null {
  const item = at < lines.length ? ITEM.exec(lines[at] as string) : null;
  if (!item || RULE.test(lines[at] as string)) return null;
  return (item[1] as string).length === indent && /\d/.test(item[2] as string) === ordered ? item : null;
}

/** Whether a line goes on with the list item before it: it is indented deeper, or blank before such a line. */
function belongs(lines: readonly string[], at: number, indent: number): boolean {
  const line = lines[at] as string;
  if (line.trim()) return line.startsWith(" ".repeat(indent + 2));
  return lines[at + 1]?.startsWith(" ".repeat(indent + 2)) === true && lines[at + 1]?.trim() !== "";
}

function table(lines: readonly string[], at: number): Block | null {
  const [head, divider] = [lines[at] as string, lines[at + 1] ?? ""];
  if (!head.includes("|") || !divider.includes("|") || !DIVIDER.test(divider)) return null;
  let end = at + 2;
  while (end < lines.length && (lines[end] as string).includes("|")) end += 1;
  const heads = cells(head);
  return [
    <table>
      <thead>
        <tr>
          {heads.map((cell) => (
            <th scope="col">{inline(cell)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.slice(at + 2, end).map((line) => (
          <tr>
            {cells(line).map((cell) => (
              <td>{inline(cell)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>,
    end,
  ];
}

function cells(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, "")
    .split("|")
    .map((cell) => cell.trim());
}

function paragraph(lines: readonly string[], at: number): Block {
  let end = at + 1;
  while (end < lines.length && (lines[end] as string).trim() && !begins(lines[end] as string)) end += 1;
  const text: ComponentChildren = inline(lines.slice(at, end).join("\n"));
  return [<p>{text}</p>, end];
}

function begins(line: string): boolean {
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((start) => start.test(line));
}
