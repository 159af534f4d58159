/** A run to look into: its headline, its tree of steps, and what the selected row is about. Every host shows this. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { rows as rowsOf } from "../core/rows";
import type { RunStore } from "../core/store";
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
  /** Runs that its steps can be compared with. */
  others?: readonly OtherRun[] | undefined;
}

export function RunPanel({ store, others }: Props) {
  const [version, setVersion] = useState(store.version);
  const [selection, setSelection] = useState<Selection>({ step: "", attempt: 0 });
  const [runTab, setRunTab] = useState("result");
  const [stepTab, setStepTab] = useState("output");
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const tree = useRef<HTMLDivElement>(null);
  const tab = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    const ending = new AbortController();
    store.subscribe(() => setVersion(store.version), ending.signal);
    return () => ending.abort();
  }, [store]);

  // The view changes in place; that it did is said by the version.
  const rows = useMemo(() => rowsOf(store.view, folded), [store, version, folded]);
  const fold = (id: string, fold: boolean) => {
    const ids = new Set(folded);
    if (fold) ids.add(id);
    else ids.delete(id);
    setFolded(ids);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    tree.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus();
  };
  const step = store.view.steps.get(selection.step);
  return (
    <section class="vnb-run" aria-label={t("run")}>
      <Headline store={store} />
      <div class="vnb-body">
        <RunTree
          store={store}
          rows={rows}
          folded={folded}
          selected={step ? selection.step : ""}
          onSelect={(id) => setSelection({ step: id, attempt: 0 })}
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
              onSelect={setSelection}
              button={tab}
              others={others}
            />
          ) : (
            <RunPane store={store} tab={runTab} onTab={setRunTab} onSelect={setSelection} button={tab} />
          )}
        </div>
      </div>
    </section>
  );
}
