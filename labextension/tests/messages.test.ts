/** What the front end says, in every language that it has. */

import { afterEach, expect, test } from "vitest";
import cases from "../../tests/locale/cases.json";
import zhCN from "../../vnb/locale/zh_CN.json";
import { counted, languageOf, type Message, partKind, speak, t, word } from "../src/ui/messages";
import { learn, told } from "../src/ui/told";
import * as ZH_CN from "../src/ui/zh_CN";

afterEach(() => {
  speak("en");
  learn({});
});

const MESSAGES = Object.keys(ZH_CN.WORDS) as Message[];

function holes(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([hole]) => hole).sort();
}

test.each(MESSAGES)("%s has the same values in Chinese as in English", (message) => {
  expect(holes(ZH_CN.WORDS[message])).toEqual(holes(t(message)));
});

test.each(Object.keys(ZH_CN.COUNTED) as (keyof typeof ZH_CN.COUNTED)[])("%s is counted in Chinese", (message) => {
  expect(holes(ZH_CN.COUNTED[message])).toEqual(["{n}"]);
});

// Names that are the same everywhere, values alone, and forms that a plan or a Python program has.
const ALIKE = /^(vnb|Tok\/s|[^a-z]*|.*(?:tok\/s).*)$/;

test.each(MESSAGES)("%s is translated", (message) => {
  const english = t(message);
  if (!ALIKE.test(english.replace(/\{\w+\}/g, ""))) expect(ZH_CN.WORDS[message]).toMatch(/\p{Script=Han}/u);
});

test.each(["zh-CN", "zh_CN", "zh", "ZH-cn", "zh-Hans-CN", "zh-TW"])("%s is Simplified Chinese", (tag) => {
  speak(languageOf(tag));
  expect(t("steps")).toBe("步骤");
  expect(counted("tokens", 1)).toBe("1 个词元");
  expect(counted("tokens", 1204)).toBe("1,204 个词元");
  expect(t("stepsOf", { done: 1, planned: 3 })).toBe("1/3 个步骤");
  expect(word("reused")).toBe("已重用");
  expect(partKind("result")).toBe("结果");
});

test.each(["en", "en-US", "default", "", undefined, "fr", "zhx"])("%s is English", (tag) => {
  speak(languageOf(tag));
  expect(t("steps")).toBe("Steps");
  expect(counted("tokens", 1)).toBe("1 token");
  expect(counted("tokens", 2)).toBe("2 tokens");
});

test("what has no word is said as it is", () => {
  speak("zh_CN");
  expect(word("something")).toBe("something");
  expect(partKind("something")).toBe("something");
});

test.each(cases.cases as [string, string][])("%j is told as in Python", (english, translated) => {
  learn(cases.templates);
  expect(told(english)).toBe(translated);
});

test("what a run says in English is told in Chinese", () => {
  learn(zhCN);
  expect(told("s2 did not run")).toBe("s2 没有运行");
  expect(told("The run has no step 's9'.")).toBe("这次运行没有步骤 's9'。");
});

test("without templates a message is told as it is", () => {
  expect(told("s2 did not run")).toBe("s2 did not run");
});
