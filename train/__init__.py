"""How vnb-tiny is made: tasks, tokenizer, training, conversion, evaluation. Needs torch; never imported by vnb."""
