/** The run's steps as a tree. Only the rows in sight are elements, so that a thousand steps are as quick as ten. */

import { Component, type RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import {
  figures,
  isActive,
  type Row,
  reasonsStill,
  runStatusOf,
  type Summary,
  SYMBOLS,
  shown,
  statusOf,
} from "../core/rows";
import type { RunStore } from "../core/store";
import { count, label, rate, seconds, share } from "./figures";
import { counted, t, word } from "./messages";
import { marks, nameOf, tallied, warningsOf } from "./words";

export const ROW_HEIGHT = 28;
const MOST_ROWS = 14;
const OVERSCAN = 8;

interface Props {
  store: RunStore;
  /** The rows below the run's own. */
  rows: readonly Row[];
  total: Summary;
  /** Id of the selected step; empty is the run itself. */
  selected: string;
  onSelect: (id: string) => void;
  onFold: (id: string, fold: boolean) => void;
  /** Enter: on to what the selected row is about. */
  onEnter: () => void;
  /** The element that holds the rows, for whoever moves the focus here. */
  tree: RefObject<HTMLDivElement | null>;
}

export function RunTree(props: Props) {
  const { store, rows, total, selected, onSelect, onFold, onEnter, tree } = props;
  const [top, setTop] = useState(0);
  const moved = useRef(false);
  const at = Math.max(0, rows.findIndex((row) => row.step.step.id === selected) + 1);
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - OVERSCAN);
  const last = Math.min(rows.length, first + MOST_ROWS + 2 * OVERSCAN);
  const inSight = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  if (at < first || at > last) inSight.push(at); // the focus may be on it

  useLayoutEffect(() => {
    const box = tree.current;
    if (!box) return;
    const [above, below] = [at * ROW_HEIGHT, (at + 1) * ROW_HEIGHT];
    if (above < box.scrollTop) box.scrollTop = above;
    else if (below > box.scrollTop + box.clientHeight) box.scrollTop = below - box.clientHeight;
    if (moved.current) box.querySelector<HTMLElement>("[aria-selected=true]")?.focus({ preventScroll: true });
    moved.current = false;
  }, [selected, tree]); // not `at`: rows that come above it while one reads elsewhere do not scroll

  const move = (to: number) => {
    const target = Math.min(Math.max(to, 0), rows.length);
    const id = target === 0 ? "" : (rows[target - 1] as Row).step.step.id;
    moved.current = id !== selected;
    onSelect(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const row = rows[at - 1];
    const foldable = row?.open !== undefined;
    const open = foldable && row.open;
    const actions: Record<string, () => void> = {
      ArrowDown: () => move(at + 1),
      ArrowUp: () => move(at - 1),
      PageDown: () => move(at + MOST_ROWS - 1),
      PageUp: () => move(at - MOST_ROWS + 1),
      Home: () => move(0),
      End: () => move(rows.length),
      ArrowRight: () => (foldable && !open ? onFold(selected, false) : (open || at === 0) && move(at + 1)),
      ArrowLeft: () => (open ? onFold(selected, true) : row && move(parentOf(rows, at))),
      Enter: onEnter,
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook's shortcuts have the same keys
    action();
  };
  // One listener for all rows: what a row is given is then the same as before unless its step has changed.
  const onClick = (event: MouseEvent) => {
    const pressed = event.target instanceof Element ? event.target : null;
    const index = Number(pressed?.closest<HTMLElement>("[data-index]")?.dataset.index ?? Number.NaN);
    const row = rows[index - 1];
    if (row?.open !== undefined && pressed?.closest(".vnb-twist")) onFold(row.step.step.id, row.open);
    else if (!Number.isNaN(index)) move(index);
  };
  return (
    <div class="vnb-tree-box">
      <div class="vnb-row vnb-tree-heads" aria-hidden="true">
        <span class="vnb-name">{t("step")}</span>
        <span class="vnb-tokens">{t("tokens")}</span>
        <span class="vnb-rate">{t("tokPerSecond")}</span>
        <span class="vnb-hit">{t("prefix")}</span>
        <span class="vnb-time">{t("time")}</span>
      </div>
      <div
        ref={tree}
        role="tree"
        class="vnb-tree"
        aria-label={t("steps")}
        style={{ height: `${Math.min(rows.length + 1, MOST_ROWS) * ROW_HEIGHT}px` }}
        onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onKeyDown={onKeyDown}
        onClick={onClick}
      >
        <div role="none" style={{ height: `${(rows.length + 1) * ROW_HEIGHT}px` }}>
          {inSight.map((index) => {
            const row = rows[index - 1];
            const common = { store, selected: index === at, index };
            if (!row) return <RunRow key="run" total={total} {...common} />;
            const { step, level, position, siblings, parts, open } = row;
            const id = step.step.id;
            return (
              <StepRow
                key={`s-${id}`}
                {...{ step, level, position, siblings, open, ...common }}
                status={statusOf(step, parts)}
                tally={step.step.kind === "map" ? tallied(parts) : ""}
                version={store.versionOf(id)}
                now={isActive(shown(step)) ? store.now : 0}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** The place of the row that the row at `at` is a part of; 0 is the run. */
function parentOf(rows: readonly Row[], at: number): number {
  const level = rows[at - 1]?.level ?? 2;
  for (let above = at - 1; above > 0; above -= 1) {
    if ((rows[above - 1] as Row).level < level) return above;
  }
  return 0;
}

interface Common {
  store: RunStore;
  selected: boolean;
  index: number;
}

function RunRow({ store, total, selected, index }: Common & { total: Summary }) {
  const status = runStatusOf(store.view);
  const numbers = { tokens: total.new_tokens, rate: total.rate, hit: total.hit, seconds: total.seconds };
  return (
    <div
      role="treeitem"
      class="vnb-row"
      aria-level={1}
      aria-setsize={1}
      aria-posinset={1}
      aria-expanded={true}
      aria-selected={selected}
      aria-label={[t("run"), word(status), ...spoken(numbers)].join(", ")}
      tabIndex={selected ? 0 : -1}
      data-index={index}
      style={{ top: `${index * ROW_HEIGHT}px` }}
    >
      <Sign status={status} />
      <span class="vnb-name">
        <b>{t("run")}</b>
      </span>
      <Numbers {...numbers} />
    </div>
  );
}

interface StepProps extends Common, Omit<Row, "parts"> {
  status: string;
  /** How far a map is. */
  tally: string;
  /** What is drawn for one version and moment need not be drawn again for the same. */
  version: number;
  now: number;
}

class StepRow extends Component<StepProps> {
  override shouldComponentUpdate(next: StepProps): boolean {
    return (Object.keys(next) as (keyof StepProps)[]).some((name) => next[name] !== this.props[name]);
  }

  override render({
    store,
    step: view,
    level,
    position,
    siblings,
    selected,
    index,
    open,
    status,
    tally,
    now,
  }: StepProps) {
    const { step } = view;
    const attempt = shown(view);
    const numbers = figures(attempt, store.view, now);
    const said = [...(attempt ? warningsOf(attempt) : []), ...marks(view, attempt)];
    const of = view.attempts.length;
    if (attempt && of > 1) said.push(t("ofAttempts", { n: attempt.number, of }));
    const filled = attempt?.status === "prefilling" && attempt.prefill_total ? attempt : undefined;
    const progress = filled
      ? t("prefillOf", { done: count(filled.prefill_done), total: count(filled.prefill_total) })
      : attempt && reasonsStill(attempt) && t("reasonsStill");
    const name = nameOf(step);
    const kind = step.kind === "write" ? [] : [word(step.kind)];
    return (
      <div
        role="treeitem"
        class={`vnb-row vnb-is-${status}`}
        aria-level={level}
        aria-setsize={siblings}
        aria-posinset={position}
        aria-expanded={open}
        aria-selected={selected}
        aria-label={[
          name,
          ...kind,
          word(status),
          ...(tally ? [tally] : []),
          ...said,
          ...(progress ? [progress] : []),
          ...spoken(numbers),
        ].join(", ")}
        tabIndex={selected ? 0 : -1}
        data-index={index}
        style={{ top: `${index * ROW_HEIGHT}px`, "--vnb-level": level - 2 }}
      >
        <span class="vnb-twist">{open === undefined ? "" : open ? "▾" : "▸"}</span>
        <Sign status={status} />
        <span class="vnb-name" title={name}>
          {step.role === "work" ? <b>{label(step.id, 40)}</b> : <i>{label(step.id, 40)}</i>}{" "}
          {kind.length > 0 && <span class="vnb-kind">{kind}</span>} {name.slice(label(step.id, 40).length)}
        </span>
        {said.length > 0 && (
          <span class="vnb-marks" title={said.join(", ")}>
            {said.join(", ")}
          </span>
        )}
        {progress && <span class="vnb-progress-said">{progress}</span>}
        {tally ? (
          <span class="vnb-tally" title={tally}>
            {tally}
          </span>
        ) : (
          <Numbers {...numbers} />
        )}
        {filled && (
          <i class="vnb-progress" style={{ width: `${(filled.prefill_done / filled.prefill_total) * 100}%` }} />
        )}
      </div>
    );
  }
}

export function Sign({ status }: { status: string }) {
  return (
    <span class={`vnb-sign vnb-is-${status}`} aria-hidden="true">
      {SYMBOLS[status] ?? ""}
    </span>
  );
}

type Values = { tokens: number | null; rate: number | null; hit: number | null; seconds: number | null };

function Numbers(values: Values) {
  return (
    <>
      <span class="vnb-tokens">{values.tokens === null ? "" : count(values.tokens)}</span>
      <span class="vnb-rate">{rate(values.rate)}</span>
      <span class="vnb-hit">{share(values.hit)}</span>
      <span class="vnb-time">{seconds(values.seconds)}</span>
    </>
  );
}

function spoken(values: Values): string[] {
  const said: string[] = [];
  if (values.tokens !== null) said.push(counted("tokens", values.tokens));
  if (values.rate !== null) said.push(t("rate", { rate: rate(values.rate) }));
  if (values.hit !== null) said.push(t("prefixHits", { share: share(values.hit) }));
  if (values.seconds !== null) said.push(seconds(values.seconds));
  return said;
}
