/** What is known of the run beside its steps: brief, options, plan changes, commands, KV cache. */

import type { ComponentChildren } from "preact";
import { delivered } from "../core/dag";
import { planOf } from "../core/fold";
import type { RunStore } from "../core/store";
import { type Json, type PlanRevised, type RunView, SHAPES } from "../protocol/types.gen";
import { count, label, moment } from "./figures";
import { t, word } from "./messages";
import { Text } from "./Text";
import { told } from "./told";
import { wayOf, whyOf } from "./words";

/** At most so many plan changes and commands are listed, the last ones. */
const MOST = 50;

export function AboutTab({ store }: { store: RunStore }) {
  const { view } = store;
  const facts: [string, string][] = [
    [t("strategy"), wayOf(view)],
    [t("goal"), view.brief?.goal ?? ""],
    [t("deliverable"), view.brief?.deliverable ?? ""],
    [t("constraints"), view.brief?.constraints.join("; ") ?? ""],
    [t("language"), view.brief?.language ?? ""],
    [t("checked"), view.brief?.demands.map((demand) => demand.text || demand.value).join("; ") ?? ""],
    [t("delivered"), delivered(planOf(view), view.deliver).join(", ")],
    [t("inputs"), [...view.task.inputs.keys()].join(", ")],
    [
      t("documents"),
      view.task.documents
        .slice(0, 20)
        .map((document) => document.title)
        .join(", "),
    ],
    [t("options"), settings(SHAPES.Options, view.task.options).join(", ")],
    [t("engine"), view.engine],
    [t("forkedFrom"), view.parent && `${view.parent}@${view.parent_seq}`],
    [t("kvCache"), kvCache(view)],
    [t("run"), t("eventsOf", { run: view.run_id, events: count(view.seq) })],
    [t("time"), [view.started_at, view.ended_at].map(moment).filter(Boolean).join(" – ")],
    [t("version"), view.vnb],
  ];
  return (
    <>
      <Facts facts={facts.map(([name, value]) => [name, label(value, 400)])} />
      {view.revisions.length > 0 && <Revisions revisions={view.revisions} />}
      {view.commands.length > 0 && <Commands commands={view.commands} />}
      <h6 class="vnb-caption">{t("task")}</h6>
      <Text text={view.task.text} />
    </>
  );
}

/** Names and values; those without a value are left out. */
export function Facts({ facts }: { facts: readonly (readonly [ComponentChildren, ComponentChildren])[] }) {
  return (
    <dl class="vnb-facts">
      {facts
        .filter(([, value]) => value !== "" && value !== null && value !== undefined)
        .map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Revisions({ revisions }: { revisions: readonly PlanRevised[] }) {
  return (
    <table class="vnb-table">
      <caption>{t("changes")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("reason")}</th>
          <th scope="col">{t("change")}</th>
        </tr>
      </thead>
      <tbody>
        {revisions.slice(-MOST).map((revision) => (
          <tr>
            <td>{label(whyOf(revision), 300)}</td>
            <td>
              {revision.changes.slice(0, MOST).map((change) => (
                <div>
                  {word(change.kind)} <b>{label(change.step, 40)}</b>{" "}
                  {change.after && label(change.after.title || change.after.item || change.after.instruction, 80)}
                </div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Commands({ commands }: { commands: RunView["commands"] }) {
  return (
    <table class="vnb-table">
      <caption>{t("commands")}</caption>
      <thead>
        <tr>
          <th scope="col">{t("command")}</th>
          <th scope="col">{t("status")}</th>
        </tr>
      </thead>
      <tbody>
        {commands.slice(-MOST).map((command) => (
          <tr>
            <td>
              {label(command.name, 40)}{" "}
              {command.type === "CommandAccepted" &&
                label([...command.args].map(([name, value]) => `${name}=${value}`).join(" "), 120)}
            </td>
            <td>
              {command.type === "CommandAccepted"
                ? t("commandAccepted")
                : t("commandRejected", { reason: label(`${told(command.reason)} ${told(command.hint)}`) })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** `parallel 2`, `temperature 0.5`: the settings that are not as they always are. */
export function settings(shape: (typeof SHAPES)[keyof typeof SHAPES], values: object): string[] {
  const of = values as Record<string, unknown>;
  return shape.flatMap(([name, kind, fallback]) => {
    const value = of[name];
    if (typeof kind === "object" && "shape" in kind) return settings(SHAPES[kind.shape], value as object);
    if (JSON.stringify(value) === JSON.stringify(fallback as Json)) return [];
    if (value === true) return [name];
    return [`${name} ${Array.isArray(value) ? value.join("..") : String(value)}`];
  });
}

function kvCache(view: RunView): string {
  const last = view.kv.at(-1)?.[1];
  if (!last) return "";
  const most = view.kv.reduce((most, [, usage]) => Math.max(most, usage.used), 0);
  const size = last.used + last.cached + last.free;
  const [used, cached] = [count(last.used), count(last.cached)];
  return t("kvCacheUse", {
    used,
    size: count(size),
    unit: t(last.unit === "page" ? "pages" : "cells"),
    cached,
    most: count(most),
  });
}
