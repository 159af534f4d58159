/** A run to look into: its headline, its tree of steps, and what the selected row is about. Every host shows this. */

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Kernel } from "../core/commands";
import { above, type Folds, rows as rowsOf, summary } from "../core/rows";
import type { RunStore } from "../core/store";
import { AskingContext, useNewAsking } from "./asking";
import { useFloor } from "./calm";
import { Headline } from "./Headline";
import { t } from "./messages";
import { RunPane } from "./RunPane";
import { RunTree } from "./RunTree";
import { StepPane } from "./StepPane";
import type { OtherRun } from "./sides";

/** Which step is looked at, and which of its attempts; 0 is the one that its row is about. */
export interface Selection {
  step: string;
  attempt: number;
}

interface Props {
  store: RunStore;
  /** Who has the run; null for a saved one: then there is nothing to press. */
  kernel?: Kernel | null;
  /** Runs that its steps can be compared with. */
  others?: readonly OtherRun[] | undefined;
}

export function RunPanel({ store, kernel = null, others }: Props) {
  const [version, setVersion] = useState(store.version);
  const [selection, setSelection] = useState<Selection>({ step: "", attempt: 0 });
  const [runTab, setRunTab] = useState("");
  const [stepTab, setStepTab] = useState("output");
  const [folds, setFolds] = useState<Folds>(new Map());
  const section = useRef<HTMLElement>(null);
  const tree = useRef<HTMLDivElement>(null);
  const tab = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const ending = new AbortController();
    store.subscribe(() => setVersion(store.version), ending.signal);
    setVersion(store.version); // it may have changed since it was drawn
    return () => ending.abort();
  }, [store]);

  // The view changes in place; that it did is said by the version.
  const rows = useMemo(() => rowsOf(store.view, folds), [store, version, folds]);
  const total = useMemo(() => summary(store.view, store.now), [store, version]);
  const fold = (id: string, fold: boolean) => {
    setFolds(new Map(folds).set(id, fold));
    if (fold && above(store.view, selection.step).includes(id)) setSelection({ step: id, attempt: 0 });
  };
  /** What is selected is not folded away. */
  const select = (to: Selection) => {
    const unfolded = above(store.view, to.step).map((id) => [id, false] as const);
    if (unfolded.length) setFolds(new Map([...folds, ...unfolded]));
    setSelection(to);
  };
  const running = store.view.status === "running";
  const asking = useNewAsking(kernel, store.view.run_id, running);
  const moving = running && kernel !== null;
  const floor = useFloor(section, moving);
  useFocusKept(section, tree);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    tree.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  };
  const step = store.view.steps.get(selection.step);
  return (
    <AskingContext.Provider value={asking}>
      <section
        ref={section}
        class={moving ? "vnb-run vnb-live" : "vnb-run"}
        style={{ "--vnb-floor": `${floor}px` }}
        data-follows={kernel !== null}
        aria-label={t("run")}
      >
        <Headline store={store} total={total} />
        <div class="vnb-body">
          <RunTree
            store={store}
            rows={rows}
            total={total}
            selected={step ? selection.step : ""}
            onSelect={(id) => select({ step: id, attempt: 0 })}
            onFold={fold}
            onEnter={() => tab.current?.focus()}
            tree={tree}
          />
          <div class="vnb-pane" onKeyDown={onKeyDown}>
            {step ? (
              <StepPane
                key={selection.step}
                store={store}
                step={step}
                number={selection.attempt}
                tab={stepTab}
                onTab={setStepTab}
                onSelect={select}
                button={tab}
                others={others}
              />
            ) : (
              <RunPane store={store} tab={runTab} onTab={setRunTab} onSelect={select} button={tab} />
            )}
          </div>
        </div>
      </section>
    </AskingContext.Provider>
  );
}

/** When the element that has the focus goes, the selected row gets it: it would else be lost to the whole page. */
function useFocusKept(section: RefObject<HTMLElement | null>, tree: RefObject<HTMLElement | null>): void {
  const had = section.current?.contains(document.activeElement) ?? false; // before anything is drawn anew
  useLayoutEffect(() => {
    if (!had || section.current?.contains(document.activeElement)) return;
    tree.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus({ preventScroll: true });
  });
}
