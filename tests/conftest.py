"""Tests read what vnb says, so it speaks English in them whatever the machine speaks; tests/locale says more."""

import os

os.environ["VNB_LANG"] = "en"
