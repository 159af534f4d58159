/** The demands of the task that an output was checked for, met or missed. */

import type { Verdict } from "../protocol/types.gen";
import { label } from "./figures";
import { t } from "./messages";
import { told } from "./told";

export function Demands({ verdicts }: { verdicts: readonly Verdict[] }) {
  if (!verdicts.length) return null;
  const met = verdicts.filter((verdict) => verdict.met).length;
  return (
    <section class="vnb-demands">
      <h6 class="vnb-caption">{t("demandsMet", { met, of: verdicts.length })}</h6>
      <ul>
        {verdicts.map(({ demand, met, found }) => (
          <li class={met ? "" : "vnb-missed"}>
            <span
              class={`vnb-sign vnb-is-${met ? "finished" : "warned"}`}
              role="img"
              aria-label={t(met ? "met" : "missed")}
            >
              {met ? "✓" : "✗"}
            </span>{" "}
            {label(demand.text || demand.value)}
            {!met && found && `: ${label(told(found))}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
