/** What can be asked of the whole run: its buttons in the headline, and the plan that waits for approval. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { wholePlanOf } from "../core/fold";
import { awaitsApproval, runOffers, staleOf } from "../core/offers";
import { printPlan } from "../core/plan_text";
import type { RunStore } from "../core/store";
import { ActionBar, type Button, buttonOf } from "./ActionBar";
import { useAsking } from "./asking";
import { counted, t } from "./messages";
import { PlanEditor } from "./PlanEditor";

export function RunActions({ store }: { store: RunStore }) {
  const asking = useAsking();
  if (!asking) return null;
  const { view } = store;
  const stale = staleOf(view).length;
  const buttons = runOffers(view).map((offer) =>
    offer.action === "rerunStale" ? buttonOf(offer, { title: t("rerunStale", { n: stale }) }) : buttonOf(offer),
  );
  return (
    <>
      <Approval store={store} />
      <ActionBar place="run" label={t("runActions")} buttons={buttons} />
      {asking.late && <p class="vnb-aside">{t("lateRun")}</p>}
    </>
  );
}

/** The place of the plan's text while it is edited. */
const PLACE = "plan";

function Approval({ store }: { store: RunStore }) {
  const asking = useAsking();
  const { view } = store;
  const waits = awaitsApproval(view);
  const draft = asking?.draft<string>(PLACE);
  const bar = useFocusBack(draft === undefined);
  if (!asking || (!waits && draft === undefined)) return null;
  const plan = wholePlanOf(view);
  if (draft !== undefined) {
    return <PlanEditor place={PLACE} text={draft} plan={printPlan(plan)} waits={waits} />;
  }
  const buttons: Button[] = [
    {
      key: "approve",
      title: t("approve"),
      hint: t("approveHint"),
      command: { name: "approve" },
      why: "",
      primary: true,
    },
    {
      key: "editPlan",
      title: t("editPlan"),
      hint: t("editPlanHint"),
      command: { name: "approve", plan: printPlan(plan) },
      why: "",
      open: false,
      onPress: () => asking.write(PLACE, printPlan(plan)),
    },
  ];
  return (
    <div class="vnb-approval" ref={bar}>
      <p>
        <b>{t("planWaits")}</b> <span class="vnb-aside">{counted("stepsPlanned", plan.steps.length)}</span>
      </p>
      <ActionBar place={PLACE} label={t("approval")} buttons={buttons} />
    </div>
  );
}

/** Gives the focus back to the button that opened the editor once that is closed. */
function useFocusBack(closed: boolean) {
  const bar = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  useLayoutEffect(() => {
    if (closed && wasOpen.current) bar.current?.querySelector<HTMLElement>("[data-key=editPlan]")?.focus();
    wasOpen.current = !closed;
  }, [closed]);
  return bar;
}
