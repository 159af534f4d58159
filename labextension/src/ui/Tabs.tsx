/** Tabs as ARIA has them: one stop for Tab, arrows between them. */

import type { ComponentChildren, RefObject } from "preact";
import { useId } from "preact/hooks";

export interface Tab {
  name: string;
  title: string;
  body: () => ComponentChildren;
}

interface Props {
  tabs: readonly Tab[];
  chosen: string;
  onChoose: (name: string) => void;
  /** The chosen tab's button, for whoever moves the focus here. */
  button: RefObject<HTMLButtonElement | null>;
  label: string;
}

export function Tabs({ tabs, chosen, onChoose, button, label }: Props) {
  const id = useId();
  const at = Math.max(
    tabs.findIndex((tab) => tab.name === chosen),
    0,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (to + tabs.length) % tabs.length;
    onChoose((tabs[next] as Tab).name);
    ((event.currentTarget as HTMLElement).children[next] as HTMLElement).focus();
  };
  return (
    <>
      <div role="tablist" class="vnb-tabs" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab, index) => (
          <button
            key={tab.name}
            ref={index === at ? button : null}
            type="button"
            role="tab"
            id={`${id}-tab-${index}`}
            aria-selected={index === at}
            aria-controls={`${id}-panel`}
            tabIndex={index === at ? 0 : -1}
            onClick={() => onChoose(tab.name)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" class="vnb-panel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${at}`} tabIndex={0}>
        {tabs[at]?.body()}
      </div>
    </>
  );
}
