/** The runs of the store: searched, and for the one that is chosen what can be done with it and how to type that. */

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Catalogue } from "../core/catalogue";
import { magics, type RunRow } from "../core/storeKernel";
import { label } from "./figures";
import { t, word } from "./messages";
import { Sign } from "./RunTree";
import { Typed } from "./Text";

/** What a host does with a run of the list. */
export interface RunActions {
  /** Shows it in the notebook. */
  open(run: RunRow): void;
  /** Shows it beside the notebook; null where there is no room for that. */
  beside: ((run: RunRow) => void) | null;
  export(run: RunRow): void;
  /** Deletes it, if the user confirms. */
  remove(run: RunRow): void;
}

/** Milliseconds without a key after which a search begins. */
const TYPED = 250;

export function RunList({ catalogue, actions }: { catalogue: Catalogue; actions: RunActions }) {
  const { rows, more } = catalogue.runs;
  const [chosen, setChosen] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const at = rows.findIndex((row) => row.run_id === chosen);
  useKeptPlace(list, rows, at, setChosen);
  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = headings(list.current);
    const from = buttons.indexOf(event.target as HTMLElement);
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    buttons[Math.min(Math.max(to, 0), buttons.length - 1)]?.focus();
  };
  return (
    <section aria-label={t("runs")}>
      <h3 class="vnb-caption">{t("runs")}</h3>
      <Search catalogue={catalogue} />
      {rows.length === 0 && (
        <p class="vnb-aside">{catalogue.search ? t("nothingFound") : t("noRuns", { magic: "%%vtask" })}</p>
      )}
      <ul class="vnb-runs" ref={list} onKeyDown={onKeyDown}>
        {rows.map((row) => (
          <Row
            key={row.run_id}
            row={row}
            open={row.run_id === chosen}
            onToggle={() => setChosen(row.run_id === chosen ? "" : row.run_id)}
            actions={actions}
          />
        ))}
      </ul>
      {more && (
        <button type="button" class="vnb-button" onClick={() => void catalogue.showMore()}>
          {t("moreRuns")}
        </button>
      )}
    </section>
  );
}

/** Where the chosen run went away, the one that took its place is chosen, and has the focus if that was there. */
function useKeptPlace(
  list: { current: HTMLUListElement | null },
  rows: readonly RunRow[],
  at: number,
  choose: (run: string) => void,
): void {
  const last = useRef(-1);
  useLayoutEffect(() => {
    if (at >= 0) last.current = at;
    else if (last.current >= 0) {
      const next = rows[Math.min(last.current, rows.length - 1)];
      last.current = -1;
      choose("");
      if (next && document.activeElement === document.body) {
        headings(list.current)[rows.indexOf(next)]?.focus();
      }
    }
  }, [list, rows, at, choose]);
}

function headings(list: HTMLUListElement | null): HTMLElement[] {
  return [...(list?.querySelectorAll<HTMLElement>("[aria-expanded]") ?? [])];
}

function Search({ catalogue }: { catalogue: Catalogue }) {
  const [typed, setTyped] = useState(catalogue.search);
  useEffect(() => {
    const timer = setTimeout(() => void catalogue.look(typed.trim()), TYPED);
    return () => clearTimeout(timer);
  }, [catalogue, typed]);
  return (
    <input
      type="search"
      class="vnb-search"
      aria-label={t("searchRuns")}
      placeholder={t("searchRuns")}
      value={typed}
      onInput={(event) => setTyped(event.currentTarget.value)}
    />
  );
}

interface RowProps {
  row: RunRow;
  open: boolean;
  onToggle: () => void;
  actions: RunActions;
}

function Row({ row, open, onToggle, actions }: RowProps) {
  const id = useId();
  const fork = row.parent && t("forkOf", { run: row.parent });
  const said = [word(row.status), when(row.created), fork, label(row.engine, 40)];
  return (
    <li>
      <button type="button" class="vnb-run-row" aria-expanded={open} aria-controls={id} onClick={onToggle}>
        <Sign status={row.status} />
        <span class="vnb-run-words">
          <span class="vnb-run-title">{label(row.title, 120) || row.run_id}</span>
          <span class="vnb-aside">{said.filter(Boolean).join(" · ")}</span>
        </span>
      </button>
      <div id={id} class="vnb-run-actions" hidden={!open}>
        {open && <Actions row={row} actions={actions} />}
      </div>
    </li>
  );
}

/** The buttons, and for the one that is pointed at or focused what does the same. */
function Actions({ row, actions }: { row: RunRow; actions: RunActions }) {
  const open = magics.open(row.run_id);
  const [magic, setMagic] = useState(open);
  const buttons: [text: string, magic: string, act: () => void][] = [
    [t("openHere"), open, () => actions.open(row)],
    [t("export"), magics.export(row.run_id), () => actions.export(row)],
    [t("delete"), magics.delete(row.run_id), () => actions.remove(row)],
  ];
  const { beside } = actions;
  if (beside) buttons.splice(1, 0, [t("beside"), open, () => beside(row)]);
  return (
    <>
      <div class="vnb-bar">
        {buttons.map(([text, code, act]) => (
          <button
            type="button"
            class="vnb-button"
            title={code}
            onFocus={() => setMagic(code)}
            onMouseEnter={() => setMagic(code)}
            onClick={act}
          >
            {text}
          </button>
        ))}
      </div>
      <Typed code={magic} />
    </>
  );
}

/** The time of today, or the date. */
function when(at: number): string {
  const date = new Date(at * 1000);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(undefined, { timeStyle: "short" })
    : date.toLocaleDateString();
}
