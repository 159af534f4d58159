/** Heights that stay while something moves. */

import type { RefObject } from "preact";
import { useEffect, useReducer, useRef } from "preact/hooks";

/** What the pane has of the page while a run is under way. */
const MOVING = 340;

/**
 * Pixels that the pane keeps at least: all that it has as long as the run moves; then what the run needed of it at its
 * end, so that little moves before the user's eyes; nothing once they would not see it shrink, or do something there.
 */
export function useFloor(section: RefObject<HTMLElement | null>, moving: boolean): number {
  const floor = useRef(0);
  const moved = useRef(false);
  const [, drawAgain] = useReducer<number, void>((times) => times + 1, 0);
  if (moving) floor.current = MOVING;
  else if (moved.current) floor.current = Math.min(MOVING, neededBy(section.current)); // before anything is drawn anew
  moved.current = moving;
  const kept = !moving && floor.current > 0;
  useEffect(() => {
    const element = section.current;
    if (!kept || !element) return;
    const ending = new AbortController();
    const release = () => {
      floor.current = 0;
      drawAgain();
    };
    const below = new IntersectionObserver(([entry]) => {
      if (entry && !entry.isIntersecting && entry.boundingClientRect.top > 0) release();
    });
    below.observe(element);
    element.addEventListener("click", release, { signal: ending.signal });
    document.addEventListener("visibilitychange", release, { signal: ending.signal });
    return () => {
      below.disconnect();
      ending.abort();
    };
  }, [kept, section]);
  return floor.current;
}

/** The height of what is in the pane, which is taller. */
function neededBy(section: HTMLElement | null): number {
  const pane = section?.querySelector(".vnb-panel");
  const last = pane?.lastElementChild;
  if (!pane || !last) return 0;
  return last.getBoundingClientRect().bottom - pane.getBoundingClientRect().top + pane.scrollTop;
}
