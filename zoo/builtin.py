"""The built-in plugin: what zoo itself registers, through the same hooks as any other plugin."""

from __future__ import annotations

from pathlib import Path

from zoo.hookspecs import Register, hookimpl

PIX2PIX = "1611.07004"
CYCLEGAN = "1703.10593"


@hookimpl
def register_models(register: Register) -> None:
    """Register pix2pix."""
    register(
        "pix2pix",
        "zoo.models.pix2pix:pix2pix",
        summary="conditional GAN on pairs: adversarial plus weighted reconstruction losses",
        paper=PIX2PIX,
    )


@hookimpl
def register_generators(register: Register) -> None:
    """Register the networks that paint."""
    register(
        "unet",
        "zoo.networks.unet:unet",
        summary="encoder and decoder with skip connections, any depth",
        paper=PIX2PIX,
    )
    register(
        "resnet",
        "zoo.networks.resnet:resnet",
        summary="residual blocks at a quarter of the size, CycleGAN's network",
        paper=CYCLEGAN,
    )


@hookimpl
def register_discriminators(register: Register) -> None:
    """Register the networks that judge."""
    register(
        "patchgan",
        "zoo.networks.patchgan:patchgan",
        summary="judges overlapping patches; 3 layers see 70 x 70 pixels",
        paper=PIX2PIX,
    )
    register(
        "multiscale_patchgan",
        "zoo.networks.multiscale_patchgan:multiscale_patchgan",
        summary="a PatchGAN for each of several scales, as pix2pixHD has it",
        paper="1711.11585",
    )
    register(
        "pixelgan",
        "zoo.networks.pixelgan:pixelgan",
        summary="judges every pixel by itself",
        paper=PIX2PIX,
    )


@hookimpl
def register_adversarial_losses(register: Register) -> None:
    """Register the objectives of both players."""
    register(
        "vanilla",
        "zoo.losses.adversarial:Vanilla",
        summary="binary cross-entropy on logits",
        paper="1406.2661",
    )
    register(
        "lsgan",
        "zoo.losses.adversarial:LeastSquares",
        summary="least squares against 1 and 0",
        paper="1611.04076",
    )
    register(
        "hinge",
        "zoo.losses.adversarial:Hinge",
        summary="hinge at 1 and -1",
        paper="1705.02894",
    )


@hookimpl
def register_reconstruction_losses(register: Register) -> None:
    """Register losses between a fake and its target."""
    register("l1", "keras.losses:MeanAbsoluteError", summary="mean absolute error", paper=PIX2PIX)
    register("l2", "keras.losses:MeanSquaredError", summary="mean squared error")
    register("huber", "keras.losses:Huber", summary="squared near zero, absolute beyond delta")
    register("ssim", "zoo.losses.ssim:SSIM", summary="one minus structural similarity")
    register(
        "perceptual",
        "zoo.losses.perceptual:Perceptual",
        summary="distance of VGG features",
        paper="1603.08155",
    )
    register(
        "feature_matching",
        "zoo.losses.feature_matching:FeatureMatching",
        summary="distance of the discriminator's own features",
        paper="1711.11585",
    )
    register(
        "total_variation",
        "zoo.losses.total_variation:TotalVariation",
        summary="differences between neighbouring pixels of the fake",
        paper="1603.08155",
    )


@hookimpl
def register_datasets(register: Register) -> None:
    """Register people's own folders: pairs, piles, and pictures that sources are made from."""
    register(
        "folder",
        "zoo.data.folder:folder",
        summary="side-by-side files, two folders paired by file name, or two unpaired piles",
    )
    register(
        "derived",
        "zoo.data.derived.dataset:derived",
        summary="one folder of pictures, and sources that are made from them: edges, grey, reduced, with a hole",
    )


@hookimpl
def register_metrics(register: Register) -> None:
    """Register the figures on held-out pictures."""
    register(
        "l1", "zoo.metrics.pixel:L1", summary="mean absolute error on [-1, 1]; lower is better"
    )
    register(
        "psnr",
        "zoo.metrics.pixel:PSNR",
        summary="peak signal-to-noise ratio in dB; higher is better",
    )
    register(
        "ssim",
        "zoo.metrics.ssim:SSIM",
        summary="structural similarity; 1 is perfect",
    )
    register(
        "ms_ssim",
        "zoo.metrics.ms_ssim:MSSSIM",
        summary="structural similarity over five scales, of 161 x 161 pixels or more; 1 is perfect",
    )
    register(
        "pixel_accuracy",
        "zoo.metrics.labels:PixelAccuracy",
        summary="of label maps, the share of pixels that get their class",
    )
    register(
        "class_accuracy",
        "zoo.metrics.labels:ClassAccuracy",
        summary="of label maps, that share of each class, and its mean over classes",
    )
    register(
        "iou",
        "zoo.metrics.labels:MeanIoU",
        summary="of label maps, mean intersection over union of the classes",
    )
    register(
        "fcn_score",
        "zoo.metrics.fcn_score:FCNScore",
        summary="how well a segmentation network that you name finds the labels in translated pictures",
        paper=PIX2PIX,
    )


@hookimpl
def register_optimizers(register: Register) -> None:
    """Register Keras's optimizers."""
    register("adam", "keras.optimizers:Adam", summary="Adam", paper="1412.6980")
    register(
        "adamw", "keras.optimizers:AdamW", summary="Adam with weight decay", paper="1711.05101"
    )
    register("rmsprop", "keras.optimizers:RMSprop", summary="RMSprop")
    register("sgd", "keras.optimizers:SGD", summary="gradient descent, with momentum if asked")


@hookimpl
def register_schedules(register: Register) -> None:
    """Register the learning rate's courses."""
    register("constant", "zoo.schedules:constant", summary="the same learning rate throughout")
    register(
        "linear_decay",
        "zoo.schedules:linear_decay",
        summary="constant at first, then linearly towards zero",
        paper=PIX2PIX,
    )
    register("step", "zoo.schedules:step", summary="lower by a factor every so many epochs")
    register(
        "cosine", "zoo.schedules:cosine", summary="half a cosine wave down", paper="1608.03983"
    )
    register(
        "plateau",
        "zoo.schedules:plateau",
        summary="lower when a figure stops getting better",
    )


@hookimpl
def register_exporters(register: Register) -> None:
    """Register the formats for deployment."""
    register(
        "keras",
        "zoo.export.formats.keras_file:KerasFile",
        summary="one `.keras` file, for Keras on any backend",
    )
    register(
        "saved_model",
        "zoo.export.formats.saved_model:SavedModel",
        summary="a versioned SavedModel for TensorFlow Serving, on floats and on encoded pictures",
        needs="tensorflow_serving",
        extra="pix2pix-zoo[serving]",
    )
    register(
        "litert",
        "zoo.export.formats.litert:LiteRT",
        summary="one `.tflite` file for phones and small devices: float32, float16 or 8-bit integers",
        needs="ai_edge_litert",
        extra="pix2pix-zoo[litert]",
    )
    register(
        "onnx",
        "zoo.export.formats.onnx:ONNX",
        summary="one `.onnx` file for ONNX Runtime and what else reads it",
        needs="onnxruntime",
        extra="pix2pix-zoo[onnx]",
    )
    register(
        "openvino",
        "zoo.export.formats.openvino:OpenVINO",
        summary="OpenVINO's representation, for Intel's processors",
        needs="openvino",
        extra="pix2pix-zoo[openvino]",
    )


@hookimpl
def register_recipes(register: Register) -> None:
    """Register the recipes that travel with zoo."""
    for path in sorted(recipe_folder().glob("*.yaml")):
        register(path.stem, path, summary=first_comment(path))


@hookimpl
def register_commands(register: Register) -> None:
    """Register the subcommands."""
    register(
        "train",
        "zoo.cli.train:train",
        summary="Train a recipe; everything it makes is in one run directory.",
    )
    register(
        "resume",
        "zoo.cli.train:resume",
        summary="Go on with a run that was stopped, from its last checkpoint.",
    )
    register(
        "translate", "zoo.cli.translate:translate", summary="Translate pictures with a trained run."
    )
    register(
        "evaluate",
        "zoo.cli.evaluate:evaluate",
        summary="Evaluate a run or an export: figures with intervals and baselines, and examples.",
    )
    register(
        "export",
        "zoo.cli.export:export",
        summary="Export a run for TensorFlow Serving, LiteRT, ONNX, OpenVINO or a browser, and prove it.",
    )
    register("runs", "zoo.cli.runs:runs", summary="List runs with their figures.")
    register(
        "watch",
        "zoo.cli.report:watch",
        summary="Show a run's report in a browser, while it is trained too.",
    )
    register(
        "compare",
        "zoo.cli.report:compare",
        summary="Compare runs on one page: figures, pictures, curves, recipes.",
    )
    register(
        "data",
        "zoo.cli.data:data",
        summary="Look at pictures before training, and at what a network will see of them.",
    )
    register(
        "validate",
        "zoo.cli.recipes:validate",
        summary="Check a recipe without training; says every problem at once.",
    )
    register(
        "recipes", "zoo.cli.recipes:recipes", summary="List the recipes that can be run by name."
    )
    register("copy", "zoo.cli.recipes:copy", summary="Copy a recipe, to make it your own.")
    register(
        "schema", "zoo.cli.recipes:schema", summary="Print the JSON Schema of recipes, for editors."
    )
    register(
        "list", "zoo.cli.components:list_components", summary="List components, all or of one kind."
    )
    register(
        "show",
        "zoo.cli.components:show",
        summary="Show a component: arguments, defaults, provider, paper.",
    )
    register(
        "plugins", "zoo.cli.components:plugins", summary="List plugins and what is wrong with them."
    )


def recipe_folder() -> Path:
    """Return the folder of the shipped recipes: inside the package if installed, beside it in a checkout."""
    here = Path(__file__).parent
    installed = here / "recipes"
    return installed if installed.is_dir() else here.parent / "recipes"


def first_comment(path: Path) -> str:
    """Return a recipe file's first comment line that is not an editor's; it is the recipe's summary."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            text = line.strip()
            if text.startswith("#") and "yaml-language-server" not in text:
                return text.lstrip("# ")
            if text and not text.startswith("#"):
                break
    return ""
