"""The language of a text and the one that a task asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnb.reading.language import detect, language_of, wanted

WRITTEN = [
    ("编写一篇关于人工智能的文章", "Chinese"),
    ("Write an article about 北京 and its history", "English"),
    ("用Python写一个function来sort一个list", "Chinese"),
    ("写一篇关于 machine learning 和 deep learning 的文章", "Chinese"),
    ("Schreibe einen Text über Katzen.", "German"),
    ("Écris une phrase sur la mer.", "French"),
    ("Escribe tres frases sobre el mar.", "Spanish"),
    ("Scrivi una storia sul mare.", "Italian"),
    ("Escreva um texto sobre o mar.", "Portuguese"),
    ("Schrijf een tekst over de zee.", "Dutch"),
    ("Напиши рассказ о море.", "Russian"),
    ("海についての文章を書いてください。", "Japanese"),
    ("바다에 대해 글을 써 주세요.", "Korean"),
    ("اكتب مقالا عن البحر", "Arabic"),
    ("42", ""),
    ("x = 3", ""),
    ("", ""),
    ("```python\nprint('the and of')\n```", ""),
    ("Paris", ""),
    ("Los Angeles", ""),
    ("ok", ""),
    ("https://www.example.com/the/and/of", ""),
    ("Translate into English: Der Hund ist nicht im Haus und die Katze ist auch nicht da.", "English"),
    ("总结下面的文章：The cat sat on the mat and it was happy with the dog.", "Chinese"),
    ("Γράψε ένα κείμενο", "Greek"),
    ("כתוב סיפור קצר", "Hebrew"),
    ("เขียนเรื่องสั้น", "Thai"),
    ("समुद्र के बारे में लिखो", "Hindi"),
    ("Напиши про море і небо та їх кольори", "Ukrainian"),
    ("List three birds.", "English"),
    ("Skriv en berättelse om havet och fiskarna.", "Swedish"),
    ("Napisz opowiadanie o morzu.", "Polish"),
    ("Deniz hakkında bir hikaye yaz.", "Turkish"),
    ("Viết một câu chuyện về biển.", "Vietnamese"),
    ('{"a": 1, "b": [2, 3]}', ""),
    ("def f(x):\n    return x + 1", ""),
    ("What is the capital of France?", "English"),
    ("Bicycle", ""),
]

ASKED = [
    ("Write a poem about rain in German.", "German"),
    ("Translate this into French: Hello", "French"),
    ("Schreibe das auf Deutsch.", "German"),
    ("用英文写一篇关于茶的文章", "English"),
    ("把这句话翻译成法语：你好", "French"),
    ("write it in Chinese", "Chinese"),
    ("Write about the history of printing in German cities.", ""),
    ("Describe a walk in English gardens", ""),
    ("写一篇关于英文字母的文章", ""),
    ("Write a report on learning Chinese", ""),
    ("Answer in French.", "French"),
    ("In German, write a poem.", "German"),
    ("In German, nouns are capitalised. Explain why.", ""),
    ("How do you say cat in Japanese?", ""),
    ("What is the word for bread in French?", ""),
    ("Please respond in simple English only.", "English"),
    ("用英文字母给房间编号", ""),
    ("如何用英语写邮件", ""),
    ("介绍学习英语的方法", ""),
    ("请用英语回答", "English"),
    ("翻译成日文", "Japanese"),
    ("写一封英文邮件", "English"),
    ("写一篇关于英语作文的文章", ""),
    ("Write a short essay in Spanish about Madrid.", "Spanish"),
    ("Write in English and French.", ""),
    ("用中英双语写一段介绍", ""),
    ("他用英语写了一封信。请总结。", ""),
    ("Language: German", "German"),
    ("Réponds en anglais.", "English"),
    ("Écris un poème en français sur la mer", "French"),
    ("Explain how nouns work in German", ""),
    ("Can you explain gravity in Italian?", "Italian"),
    ("Don't write in English.", ""),
    ("Write a German translation of the poem.", "German"),
    ("Give me an English summary.", "English"),
    ("Write a story. The text must be in Portuguese.", "Portuguese"),
    ("Translate the following from German to English: Hallo", "English"),
    ("以英文撰写摘要", "English"),
    ("输出语言：英文", "English"),
    ("全文用法语", "French"),
    ("Use English only.", "English"),
    ("Write about English grammar", ""),
    ("Tell me about a man who lived in French Guiana", ""),
    ("Write a story about a girl who speaks in French accents", ""),
    ("Напиши письмо на английском", "English"),
    ("英語で書いてください", "English"),
    ("영어로 써 주세요", "English"),
    ("In three sentences, in Dutch, describe the sea.", "Dutch"),
    ("Review a French novel", ""),
    ("Make a list of books written in German.", ""),
    ("Summarize in Chinese the plot of Hamlet", "Chinese"),
    ("用中文回答：What is DNA?", "Chinese"),
    ("用一句话、用英文介绍长城", "English"),
    ("Name three words in English that rhyme", ""),
    ("Write a two-line poem in Mandarin.", "Chinese"),
    ("Write the answer in Chinese, not in English.", "Chinese"),
]


@pytest.mark.parametrize(("text", "language"), WRITTEN)
def test_the_language_of_a_text(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize(("text", "language"), ASKED)
def test_the_language_that_a_task_asks_for(text: str, language: str) -> None:
    assert wanted(text) == language


def test_the_deliverable_is_in_the_language_of_the_task_unless_another_is_asked_for() -> None:
    assert language_of("编写一篇关于人工智能的文章") == "Chinese"
    assert language_of("用英文写一篇关于人工智能的文章") == "English"
    assert language_of("Write a letter to the city of 北京, in German.") == "German"


@given(st.text())
def test_every_text_has_a_language_or_none(text: str) -> None:
    assert isinstance(language_of(text), str)
