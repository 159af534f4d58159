/** What was asked of the kernel from this panel, where, and what came of it; and what the user is writing there. */

import { createContext } from "preact";
import { useContext, useMemo, useRef, useState } from "preact/hooks";
import type { Answer, Command, Kernel } from "../core/commands";

/** The last thing that was asked at one place of the panel; without an answer it is still awaited. */
export interface Asked {
  key: string;
  command: Command;
  answer: Answer | null;
}

/** What the panel's buttons need; places are names of their own choice, such as `step:s2`. */
export interface Asking {
  kernel: Kernel;
  run: string;
  /** Whether commands are heard only when the running cell has ended. */
  late: boolean;
  asked(place: string): Asked | undefined;
  /** Asks, unless an answer is awaited at this place; whether it was done. */
  ask(place: string, key: string, command: Command): Promise<boolean>;
  dismiss(place: string): void;
  /** What is being written at a place. It outlives the elements it is written in; null drops it. */
  draft<Draft>(place: string): Draft | undefined;
  write<Draft>(place: string, draft: Draft | null): void;
}

/** Null where there is no kernel: then nothing can be asked. */
export const AskingContext = createContext<Asking | null>(null);

export function useAsking(): Asking | null {
  return useContext(AskingContext);
}

/** One for each panel; what it holds stays when the kernel goes and comes. */
export function useNewAsking(kernel: Kernel | null, run: string, running: boolean): Asking | null {
  const [version, setVersion] = useState(0);
  const all = useRef(new Map<string, Asked>());
  const drafts = useRef(new Map<string, unknown>());
  const late = kernel !== null && !kernel.prompt && running;
  return useMemo(() => {
    if (!kernel) return null;
    const changed = () => setVersion((old) => old + 1);
    const ask = async (place: string, key: string, command: Command) => {
      if (all.current.get(place)?.answer === null) return false;
      const asked: Asked = { key, command, answer: null };
      all.current.set(place, asked);
      changed();
      asked.answer = await kernel.ask(command);
      changed();
      return asked.answer.ok;
    };
    const dismiss = (place: string) => {
      all.current.delete(place);
      changed();
    };
    const write = (place: string, draft: unknown) => {
      if (draft === null) drafts.current.delete(place);
      else drafts.current.set(place, draft);
      changed();
    };
    return {
      kernel,
      run,
      late,
      asked: (place) => all.current.get(place),
      ask,
      dismiss,
      draft: <Draft>(place: string) => drafts.current.get(place) as Draft | undefined,
      write,
    };
  }, [kernel, run, late, version]);
}
