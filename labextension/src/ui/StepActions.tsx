/** What can be asked of a step: new attempts, with other words or settings if one likes, and a fork from before it. */

import { stepOffers } from "../core/offers";
import type { RunStore } from "../core/store";
import type { StepView } from "../protocol/types.gen";
import { ActionBar, buttonOf } from "./ActionBar";
import { useAsking } from "./asking";
import { type Edit, EditRerun } from "./EditRerun";
import { t } from "./messages";

export function StepActions({ store, step }: { store: RunStore; step: StepView }) {
  const asking = useAsking();
  if (!asking) return null;
  const { id, instruction } = step.step;
  const place = `edit:${id}`;
  const draft = asking.draft<Edit>(place);
  const open = draft !== undefined;
  const toggle = () => asking.write<Edit>(place, open ? null : { instruction, settings: {}, down: false });
  const offers = stepOffers(store.view, step);
  const buttons = offers.map((offer) => buttonOf(offer, offer.action === "editRerun" ? { onPress: toggle, open } : {}));
  const edit = offers.find((offer) => offer.action === "editRerun");
  return (
    <>
      <ActionBar place={`step:${id}`} label={t("stepActions")} buttons={buttons} />
      {open && (
        <EditRerun place={place} step={step} draft={draft} why={edit ? buttonOf(edit).why : t("whySuperseded")} />
      )}
    </>
  );
}
