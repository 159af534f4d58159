/** Texts of a model, a user or a document: shown as text, never as anything else, and copied whole. */

import { useEffect, useState } from "preact/hooks";
import { count, LONGEST, visible } from "./figures";
import { Markdown } from "./markdown";
import { counted, type Message, t } from "./messages";

interface TextProps {
  text: string;
  /** Its length where it was cut before. */
  full?: number | undefined;
  formatted?: boolean;
  /** Whether it is being written: then its end is what one wants to see. */
  growing?: boolean;
}

/** A text in a box; a long one in part until one asks for all of it, or has seen it grow. */
export function Text({ text, full, formatted = false, growing = false }: TextProps) {
  const [all, setAll] = useState(growing);
  const long = text.length > LONGEST;
  const from = growing ? beginOf(text) : 0;
  const shown = visible(long && !all ? text.slice(0, LONGEST) : text.slice(from));
  // What is longer stays plain: a page must not be busy with one text.
  const body = formatted && !(long && all) ? <Formatted text={shown} /> : <pre class="vnb-text">{shown}</pre>;
  return (
    <div class="vnb-said" dir="auto">
      {from > 0 && <p class="vnb-aside">{t("shownFrom", { n: count(from) })}</p>}
      {body}
      {long && !all && (
        <button type="button" class="vnb-button" onClick={() => setAll(true)}>
          {t("showAll", { n: count(text.length) })}
        </button>
      )}
      {full !== undefined && full > text.length && (
        <p class="vnb-aside">… {counted("characters", full - text.length)}</p>
      )}
    </div>
  );
}

/** Where the shown part of a growing text begins: it moves seldom, so that what is read stays in its place. */
function beginOf(text: string): number {
  const piece = LONGEST * 5;
  return Math.max(0, Math.floor(text.length / piece - 1) * piece);
}

/** JSON set out in lines, anything else as Markdown. */
function Formatted({ text }: { text: string }) {
  const json = /^\s*[[{]/.test(text) ? setOut(text) : null;
  return json === null ? <Markdown text={text} /> : <pre class="vnb-text">{json}</pre>;
}

function setOut(text: string): string | null {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}

/** Copies a text and says so. */
export function Copy({ text, what = "copy" }: { text: string; what?: Message }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 2000);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = async () => {
    await navigator.clipboard?.writeText(text).catch(() => copyBySelection(text));
    if (!navigator.clipboard) copyBySelection(text);
    setDone(true);
  };
  return (
    <button type="button" class="vnb-button" onClick={copy}>
      <span aria-live="polite">{t(done ? "copied" : what)}</span>
    </button>
  );
}

/** For pages that were not loaded from this machine or over TLS, which have no clipboard. */
function copyBySelection(text: string): void {
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}

/** What can be typed into a cell, to be copied. */
export function Typed({ code }: { code: string }) {
  return (
    <span class="vnb-typed">
      <code>{code}</code>
      <Copy text={code} />
    </span>
  );
}

/** Says that something is not in this notebook, and how to get it from the store. */
export function NotKept({ what, code, coming = false }: { what: string; code: string; coming?: boolean }) {
  if (coming) return <p class="vnb-aside">{t("coming")}</p>;
  return (
    <p class="vnb-aside">
      {t("notKept", { what })} <Typed code={code} />
    </p>
  );
}
