/** A page without a browser: as much of a document as the components need, to see what they draw and to press it. */

import { type ComponentChild, render } from "preact";

class Letters {
  parentNode: Drawn | null = null;
  readonly nodeType: number = 3;

  constructor(public data: string) {}

  get textContent(): string {
    return this.data;
  }

  get nextSibling(): Letters | Drawn | null {
    const siblings = this.parentNode?.childNodes ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  remove(): void {
    this.parentNode?.removeChild(this);
  }
}

type Listener = (event: object) => void;

/** An element; `all` and `one` know selectors of one piece: `tag`, `.class`, `[name]`, `[name=value]`. */
export class Drawn extends Letters {
  override readonly nodeType = 1;
  readonly childNodes: (Letters | Drawn)[] = [];
  readonly attributes = new Map<string, string>();
  readonly style = { setProperty: () => {}, cssText: "" };
  private readonly listeners = new Map<string, Listener>();
  /** Preact asks whether an element has such events. */
  onclick = null;
  onkeydown = null;
  onscroll = null;
  scrollTop = 0;
  clientHeight = 392;
  scrollHeight = 392;

  constructor(
    readonly localName: string,
    readonly ownerDocument: object,
  ) {
    super("");
  }

  get firstChild(): Letters | Drawn | null {
    return this.childNodes[0] ?? null;
  }

  override get textContent(): string {
    return this.childNodes.map((child) => child.textContent).join("");
  }

  insertBefore(child: Letters | Drawn, before: Letters | Drawn | null): void {
    child.remove();
    this.childNodes.splice(before ? this.childNodes.indexOf(before) : this.childNodes.length, 0, child);
    child.parentNode = this;
  }

  appendChild(child: Letters | Drawn): void {
    this.insertBefore(child, null);
  }

  removeChild(child: Letters | Drawn): void {
    this.childNodes.splice(this.childNodes.indexOf(child), 1);
    child.parentNode = null;
  }

  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(value));
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  get dataset(): Record<string, string | undefined> {
    return { index: this.attributes.get("data-index") };
  }

  addEventListener(type: string, listener: Listener): void {
    this.listeners.set(type, listener);
  }

  removeEventListener(type: string): void {
    this.listeners.delete(type);
  }

  contains(other: Letters | Drawn | null): boolean {
    return other !== null && (other === this || this.contains(other.parentNode));
  }

  focus(): void {}

  matches(selector: string): boolean {
    const [, name, value] = /^\[([\w-]+)(?:=(.*))?\]$/.exec(selector) ?? [];
    if (name) return value === undefined ? this.attributes.has(name) : this.attributes.get(name) === value;
    if (selector.startsWith(".")) return (this.attributes.get("class") ?? "").split(" ").includes(selector.slice(1));
    return this.localName === selector;
  }

  closest(selector: string): Drawn | null {
    return this.matches(selector) ? this : (this.parentNode?.closest(selector) ?? null);
  }

  querySelector(selector: string): Drawn | null {
    return this.all(selector)[0] ?? null;
  }

  all(selector: string): Drawn[] {
    const inside = this.childNodes.filter((child) => child instanceof Drawn);
    return inside.flatMap((child) => [...(child.matches(selector) ? [child] : []), ...child.all(selector)]);
  }

  /** The one element that the selector fits, and that has these words. */
  one(selector: string, words = ""): Drawn {
    const found = this.all(selector).filter((element) => element.textContent.includes(words));
    if (found.length !== 1) throw new Error(`${found.length} elements are ${selector} with ${words}`);
    return found[0] as Drawn;
  }

  /** Clicks it, or presses a key there, and waits until all is drawn. */
  async press(key = ""): Promise<void> {
    const event = { type: key ? "keydown" : "click", key, target: this, stopped: false };
    const told = { ...event, preventDefault: () => {}, stopPropagation: () => {} };
    for (let at: Drawn | null = this; at; at = at.parentNode) at.listeners.get(event.type)?.call(at, { ...told });
    await drawn();
  }
}

/** Draws something on a page of its own, and waits for it. */
export async function page(child: ComponentChild): Promise<Drawn> {
  const document = {
    createElementNS: (_: string, name: string) => new Drawn(name, document),
    createTextNode: (text: string) => new Letters(text),
    activeElement: null,
  };
  Object.assign(globalThis, { document, Element: Drawn });
  const body = new Drawn("body", document);
  render(child, body as unknown as HTMLElement);
  await drawn();
  return body;
}

/** Preact draws in the next task. */
function drawn(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}
