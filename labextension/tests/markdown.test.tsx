import type { ComponentChildren, VNode } from "preact";
import { describe, expect, it } from "vitest";
import { joules, label, price, seconds, visible } from "../src/ui/figures";
import { Markdown } from "../src/ui/markdown";

/** Elements as `tag(children)`, links as `a[address](children)`. */
function shape(node: ComponentChildren): string {
  if (Array.isArray(node)) return node.map(shape).join("");
  if (typeof node !== "object" || node === null) return String(node ?? "");
  const { type, props } = node as VNode<{ href?: string; children?: ComponentChildren }>;
  const name = props.href === undefined ? type : `${type}[${props.href}]`;
  return `${name}(${shape(props.children)})`;
}

const of = (text: string) => shape((Markdown({ text }).props as { children: ComponentChildren }).children);

describe("Markdown", () => {
  it.each([
    ["a\nb\n\nc", "p(a\nb)p(c)"],
    ["# T *x*", "div(T em(x))"],
    [
      "**b** __b__ ~~d~~ `c*` snake_case_name 2 * 3 * 4",
      "p(strong(b) strong(b) del(d) code(c*) snake_case_name 2 * 3 * 4)",
    ],
    ["- a\n- b\n  1. c\n\nd", "ul(li(a)li(p(b)ol(li(c))))p(d)"],
    ["> q\n> - r", "blockquote(p(q)ul(li(r)))"],
    ["```html\n<b>\n~~~\n```\nx", "pre(code(<b>\n~~~))p(x)"],
    ["````\n```\n````", "pre(code(```))"],
    ["~~~\nnever closed <b>", "pre(code(never closed <b>))"],
    ["| a | b |\n|---|---|\n| 1 | 2 |", "table(thead(tr(th(a)th(b)))tbody(tr(td(1)td(2))))"],
    ["***", "hr()"],
  ])("%j", (text, expected) => expect(of(text)).toBe(expected));

  it("leads nowhere but to http and https, loads nothing, and leaves HTML as text", () => {
    expect(of("[a](https://example.org/x_y) [b](HTTP://example.org)")).toBe(
      "p(a[https://example.org/x_y](a) a[HTTP://example.org](b))",
    );
    for (const text of [
      "[a](javascript:alert(1))",
      "[a](data:text/html,x)",
      "[a]( java\tscript:x)",
      "![a](https://example.org/b.png)",
      "[r]: javascript:x",
      "<img src=x onerror=alert(1)>",
      "<https://example.org>",
    ]) {
      expect(of(text)).toBe(`p(${text})`);
    }
  });

  it.each(["[", "](", "**", "*a ", "`", "> ", "- ", "|", "[a](", "_a", "\\", "# ", "|-|\n", "~~~\n"])(
    "is quick with 20,000 characters of %j",
    (piece) => {
      expect(of(piece.repeat(20_000 / piece.length)).length).toBeGreaterThan(0);
    },
  );
});

describe("texts and figures", () => {
  it("controls are shown, not obeyed", () => {
    expect(visible("\x1b[31mred\r\n\x00\x7f\x9b")).toBe("␛[31mred\n␀␡\ufffd");
    expect(label("\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \u202eevil\n b")).toBe("red link evil b");
    expect(label("x".repeat(300)).length).toBe(200);
  });

  it.each([
    [0.424, "0.42 s"],
    [12.34, "12.3 s"],
    [185, "3 min 05 s"],
    [3700, "1 h 01 min"],
    [null, ""],
  ])("%s seconds", (time, expected) => expect(seconds(time)).toBe(expected));

  it.each([
    [0.0415, "0.042 J", "0.042"],
    [7.34, "7.3 J", "7.34"],
    [0, "0 J", "0"],
    [0.0000000123, "0.000000012 J", "0.000000012"],
    [1204.4, "1,204 J", "1,204.40"],
    [null, "", ""],
  ])("%s joules and money", (value, energy, money) => {
    expect(joules(value)).toBe(energy);
    expect(price(value)).toBe(money);
  });
});
