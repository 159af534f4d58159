/** What the panel's editors share: the field has the focus, Escape closes, Ctrl+Enter sends. */

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Command } from "../core/commands";
import { isBusy } from "./ActionBar";
import type { Asking } from "./asking";

interface Editing {
  field: RefObject<HTMLTextAreaElement | null>;
  /** Takes the keys of the whole editor, and lets none of them through to JupyterLab. */
  onKeyDown(event: KeyboardEvent): Promise<void>;
  /** After it was sent: closes, unless the user has gone on writing meanwhile. */
  onDone(): void;
}

/**
 * @param draft What is being written, as `asking.draft(place)` holds it.
 * @param send What Ctrl+Enter asks; null while that may not be asked.
 */
export function useEditing(
  asking: Asking | null,
  place: string,
  draft: unknown,
  send: { key: string; command: Command } | null,
  close: () => void,
): Editing {
  const field = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => field.current?.focus({ preventScroll: true }), []);
  const onDone = () => {
    if (asking?.draft(place) === draft) close();
  };
  const onKeyDown = async (event: KeyboardEvent) => {
    event.stopPropagation();
    if (!asking) return;
    if (event.key === "Escape" && !isBusy(asking, place)) close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && send) {
      event.preventDefault();
      if (await asking.ask(place, send.key, send.command)) onDone();
    }
  };
  return { field, onKeyDown, onDone };
}
