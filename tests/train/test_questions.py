from train.questions import OUT, text


def test_the_tasks_that_come_with_vnb_are_those_that_the_generator_makes() -> None:
    assert OUT.read_text(encoding="utf-8") == text()
