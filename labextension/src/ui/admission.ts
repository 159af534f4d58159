/** Why a request went when it did, in words; the twin of vnb/views/admission.py. */

import type { AttemptView, RunView } from "../protocol/types.gen";
import { count, label } from "./figures";
import { counted, t } from "./messages";

/** `3 pages of the KV cache, 2 of them shared with left; …`; empty where the engine says nothing. */
export function admissionOf(view: RunView, attempt: AttemptView): string {
  const found = attempt.admission;
  if (!found) return "";
  const names = (requests: readonly number[]) => namesOf(view, attempt, requests);
  let first = counted("pages", found.pages);
  if (found.shared) first += t("pagesShared", { n: count(found.shared), names: names(found.sharing) });
  const said = [first];
  if (found.passed.length) said.push(t("wentBefore", { names: names(found.passed) }));
  if (found.waited) said.push(t(found.waited === "slot" ? "waitedForSlot" : "waitedForPages"));
  return said.join("; ");
}

/** The steps whose requests have these numbers; those of other runs are counted. */
function namesOf(view: RunView, attempt: AttemptView, requests: readonly number[]): string {
  const wanted = new Set(requests);
  const found = [...view.steps.values()].flatMap((step) =>
    step.attempts
      .filter((other) => other.admission && wanted.has(other.admission.request) && met(attempt, other))
      .map((other) => label(step.step.id, 40) + (step.attempts.length > 1 ? `#${other.number}` : "")),
  );
  const others = wanted.size - found.length;
  if (others > 0) found.push(found.length || others > 1 ? counted("otherRequests", others) : t("anotherRequest"));
  return found.join(", ");
}

/** Whether both were with one engine at one time; it counts its requests anew when it is loaded again. */
function met(attempt: AttemptView, other: AttemptView): boolean {
  const until = other.ended_at || attempt.prefilled_at;
  return other.engine === attempt.engine && other.started_at <= attempt.prefilled_at && attempt.started_at <= until;
}
