/** What is shown of a run whose JSON this vnb cannot read: why, and the HTML that lies beside it in the notebook. */

import type { ComponentChild } from "preact";
import { h } from "preact";

/** The elements that vnb's own HTML is made of, with the attributes that are kept. All others give their text alone. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  blockquote: [],
  br: [],
  caption: [],
  code: [],
  details: ["open"],
  div: [],
  em: [],
  p: ["dir"],
  pre: ["dir"],
  strong: [],
  summary: [],
  table: [],
  tbody: [],
  td: ["align"],
  th: ["align", "scope"],
  thead: [],
  tr: [],
};
const DROPPED: readonly string[] = ["script", "style", "template", "iframe", "object", "noscript"];
const DEEPEST = 60;

export function Fallback({ why, html }: { why: string; html: string }) {
  return (
    <div class="vnb-run">
      <p class="vnb-failure" role="alert">
        {why}
      </p>
      <div class="vnb-html">{copied(html)}</div>
    </div>
  );
}

/** HTML as elements made anew: parsed where nothing of it runs or loads, and only what is allowed is taken over. */
function copied(html: string): ComponentChild[] {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  return children(parsed.body, 0);
}

function children(parent: Node, depth: number): ComponentChild[] {
  return depth > DEEPEST ? [parent.textContent] : [...parent.childNodes].map((child) => taken(child, depth + 1));
}

function taken(node: Node, depth: number): ComponentChild {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const tag = node.tagName.toLowerCase();
  if (DROPPED.includes(tag)) return null;
  const names = Object.hasOwn(ALLOWED, tag) ? ALLOWED[tag] : undefined;
  if (!names) return children(node, depth);
  const said = names.filter((name) => node.hasAttribute(name)).map((name) => [name, node.getAttribute(name) || true]);
  return h(tag, Object.fromEntries(said), tag === "br" ? null : children(node, depth));
}
