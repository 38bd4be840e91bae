"""How figures on held-out pictures are called."""

from __future__ import annotations

# In the order in which model cards tell them.
NAMES = {
    "psnr": "PSNR",
    "l1": "L1",
    "ssim": "SSIM",
    "ms_ssim": "MS-SSIM",
    "lpips": "LPIPS",
    "dists": "DISTS",
    "kid": "KID",
    "fid": "FID",
    "iou": "IoU",
}
UNITS = {"psnr": "dB"}


def label_of(name: str) -> str:
    """Return how a figure is called: by its usual name, or its own in words."""
    return NAMES.get(name, name.replace("_", " "))
