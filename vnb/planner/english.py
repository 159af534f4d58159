"""The prompts in English."""

from __future__ import annotations

from .wording import Words, plan, table

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
            plan(
                "s1 s2 s3 s4",
                ("Taste", "Compare the taste of tea and coffee.", ""),
                ("Health", "Compare how tea and coffee affect health.", ""),
                ("Price", "Compare what tea and coffee cost.", ""),
                ("Which one to serve", "Say which one to serve at a meeting and why.", "s1 s2 s3"),
            ),
        ),
        (
            "Write an article about chess.",
            plan(
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
    variables="These Python variables exist already:\n{}",
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
            table("date payer purpose", "euros"),
        ),
        (
            (
                "Our staff:\n1. Lena Weber, nurse, 34 years old, 12 years with us\n2. Tim Roth (porter), 51 years, joined 3 "
                "years ago\n\nWhat is the average age of the nurses?"
            ),
            table("name job", "age years"),
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
    check=(
        "Judge the results above by this alone. Answer with JSON: `reason`: one sentence; `good`: true if it holds, false if "
        "it does not."
    ),
    judge="Which of these answers does the task best? Answer with its name only.",
    independent="No step needs another one: all are written at the same time.",
)
