"""The words with which ordinary instruction-tuned models are asked, in English and in Chinese.

They are plain and literal: a small model takes figures of speech at their word and copies what it is shown. The planner
is shown examples as earlier turns of the chat, since small models follow those far better than a description.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..core.types import Role


@dataclass(frozen=True)
class Words:
    """The prompts in one language.

    Attributes:
        system: What each step is told first; `language` takes the place of its braces.
        same_language: That sentence where the language is not known.
        instruction: The instructions of the reserved steps, and `work` for a whole task in one step.
        headings: The heading of each kind of part; `{}` is its source.
        examples: Tasks with their plans, for the planner.
        verbs: What a model can do: the first word of every planned instruction.
        longest: The most characters of a planned instruction.
        end: The mark that ends a sentence.
        retry: What a second try is told; `{}` is what was wrong with the first.
        echo: That an answer only repeated its instruction.
        code: What a step that writes a program is told last, in place of `system`.
        compute: The same for a step that has variables; `{}` are their names.
        variables: What such a step is told of its variables; `{}` are their names and types.
        table: What the planner is told, in place of its instruction, to name the columns of a table.
        tables: Lists with their columns, for the planner.
        fill: The instruction of the map that makes a row of each item.
        list: What stands in the place of a list; `{}` is the number of its items.
        failed: What is wrong with a program; `{}` is its error.
        section: The instruction of a part of the answer that the task names; `{}` is its name.
        length: How long it says that such a part is to be: three sentences.
        outline: What the parts of an outline are told of each other; `{}` are their names.
        extract: The instruction of a map over a long input for a question: what it copies is looked for in the passage.
        digest: The same for any other task.
        judge: The instruction of the step that names the best of several answers.
        independent: What the planner is told besides, where the steps are the parts of an outline.
    """

    system: str
    language: str
    same_language: str
    instruction: dict[Role, str]
    headings: dict[str, str]
    examples: tuple[tuple[str, str], ...]
    verbs: tuple[str, ...]
    longest: int
    end: str
    retry: str
    echo: str
    code: str
    compute: str
    variables: str
    table: str
    tables: tuple[tuple[str, str], ...]
    fill: str
    list: str
    failed: str
    section: str
    length: str
    outline: str
    extract: str
    digest: str
    judge: str
    independent: str

    @property
    def pattern(self) -> str:
        """The regular expression of an instruction: a verb from the list, then one sentence."""
        gap = " " if self.end == "." else ""
        return rf'^({"|".join(self.verbs)}){gap}[^\n"\\]{{4,{self.longest}}}{"[.]" if self.end == "." else "。"}$'


def _plan(deliver: str, *steps: tuple[str, str, str]) -> str:
    """A plan as the planner writes it: (title, instruction, needs) of each step."""
    written = [
        {"id": f"s{number}", "title": title, "instruction": instruction, "needs": needs.split()}
        for number, (title, instruction, needs) in enumerate(steps, 1)
    ]
    return json.dumps({"steps": written, "deliver": deliver.split()}, ensure_ascii=False, separators=(",", ":"))


def _table(texts: str, numbers: str) -> str:
    """Columns as the planner names them."""
    columns = [{"name": name, "type": "text"} for name in texts.split()]
    columns += [{"name": name, "type": "number"} for name in numbers.split()]
    return json.dumps({"columns": columns}, ensure_ascii=False, separators=(",", ":"))


ENGLISH = Words(
    system=(
        "You write one part of the answer to a task. You are given the task, the results that your part needs, and then "
        "what your part is. Write only that part, in full, and begin with it at once. If something has to be calculated, "
        "calculate it line by line. "
    ),
    language="Write in {}.",
    same_language="Write in the language of the task unless it asks for another.",
    instruction={
        "understand": (
            "Copy from the task, word for word, as JSON: `goal`: the sentence that says what to do. `deliverable`: the "
            "words that name what to write; empty if there are none. `constraints`: every condition that the answer has "
            "to meet, such as its length, its form, or what it must or must not contain; an empty list if there are none. "
            "Copy only. Do not answer the task."
        ),
        "plan": (
            "You divide a task into steps for a language model. You do not do the task.\n"
            "A step can write, explain, compare, calculate, translate or rewrite text. It is shown the task and the "
            "results of the steps that it needs. It cannot browse the web, look anything up, ask anyone, buy, book or "
            "visit anything.\n"
            "Answer with JSON. `steps`: {low} to {high} steps, as few as possible; each has an `id`, a `title`, an "
            "`instruction` (one sentence that says what to write) and `needs` (the ids of earlier steps whose results it "
            "must read). A part that can be written from the task alone needs nothing. `deliver`: the ids of all steps "
            "whose results the user asked for, in order.\n"
            "Every part that the task names is a step. Something short, or a question with one answer, is one step."
        ),
        "review": (
            "Above are the task, the results so far, the steps that are not finished, and the problems. Decide how the "
            "steps that are not finished have to change so that the task is done. Answer with JSON. `changes`: a list; "
            "each change has an `op`: `add` a step (a new id; an id such as s2.1 makes it a part of s2), `reword` a step "
            "that is not finished (its id, with a new instruction and needs), or `drop` one (its id). Finished steps "
            "cannot be changed."
        ),
        "integrate": (
            "Write the complete answer to the task from the results above. Keep all that the task asks for, say nothing "
            "twice, and add no facts."
        ),
        "work": "Do the whole task now.",
    },
    headings={
        "task": "# Task",
        "input": "# Input: {}",
        "item": "# Passage",
        "brief": "# What the answer has to be like",
        "doc": "# Passage: {}",
        "result": "# Result of {}",
        "note": "# {}",
        "work": "# Your part",
        "other": "# What to do now",
    },
    examples=(
        (
            "Compare tea and coffee: taste, health and price. Then say which one to serve at a meeting.",
            _plan(
                "s1 s2 s3 s4",
                ("Taste", "Compare the taste of tea and coffee.", ""),
                ("Health", "Compare how tea and coffee affect health.", ""),
                ("Price", "Compare what tea and coffee cost.", ""),
                ("Which one to serve", "Say which one to serve at a meeting and why.", "s1 s2 s3"),
            ),
        ),
        (
            "Write an article about chess.",
            _plan(
                "s1 s2 s3 s4",
                ("What chess is", "Explain what chess is.", ""),
                ("The history of chess", "Describe the history of chess.", ""),
                ("Why chess matters", "Explain why chess matters to people.", ""),
                ("The future of chess", "Describe how chess may change in the future.", ""),
            ),
        ),
    ),
    verbs=tuple(
        "Write Describe Explain List Name Compare Summarize Summarise Outline Draft Compose Translate Rewrite Rephrase Edit "
        "Shorten Expand Calculate Work Add Subtract Multiply Divide Count Find Extract Select Sort Order Rank "
        "Group Classify Evaluate Assess Analyze Analyse Discuss Define Give State Suggest Propose Answer Decide Recommend "
        "Check Create Design Implement Combine Introduce Conclude Present Plan Prepare Develop Formulate Identify Convert "
        "Derive Prove Solve Determine Show Say Report Correct Improve Estimate Predict Argue Justify Invent "
        "Generate Complete Quote Interpret Contrast Relate".split()
    ),
    longest=150,
    end=".",
    retry="Note: an earlier answer was wrong. {}",
    echo="It only repeated the instruction. Write the text itself, at least one paragraph.",
    code=(
        "Write a Python program that computes the answer. Follow the text sentence by sentence: before each line of code "
        "write a comment that says what the sentence tells. End with `answer = …`. Write only the code."
    ),
    compute="Write a Python function `solve({})` that returns the answer. Write only the code.",
    variables="These Python variables exist already: {}.",
    table=(
        "You design a table for the items of a list: one row for each item, one column for each kind of fact that the items "
        "state. Answer with JSON."
    ),
    tables=(
        (
            (
                "Here are the expenses of a trip:\n- 3 March: Eva paid 40 euros for the hotel.\n- Petrol, 25 euros, paid by "
                "Max on 4 March.\n\nHow much did Eva pay?"
            ),
            _table("date payer purpose", "euros"),
        ),
        (
            (
                "Our staff:\n1. Lena Weber, nurse, 34 years old, 12 years with us\n2. Tim Roth (porter), 51 years, joined 3 "
                "years ago\n\nWhat is the average age of the nurses?"
            ),
            _table("name job", "age years"),
        ),
    ),
    fill=(
        "Fill in the JSON object from the text. Copy the words of the text; write numbers as digits; leave empty what the text "
        "does not say."
    ),
    list="(a list of {} items)",
    failed="Note: an earlier program failed: {}. Write the whole program again, corrected.",
    section='Write the section "{}", at least three sentences.',
    length="at least three sentences",
    outline="The answer has these sections, which are written at the same time: {}.",
    extract="Copy, word for word, the sentences of the passage that answer the question. If there are none, answer: nothing",
    digest="Sum up for the task what the passage says, in at most three sentences.",
    judge="Which of these answers does the task best? Answer with its name only.",
    independent="No step needs another one: all are written at the same time.",
)

CHINESE = Words(
    system="你写一项任务的答案中的一部分，写得完整、具体，直接从内容写起。需要计算时，一行一行地算出来。",
    language="用{}写。",
    same_language="用任务所用的语言写，除非任务要求用别的语言。",
    instruction={
        "understand": (
            "从任务中逐字抄出以下内容，写成 JSON：`goal`：说明要做什么的那句话。`deliverable`：任务中指出要写什么的词语，"
            "没有就留空。`constraints`：答案必须满足的每一个条件，例如长度、形式、必须或不得包含的内容，没有就是空列表。"
            "只抄写，不要回答任务。"
        ),
        "plan": (
            "你把一项任务分成若干步骤，交给语言模型去做。你自己不做任务。\n"
            "一个步骤可以写作、解释、比较、计算、翻译或改写文字。它能看到任务，以及它需要的那些步骤的结果。"
            "它不能上网、查资料、问人、购买、预订或前往任何地方。\n"
            "用 JSON 回答。`steps`：{low} 到 {high} 个步骤，越少越好；每个步骤有 `id`、`title`（标题）、`instruction`"
            "（一句话，说明写什么）和 `needs`（它必须读到结果的、前面的步骤的 id）。只凭任务就能写的部分，`needs` 为空。"
            "`deliver`：用户要求得到其结果的所有步骤的 id，按顺序排列。\n"
            "任务点名的每一部分都是一个步骤。很短的内容，或者只有一个答案的问题，只用一个步骤。"
        ),
        "review": (
            "上面是任务、目前的结果、还没有完成的步骤和出现的问题。请决定还没有完成的步骤要怎样改，任务才能完成。"
            "用 JSON 回答。`changes` 是一个列表，每项有 `op`：`add` 增加一个步骤"
            "（新的 id；像 s2.1 这样的 id 表示它是 s2 的一部分），"
            "`reword` 改写一个没有完成的步骤（它的 id，新的 instruction 和 needs），或 `drop` 去掉一个（它的 id）。"
            "已经完成的步骤不能改。"
        ),
        "integrate": "根据上面的结果，写出这项任务的完整答案。保留任务要求的全部内容，不要重复，不要添加新的事实。",
        "work": "现在完成整个任务。",
    },
    headings={
        "task": "# 整个任务",
        "input": "# 输入：{}",
        "item": "# 内容",
        "brief": "# 对答案的要求",
        "doc": "# 资料：{}",
        "result": "# {} 的结果",
        "note": "# {}",
        "work": "# 现在只写其中这一部分",
        "other": "# 现在要做的事",
    },
    examples=(
        (
            "比较茶和咖啡的味道、健康影响和价格，然后说明开会时应该准备哪一种。",
            _plan(
                "s1 s2 s3 s4",
                ("味道", "比较茶和咖啡的味道。", ""),
                ("健康影响", "比较茶和咖啡对健康的影响。", ""),
                ("价格", "比较茶和咖啡的价格。", ""),
                ("开会时的选择", "说明开会时应该准备哪一种以及理由。", "s1 s2 s3"),
            ),
        ),
        (
            "写一篇关于围棋的文章",
            _plan(
                "s1 s2 s3 s4",
                ("什么是围棋", "说明围棋是什么。", ""),
                ("围棋的历史", "介绍围棋的历史。", ""),
                ("围棋的意义", "说明围棋对人们有什么意义。", ""),
                ("围棋的未来", "说明围棋今后会怎样发展。", ""),
            ),
        ),
    ),
    verbs=tuple(
        "写 撰写 编写 起草 描写 描述 介绍 说明 解释 阐述 论述 讲述 叙述 列出 列举 比较 对比 分析 讨论 总结 概括 归纳 整理 "
        "翻译 改写 缩写 扩写 润色 修改 计算 算出 求出 统计 找出 选出 提取 摘录 排列 分类 评价 评估 判断 推荐 建议 提出 给出 "
        "回答 定义 设计 制定 规划 安排 准备 创作 证明 推导 解答 确定 展示 引用 指出 补充 完成 生成 回顾 展望 探讨 "
        "梳理 合并 用 把 将 从 对 根据 结合".split()
    ),
    longest=70,
    end="。",
    retry="注意：上一次的答案不对。{}",
    echo="它只重复了要求。请写出具体内容，至少写一段。",
    code=(
        "请写一段 Python 程序，算出答案。按题目一句一句地写：每行代码前写一行注释，说明这句话的意思。最后一行是 `answer = …`。"
        "只写代码。"
    ),
    compute="请写一个 Python 函数 `solve({})`，返回答案。只写代码。",
    variables="已有这些 Python 变量：{}。",
    table="你为一个列表设计表格：每项一行，各项说到的每一种事实一列。用 JSON 回答。",
    tables=(
        (
            "下面是旅行的开支：\n- 3月3日：小雅付了40元住宿费。\n- 汽油，25元，3月4日由小林支付。\n\n小雅付了多少钱？",
            _table("日期 付款人 用途", "金额"),
        ),
        (
            "我们的员工：\n1. 李娜，护士，34岁，工作12年\n2. 王强（搬运工），51岁，3年前入职\n\n护士的平均年龄是多少？",
            _table("姓名 职务", "年龄 工作年数"),
        ),
    ),
    fill="根据文字填写 JSON 对象。照抄文字的原话，数字写成阿拉伯数字；文字没有说的留空。",
    list="（列表，共{}项）",
    failed="注意：上一次写的程序出错：{}。请改正后重新写出整段程序。",
    section="“{}”。围绕这个主题写一段话，至少三句，写出具体的做法或例子。",
    length="至少三句",
    outline="答案由这几部分组成，各部分同时写：{}。",
    extract="从下面的内容中逐字抄出能回答问题的句子。如果没有，只回答：无",
    digest="针对任务概括下面的内容，最多三句话。",
    judge="这些答案中哪一个最好地完成了任务？只回答它的名称。",
    independent="各步骤互不依赖，同时进行。",
)


def words(language: str) -> Words:
    """The prompts for a task in that language, by its English name: Chinese ones for Chinese, else English ones."""
    return CHINESE if language == "Chinese" else ENGLISH


NAMES_IN_CHINESE = {
    "English": "英文",
    "Chinese": "中文",
    "Japanese": "日文",
    "Korean": "韩文",
    "French": "法文",
    "German": "德文",
    "Spanish": "西班牙文",
    "Russian": "俄文",
    "Italian": "意大利文",
    "Portuguese": "葡萄牙文",
    "Dutch": "荷兰文",
    "Arabic": "阿拉伯文",
}
"""Languages as Chinese prompts name them; others stand by their English name."""
