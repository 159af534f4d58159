import { describe, expect, it } from "vitest";
import { type Command, magicOf } from "../src/core/commands";

/** Words that a cell must not change on their way into a variable. */
const WORDS = [
  "Write it in one sentence.",
  'Say "yes".',
  "a backslash at the end \\",
  "two lines\nof it",
  'ends with a quote\n"',
  'three """ and four """" of them\nand \\""" escaped',
  "a backslash at the end of a line \\\nand of the text \\",
  "\n  indented\n\n    and more\n",
  "%vrun other\n!ls\n? help?\nname = 1",
  ">>> a prompt\n>>> in every line",
  "first\n... and a line like a prompt\nIn [1]: another",
  "tab\tcarriage\r\nreturn\u0000null\u001b[0m\u0085next\u2028line",
  "{{not.filled}} $HOME {in} %s",
  "中文 🧠 עברית\n第二行",
];

const COMMANDS: readonly Command[] = [
  { name: "stop" },
  { name: "resume" },
  { name: "approve" },
  { name: "approve", plan: 's1 [title="a \\"b\\""]: Write\n    a\\\\b \\<- c\ns2: It is <- s1' },
  { name: "rerun", steps: [], down: true },
  { name: "rerun", steps: ["s1", "review.1"] },
  { name: "rerun", steps: ["s1"], down: true, settings: { temperature: "1.2", seed: "7", max_tokens: "40" } },
  { name: "rerun", steps: ["历史"], settings: { temperature: 'it\'s "hot"' } },
  { name: "choose", step: "s1", attempt: 2 },
  { name: "fork", at: null },
  { name: "fork", at: 12 },
  { name: "fork", at: "s2.1" },
  ...WORDS.map((instruction): Command => ({ name: "rerun", steps: ["s1"], instruction })),
];

describe("a command as a magic", () => {
  // tests/notebook/test_shared_magics.py reads the same file and says what each cell does.
  it("is what Python has checked; `vitest run --root . -u` writes it", async () => {
    const said = COMMANDS.map((command) => ({ command, magic: magicOf(command, "abc123") }));
    const text = `${JSON.stringify(said, null, 1)}\n`;
    await expect(text).toMatchFileSnapshot("../../tests/fixtures/written/magics.json");
  });

  it("is nothing where nothing is to be typed", () => {
    expect(magicOf({ name: "check_plan", plan: "s1: x" }, "abc123")).toBeNull();
  });
});
