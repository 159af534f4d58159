from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch

from . import extension

extension.install()

from vnb.engines.exllamav2.folder import read_folder  # noqa: E402
from vnb.engines.exllamav2.loading import bring_in  # noqa: E402
from vnb.engines.exllamav2.wording import FolderWording  # noqa: E402

bring_in("sdpa")

from .model import HOME, VOCABULARY, Weights, install  # noqa: E402


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """vnb-tiny as a folder of safetensors."""
    return Path(shutil.copytree(HOME, tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture(scope="session")
def unclean(tiny: Path) -> torch.Tensor:
    """Tokens that are no whole characters."""
    wording = FolderWording(read_folder(tiny))
    return torch.tensor(
        [token for token in range(VOCABULARY) if "\ufffd" in wording.bytes_of(token).decode("utf-8", "replace")]
    )


@pytest.fixture
def weights(unclean: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> Weights:
    weights = Weights()
    weights.unclean = unclean
    install(weights, monkeypatch)
    return weights
