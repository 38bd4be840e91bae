"""FID, KID, precision and recall: against closed forms, and against torch-fidelity on folders of picture files."""

from __future__ import annotations

import math
import re
import tracemalloc
from importlib import import_module
from importlib.util import find_spec

import keras
import numpy as np
import pytest
from plain_features import coloured, many

from zoo import ZooError
from zoo.pictures import RGB, to_uint8, write_picture

if find_spec("torch_fidelity") is None:
    pytest.skip("needs the extra perceptual", allow_module_level=True)

from zoo_perceptual.fid import FID
from zoo_perceptual.kid import KID
from zoo_perceptual.libraries import imported
from zoo_perceptual.precision_recall import Precision, Recall

torch = imported("torch")
torch_fidelity = imported("torch_fidelity")

COLOURS = "plain_features:mean_colours"
KINDS = [FID, KID, Precision, Recall]


def figure(metric, target, translated):
    metric.update_state(target, translated)
    return metric.result()


def random_pictures(seed, count=24, size=6, channels=3):
    random = np.random.default_rng(seed)
    shift = random.uniform(-0.3, 0.3, (count, 1, 1, channels))
    noise = random.uniform(-0.6, 0.6, (count, size, size, channels))
    return (shift + noise).astype("float32")


# === Against closed forms ===


def test_fid_of_gaussians_is_the_closed_form():
    # Deviations from the means whose covariances, over 6 - 1, are known: diagonal, and turned by 45 degrees.
    a, b, c, t, u, w = 20, 40, 10, 12, 30, 25
    along = np.array([[a, 0, 0], [0, b, 0], [0, 0, c]])
    turned = np.array([[t, t, 0], [u, -u, 0], [0, 0, w]])
    target = coloured(np.array([128, 100, 90]) + np.concatenate([along, -along]))
    translated = coloured(np.array([118, 130, 95]) + np.concatenate([turned, -turned]))
    share = 2 / 5
    first = share * np.diag([a**2, b**2])
    second = share * np.array([[t**2 + u**2, t**2 - u**2], [t**2 - u**2, t**2 + u**2]])
    product = first @ second
    # The trace of a 2 x 2 matrix's square root, by its own trace and determinant.
    root = math.sqrt(np.trace(product) + 2 * math.sqrt(np.linalg.det(product)))
    traces = np.trace(first) + np.trace(second) - 2 * root + share * (c - w) ** 2
    expected = 10**2 + 30**2 + 5**2 + traces
    assert figure(FID(features=COLOURS), target, translated) == pytest.approx(expected, rel=1e-5)


def test_fid_of_fewer_pictures_than_features_is_the_librarys():
    target, translated = random_pictures(18, 30), random_pictures(19, 20)
    library = torch_fidelity.metric_fid
    statistics = [
        library.fid_features_to_statistics(torch.from_numpy(many(to_uint8(pictures))))
        for pictures in (translated, target)
    ]
    expected = library.fid_statistics_to_metric(*statistics, verbose=False)
    found = figure(FID(features="plain_features:many"), target, translated)
    assert found == pytest.approx(expected["frechet_inception_distance"], rel=1e-4)


def kernel(first, second):
    return (first @ second.T / first.shape[1] + 1) ** 3


def unbiased(first, second):
    """The squared maximum mean discrepancy, unbiased, in float64."""
    n, m = len(first), len(second)
    within = sum(
        (kernel(x, x).sum() - np.trace(kernel(x, x))) / (len(x) * (len(x) - 1))
        for x in (first, second)
    )
    return within - 2 * kernel(first, second).sum() / (n * m)


def test_kid_is_the_unbiased_estimate():
    random = np.random.default_rng(0)
    target, translated = random.integers(0, 40, (2, 30, 3)).astype("float64")
    found = figure(KID(features=COLOURS), coloured(target), coloured(translated))
    assert found == pytest.approx(unbiased(translated, target), rel=1e-4)


def test_kid_of_more_pictures_is_the_mean_over_subsets():
    random = np.random.default_rng(1)
    target, translated = random.integers(0, 40, (60, 3)), random.integers(10, 60, (60, 3))
    pictures = coloured(target), coloured(translated)
    whole = figure(KID(features=COLOURS), *pictures)
    one, many, again = (
        figure(KID(features=COLOURS, subsets=subsets, subset_size=10), *pictures)
        for subsets in (1, 200, 200)
    )
    assert many == again
    assert many == pytest.approx(whole, rel=0.05)
    assert one != pytest.approx(whole, rel=0.05)


def test_kid_of_sets_of_different_sizes_takes_as_many_of_each():
    target, translated = random_pictures(0, 20), random_pictures(1, 12)
    metric = KID(features=COLOURS, subsets=3)
    library = torch_fidelity.metric_kid
    features = [
        torch.from_numpy(to_uint8(pictures).mean(axis=(1, 2)).astype("float32"))
        for pictures in (translated, target)
    ]
    expected = library.kid_features_to_metric(
        *features, kid_subsets=3, kid_subset_size=12, verbose=False
    )
    assert figure(metric, target, translated) == pytest.approx(
        expected["kernel_inception_distance_mean"], rel=1e-6
    )


def test_precision_and_recall_are_shares_within_reach():
    # Grey levels. Each target reaches 10 to either side; the translated 15 and 25 reach 10, 90 and 95 reach 5.
    target = [[grey] * 3 for grey in (10, 20, 30, 200, 210)]
    translated = [[grey] * 3 for grey in (15, 25, 90, 95)]
    arguments = {"features": COLOURS, "neighbours": 1}
    pictures = coloured(target), coloured(translated)
    assert figure(Precision(**arguments), *pictures) == pytest.approx(2 / 4)
    assert figure(Recall(**arguments), *pictures) == pytest.approx(3 / 5)


def test_equal_sets_are_perfect():
    pictures = random_pictures(2)
    for kind, perfect in zip(KINDS, (0, 0, 1, 1), strict=True):
        # Unbiased, KID of a set with itself is below 0.
        metric = kind(features=COLOURS)
        found = figure(metric, pictures, pictures[::-1])
        assert found <= 0 if kind is KID else found == pytest.approx(perfect, abs=1e-2)


# === Against the library ===


class Colours(torch_fidelity.FeatureExtractorBase):  # type: ignore[name-defined]
    """The same features as the library registers its own."""

    def __init__(self, name, features_list, **_):
        super().__init__(name, features_list)

    @staticmethod
    def get_provided_features_list():
        return ("colours",)

    def forward(self, pictures):
        return (pictures.float().mean(dim=(2, 3)),)


def test_files_give_the_library_the_same_figures(tmp_path):
    torch_fidelity.register_feature_extractor("mean-colours", Colours)
    sets = {"target": random_pictures(3), "translated": random_pictures(4)}
    for name, pictures in sets.items():
        (tmp_path / name).mkdir()
        for index, picture in enumerate(pictures):
            write_picture(tmp_path / name / f"{index:03}.png", RGB.from_network(picture))
    layers = {f"feature_layer_{kind}": "colours" for kind in ("fid", "kid", "prc")}
    expected = torch_fidelity.calculate_metrics(
        input1=str(tmp_path / "translated"),
        input2=str(tmp_path / "target"),
        feature_extractor="mean-colours",
        fid=True,
        kid=True,
        prc=True,
        kid_subsets=7,
        kid_subset_size=10,
        cuda=False,
        save_cpu_ram=True,
        verbose=False,
        **layers,
    )
    metrics = {
        "frechet_inception_distance": FID(features=COLOURS),
        "kernel_inception_distance_mean": KID(features=COLOURS, subsets=7, subset_size=10),
        "precision": Precision(features=COLOURS),
        "recall": Recall(features=COLOURS),
    }
    for metric in metrics.values():
        for start in (0, 10, 20):
            metric.update_state(*(pictures[start : start + 10] for pictures in sets.values()))
    found = {name: metric.result() for name, metric in metrics.items()}
    assert 0 < found["precision"] < 1
    assert found == pytest.approx({name: expected[name] for name in metrics}, rel=1e-5)


# === The user's own features ===


def test_a_keras_network_extracts_features(tmp_path):
    pool = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.GlobalAveragePooling2D()])
    pool.save(tmp_path / "pool.keras")
    target, translated = random_pictures(5), random_pictures(6)
    by_network = figure(FID(features=str(tmp_path / "pool.keras")), target, translated)
    by_function = figure(FID(features=COLOURS), target, translated)
    # A network gets [-1, 1], a function [0, 255].
    assert by_network * 127.5**2 == pytest.approx(by_function, rel=1e-4)


WRONG = {
    "all_together": (
        "plain_features:all_together gives features of the shape (1, 3) for 5 pictures; expected a row for each, (5, D)"
    ),
    "only_large": (
        "plain_features:only_large gives no features for pictures of 6 x 6 x 3: the pictures are too small"
    ),
    "missing": (
        "the features plain_features:missing cannot be imported: module 'plain_features' has no attribute 'missing'; "
        "the module must be installed, or on the Python path"
    ),
    "brightness": "fid needs two features of a picture at least; plain_features:brightness gives one",
}


@pytest.mark.parametrize("name", WRONG)
def test_features_that_cannot_be_used_are_refused(name):
    with pytest.raises(ZooError, match=f"^{re.escape(WRONG[name])}$"):
        figure(FID(features=f"plain_features:{name}"), random_pictures(0, 5), random_pictures(1, 5))


def test_a_file_that_is_no_network_is_refused(tmp_path):
    file = tmp_path / "broken.keras"
    file.write_bytes(b"nothing")
    with pytest.raises(
        ZooError, match=rf"^the features of {re.escape(str(file))} cannot be used: "
    ):
        figure(FID(features=str(file)), random_pictures(0), random_pictures(1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"weights": "no.pth"},
            "there is no file no.pth; name a file of weights, or leave weights out",
        ),
        ({"features": "no.keras"}, "there is no file no.keras; features are to be read from it"),
        (
            {"features": "colours"},
            "features are 'colours'; expected a Keras network, as path/to/network.keras, or a function, as "
            "package.module:function",
        ),
        (
            {"features": COLOURS, "weights": __file__},
            "features take the place of the network that weights are for; give one of them",
        ),
    ],
)
def test_arguments_are_checked_at_once(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Precision(**arguments)


# === What they take, and what they keep ===


@pytest.mark.parametrize("kind", KINDS)
def test_batches_do_not_matter_and_a_reset_forgets(kind):
    target, translated = random_pictures(7), random_pictures(8)
    one, many = kind(features=COLOURS), kind(features=COLOURS)
    expected = figure(one, target, translated)
    many.update_state(translated, target)
    many.reset_state()
    for start in range(0, 24, 5):
        many.update_state(target[start : start + 5], translated[start : start + 5])
    assert many.result() == pytest.approx(expected, rel=1e-6)


def test_tensors_of_any_library():
    target, translated = random_pictures(9), random_pictures(10)
    expected = figure(FID(features=COLOURS), target, translated)
    tensors = keras.ops.convert_to_tensor(target), torch.tensor(translated, requires_grad=True)
    assert figure(FID(features=COLOURS), *tensors) == pytest.approx(expected)


def test_grey_is_repeated_and_other_channels_are_refused():
    grey = random_pictures(11, channels=1), random_pictures(12, channels=1)
    expected = figure(KID(features=COLOURS), *(np.repeat(part, 3, axis=-1) for part in grey))
    assert figure(KID(features=COLOURS), *grey) == expected
    message = (
        "kid looks at pictures as a network for photographs does, grey or in colour, but these have 4 channels; "
        "leave it out of the metrics"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        figure(KID(features=COLOURS), *(random_pictures(0, channels=4),) * 2)


def test_weights_and_holes():
    target, translated = random_pictures(13), random_pictures(14)
    expected = figure(FID(features=COLOURS), target[:20], translated[:20])
    padded = FID(features=COLOURS)
    padded.update_state(target, translated, np.arange(24) < 20)
    assert padded.result() == pytest.approx(expected)
    # In a hole a translated picture counts as its target, and what is a hole alone does not count.
    mask = np.ones((24, 6, 6, 1), "float32")
    mask[20:] = 0
    mask[:20, :3] = 0
    filled = np.where(mask > 0, translated, target)
    expected = figure(FID(features=COLOURS), target[:20], filled[:20])
    with_holes = FID(features=COLOURS)
    with_holes.update_state(target, np.where(mask > 0, translated, np.nan), mask)
    assert with_holes.result() == pytest.approx(expected)


def test_features_are_kept_and_not_pictures():
    metric = FID(features=COLOURS)
    pictures = random_pictures(15, 8, size=64)
    metric.update_state(pictures, pictures + 0.001)
    tracemalloc.start()
    for index in range(10):
        metric.update_state(pictures, pictures + index / 100)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < pictures.nbytes / 4


def test_metrics_share_the_features_of_a_batch(tmp_path, monkeypatch):
    (tmp_path / "counting_features.py").write_text(
        "seen = []\ndef features(pictures):\n    seen.append(len(pictures))\n    return pictures.mean(axis=(1, 2))\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    target, translated = random_pictures(16, 10), random_pictures(17, 10)
    for kind in (FID, KID):
        metric = kind(features="counting_features:features")
        for _ in range(2):
            metric.update_state(target, translated)
    assert import_module("counting_features").seen == [10, 10]


@pytest.mark.parametrize(("kind", "least"), list(zip(KINDS, (2, 2, 4, 4), strict=True)))
def test_too_few_pictures_give_no_figure(kind, least):
    metric = kind(features=COLOURS)
    assert math.isnan(metric.result())
    assert math.isnan(figure(metric, random_pictures(0, least - 1), random_pictures(1, least - 1)))
    assert metric.note(least - 1) == f"over {least - 1} pictures, but it needs at least {least}"
    metric.update_state(random_pictures(2, 1), random_pictures(3, 1))
    assert math.isfinite(metric.result())


def test_pictures_with_nan_give_nan_as_other_metrics_do():
    pictures = random_pictures(0)
    broken = pictures.copy()
    broken[3, 0, 0, 0] = np.nan
    assert math.isnan(figure(FID(features=COLOURS), pictures, broken))


def test_notes_tell_how_many_pictures():
    few = "; of so few it comes out too high, and KID tells more"
    assert FID().note(28) == f"over 28 pictures{few}"
    assert FID(layer=64).note(28) == f"over 28 pictures, by InceptionV3's layer of 64 features{few}"
    assert FID().note(2000) == "over 2,000 pictures"
    assert FID(features=COLOURS).note(3000) == f"over 3,000 pictures, by the features of {COLOURS}"
    assert KID().note(1000) == "over 1,000 pictures"
    assert KID().note(1001) == "over 1,001 pictures; the mean of 100 subsets of 1,000"
    assert Precision().note(28) == Recall().note(28) == "over 28 pictures"


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_eager_needs_no_pairs_and_survives_a_file(kind):
    assert (kind.eager, kind.paired) == (True, False)
    assert kind()._direction == ("down" if kind in (FID, KID) else "up")
    metric = kind(name="mine", features=COLOURS)
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(metric))
    assert type(restored) is kind
    assert restored.get_config() == metric.get_config()
    assert restored.name == "mine"
