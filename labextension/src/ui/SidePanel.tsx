/** The side panel: the models of the notebook's kernel, the runs of its store, and what to type where there are none. */

import { useEffect, useState } from "preact/hooks";
import type { Catalogue } from "../core/catalogue";
import { magics } from "../core/storeKernel";
import { Failure } from "./Headline";
import { ModelCards } from "./ModelCard";
import { type Message, t } from "./messages";
import { type RunActions, RunList } from "./RunList";
import { Typed } from "./Text";

/** What a host does when something is clicked. */
export interface SideActions extends RunActions {
  /** Loads vnb into the notebook's kernel. */
  loadExtension(): void;
  chooseKernel(): void;
  load(spec: string): void;
  unload(spec: string): void;
}

export function SidePanel({ catalogue, actions }: { catalogue: Catalogue; actions: SideActions }) {
  const [, setVersion] = useState(catalogue.version);
  useEffect(() => {
    const ending = new AbortController();
    catalogue.subscribe(() => setVersion(catalogue.version), ending.signal);
    setVersion(catalogue.version);
    return () => ending.abort();
  }, [catalogue]);
  const { place } = catalogue;
  const failed = catalogue.refused ?? catalogue.trouble;
  return (
    <section class="vnb-run vnb-side" aria-label={t("sidePanel")}>
      <header class="vnb-side-head">
        <h2 class="vnb-title">vnb</h2>
        <button
          type="button"
          class="vnb-button"
          title={t("refresh")}
          aria-label={t("refresh")}
          disabled={place === "noNotebook" || place === "noKernel"}
          onClick={() => void catalogue.reload()}
        >
          ↻
        </button>
      </header>
      <div role="status">
        {catalogue.late && <p class="vnb-aside">{t("kernelBusy")}</p>}
        {place === "asking" && !catalogue.late && <p class="vnb-aside">{t("asking")}</p>}
      </div>
      {failed && (
        <div role="alert">
          <Failure error={failed.error} hint={failed.hint} />
        </div>
      )}
      {place === "ready" ? (
        <>
          {catalogue.models && <ModelCards models={catalogue.models} actions={actions} />}
          <RunList catalogue={catalogue} actions={actions} />
        </>
      ) : (
        <Nothing place={place} actions={actions} />
      )}
    </section>
  );
}

const WHY: Partial<Record<Catalogue["place"], Message>> = {
  noNotebook: "noNotebook",
  noKernel: "noKernel",
  otherLanguage: "otherLanguage",
  notLoaded: "vnbNotLoaded",
};

function Nothing({ place, actions }: { place: Catalogue["place"]; actions: SideActions }) {
  const why = WHY[place];
  return (
    <>
      {why && <p>{t(why)}</p>}
      {place === "noKernel" && (
        <button type="button" class="vnb-button" onClick={() => actions.chooseKernel()}>
          {t("chooseKernel")}
        </button>
      )}
      {place === "notLoaded" && (
        <>
          <p>
            <Typed code={magics.load()} />
          </p>
          <button type="button" class="vnb-button" onClick={() => actions.loadExtension()}>
            {t("loadVnb")}
          </button>
        </>
      )}
    </>
  );
}
