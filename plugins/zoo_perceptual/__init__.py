"""FID, KID, precision, recall, LPIPS and DISTS: figures of how pictures look, by networks trained on photographs."""

from zoo import Register, hookimpl

EXTRA = "pix2pix-zoo[perceptual]"


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the metrics of sets and of pairs."""
    register(
        "fid",
        "zoo_perceptual.fid:FID",
        summary="Fréchet inception distance of two sets of pictures; lower is better",
        paper="1706.08500",
        needs="torch_fidelity",
        extra=EXTRA,
    )
    register(
        "kid",
        "zoo_perceptual.kid:KID",
        summary="kernel inception distance of two sets of pictures, for small sets too; lower is better",
        paper="1801.01401",
        needs="torch_fidelity",
        extra=EXTRA,
    )
    register(
        "precision",
        "zoo_perceptual.precision_recall:Precision",
        summary="share of translated pictures that look like some target; 1 is perfect",
        paper="1904.06991",
        needs="torch_fidelity",
        extra=EXTRA,
    )
    register(
        "recall",
        "zoo_perceptual.precision_recall:Recall",
        summary="share of targets that look like some translated picture; 1 is perfect",
        paper="1904.06991",
        needs="torch_fidelity",
        extra=EXTRA,
    )
    register(
        "lpips",
        "zoo_perceptual.lpips:LPIPS",
        summary="learned perceptual distance of a picture from its target; lower is better",
        paper="1801.03924",
        needs="torchmetrics",
        extra=EXTRA,
    )
    register(
        "dists",
        "zoo_perceptual.dists:DISTS",
        summary="distance in structure and texture of a picture from its target; lower is better",
        paper="2004.07728",
        needs="torchmetrics",
        extra=EXTRA,
    )
