/** What the run's own row is about: what streams, the result, the timeline, the facts. */

import type { RefObject } from "preact";
import { verdictsOf } from "../core/rows";
import type { RunStore } from "../core/store";
import { AboutTab } from "./AboutTab";
import { useAsking } from "./asking";
import { Demands } from "./Demands";
import { LiveTab } from "./LiveTab";
import { counted, t } from "./messages";
import type { Selection } from "./RunPanel";
import { Tabs } from "./Tabs";
import { Copy, NotKept, Text } from "./Text";
import { Timeline } from "./Timeline";

interface Props {
  store: RunStore;
  tab: string;
  onTab: (name: string) => void;
  onSelect: (selection: Selection) => void;
  button: RefObject<HTMLButtonElement | null>;
}

export function RunPane({ store, tab, onTab, onSelect, button }: Props) {
  const live = useAsking() !== null || store.view.status === "running";
  const tabs = [
    ...(live ? [{ name: "live", title: t("live"), body: () => <LiveTab store={store} onSelect={onSelect} /> }] : []),
    { name: "result", title: t("result"), body: () => <Result store={store} /> },
    { name: "timeline", title: t("timeline"), body: () => <Timeline store={store} onSelect={onSelect} /> },
    { name: "about", title: t("about"), body: () => <AboutTab store={store} /> },
  ];
  const first = store.view.status === "running" ? "live" : "result"; // as long as nothing was chosen
  return <Tabs tabs={tabs} chosen={tab || first} onChoose={onTab} button={button} label={t("run")} />;
}

function Result({ store }: { store: RunStore }) {
  const { output, run_id } = store.view;
  const text = store.text(output);
  if (!output) return <p class="vnb-aside">{t("noOutput")}</p>;
  const python = `import vnb; vnb.open(${JSON.stringify(run_id)}).result`;
  if (text === undefined) return <NotKept what={t("result")} code={python} coming={store.awaits(output)} />;
  const full = store.kept.cut.get(output);
  return (
    <>
      <div class="vnb-bar">
        <span class="vnb-aside">{counted("characters", full ?? text.length)}</span>
        <Copy text={text} />
      </div>
      <Text text={text} full={full} formatted={true} />
      <Demands verdicts={verdictsOf(store.view)} />
      {full !== undefined && <NotKept what={t("whole")} code={python} />}
    </>
  );
}
