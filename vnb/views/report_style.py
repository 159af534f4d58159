"""The looks of a run's page: light and dark, from a phone's width on, and on paper."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --card: #f6f7f9; --line: #d8dde3; --ink: #1c2128; --soft: #59636e; --link: #0b5cad;
  --good: #1a7f37; --bad: #c1121f; --odd: #8a5a00; --queue: #b8c0c9; --prefill: #e0a83c; --decode: #3b82c4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --card: #1c2026; --line: #343a42; --ink: #e3e7ec; --soft: #9aa4af; --link: #74b3f2;
    --good: #56c271; --bad: #ff7b72; --odd: #e0b050; --queue: #59636e; --prefill: #c98f2b; --decode: #4b93d8;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
}
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: .2rem 0 .6rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; line-height: 1.4; margin: 0; }
h4 { font-size: .95rem; margin: 1.2rem 0 .2rem; }
p { margin: .4rem 0; }
a { color: var(--link); }
em { color: var(--soft); }
code, pre { font: .88em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .9rem; }
.notice { border-left: 4px solid var(--odd); background: var(--card); padding: .5rem .9rem; }
.failure { border-left: 4px solid var(--bad); background: var(--card); padding: .2rem .9rem; }
.status { font-weight: 600; }
.status.finished, .status.reused { color: var(--good); }
.status.failed, .status.interrupted { color: var(--bad); }
.status.warned, .status.stopped, .status.cancelled, .status.paused, .status.skipped { color: var(--odd); }
.status.superseded, .status.waiting { color: var(--soft); }
.mark { border: 1px solid var(--odd); color: var(--odd); border-radius: 1em; padding: 0 .55em; font-size: .8rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; padding: 0; list-style: none; }
.tiles li { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .35rem .8rem; }
.tiles b { display: block; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
.tiles span { color: var(--soft); font-size: .8rem; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .9rem; }
.step { border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: 1rem 0; }
.step.reserved { background: var(--card); }
.step.superseded > * { opacity: .75; }
.plan { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .9rem; }
.plan, pre { white-space: pre-wrap; }
summary { cursor: pointer; color: var(--link); }
summary strong { color: var(--ink); }
.wide { overflow-x: auto; margin: .6rem 0; }
table { border-collapse: collapse; font-size: .9rem; overflow-wrap: normal; }
caption { text-align: left; color: var(--soft); font-size: .85rem; padding-bottom: .2rem; }
th, td { padding: .3rem .7rem .3rem 0; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td { font-variant-numeric: tabular-nums; }
.full table { width: 100%; }
.full tr:last-child td { border-bottom: 0; }
.plain caption, .facts thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.facts td:first-child { color: var(--soft); white-space: nowrap; }
.facts td { overflow-wrap: anywhere; }
.lane { position: relative; min-width: 9rem; height: .8rem; margin-top: .35rem; }
.lane i { position: absolute; top: 0; height: 100%; min-width: 1px; }
.lane .queue, .key .queue { background: var(--queue); }
.lane .prefill, .key .prefill { background: var(--prefill); }
.lane .decode, .key .decode { background: var(--decode); }
.key i { display: inline-block; width: .8rem; height: .8rem; margin: 0 .3rem 0 .9rem; vertical-align: -1px; }
.key i:first-child { margin-left: 0; }
footer { margin-top: 3rem; padding-bottom: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 40rem) {
  body { font-size: 15px; }
  header, main, footer { padding-left: .8rem; padding-right: .8rem; }
  h1 { font-size: 1.35rem; }
  .step { padding: .6rem .7rem; }
  .lane { min-width: 6rem; }
  table { font-size: .82rem; }
  th { white-space: normal; }
  .tree :is(th, td):is(:nth-child(3), :nth-child(5), :nth-child(6)), .lanes :is(th, td):nth-child(n+4) { display: none; }
  th, td { padding-right: .45rem; }
}
@media print {
  :root { color-scheme: light; }
  body { font-size: 10.5pt; }
  nav { display: none; }
  header, main, footer { max-width: none; padding: 0; }
  .wide { overflow: visible; }
  .step { break-inside: auto; }
  h2, h3, h4, summary { break-after: avoid; }
  tr { break-inside: avoid; }
  .lane i, .key i { print-color-adjust: exact; }
  details::details-content { content-visibility: visible; height: auto; }
}
"""
