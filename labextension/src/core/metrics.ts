/**
 * Figures of a run in the field's definitions; the twin of vnb/core/metrics.py, which says whose clock they are by.
 * `null` where nothing can be said.
 */

import type { AttemptView, Token, Usage } from "../protocol/types.gen";

/** Seconds from queueing to the first token, by the tokens' arrival. */
export function ttft(attempt: AttemptView): number | null {
  const first = attempt.tokens[0];
  return first ? attempt.started_at - attempt.queued_at + first.dt : null;
}

/** Seconds between each token and the one before it. */
export function itl(attempt: AttemptView): number[] {
  return attempt.tokens.slice(1).map((token, index) => token.dt - (attempt.tokens[index] as Token).dt);
}

/** Seconds from the end of prefill to the last token of reasoning; null where its tokens are not known. */
export function reasoningSeconds({ thought, tokens, started_at, prefilled_at }: AttemptView): number | null {
  const last = tokens[thought - 1];
  return last && prefilled_at ? started_at + last.dt - prefilled_at : null;
}

/** Seconds per output token after the first. */
export function tpot(attempt: AttemptView): number | null {
  const { usage } = attempt;
  if (usage.timing_source === "engine" && usage.t_decode > 0 && usage.new_tokens > 1) {
    return usage.t_decode / (usage.new_tokens - 1);
  }
  const [first, last] = [attempt.tokens[0], attempt.tokens.at(-1)];
  const gaps = attempt.tokens.length - 1;
  return first && last && gaps > 0 ? (last.dt - first.dt) / gaps : null;
}

/** Decoded tokens per second after the first one. */
export function decodeRate(attempt: AttemptView): number | null {
  const gap = tpot(attempt);
  return gap ? 1 / gap : null;
}

/** Prompt tokens per second that had to be computed. */
export function prefillRate(usage: Usage): number | null {
  const fresh = usage.prompt_tokens - usage.cached_tokens;
  return fresh > 0 && usage.t_prefill > 0 ? fresh / usage.t_prefill : null;
}

/** Share of the prompt that was in the KV cache, 0 to 1. */
export function prefixHit(usage: Usage): number | null {
  return usage.prompt_tokens ? usage.cached_tokens / usage.prompt_tokens : null;
}

/** Seconds from queueing to the end, or to `now` while it runs. */
export function seconds(attempt: AttemptView, now = 0): number | null {
  const end = attempt.ended_at || now;
  return end && attempt.queued_at ? end - attempt.queued_at : null;
}

/** Seconds of queueing, prefill and decoding: the engine's own figures, else by the events' times. */
export function phases(attempt: AttemptView, end: number): { queue: number; prefill: number; decode: number } {
  const { usage } = attempt;
  const whole = end ? Math.max(0, end - attempt.queued_at) : 0;
  const sent = attempt.started_at ? Math.max(0, attempt.started_at - attempt.queued_at) : whole;
  const queue = Math.min(whole, sent + usage.t_queue);
  if (!attempt.prefilled_at) return { queue, prefill: Math.max(0, whole - queue), decode: 0 };
  const arrived = Math.max(0, attempt.prefilled_at - attempt.queued_at - queue);
  const prefill = Math.min(whole - queue, usage.t_prefill || arrived);
  return { queue, prefill, decode: usage.t_decode || Math.max(0, whole - queue - prefill) };
}

/**
 * Entropy in bits over the alternatives that are known, with all the rest as one mass: the true one is at least this.
 * Null where the engine gave no alternatives.
 */
export function entropy(token: Token): number | null {
  const known = new Map(token.top.map((other) => [other.id, other.logprob]));
  if (token.logprob !== null) known.set(token.id, token.logprob);
  if (!token.top.length) return null;
  const chances = [...known.values()].map(Math.exp).filter(Number.isFinite);
  const rest = 1 - chances.reduce((sum, chance) => sum + chance, 0);
  return [...chances, rest].reduce((sum, chance) => (chance > 0 ? sum - chance * Math.log2(chance) : sum), 0);
}
