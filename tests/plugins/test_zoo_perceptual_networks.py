"""The networks of FID, precision, LPIPS and DISTS: as the libraries use them themselves, and where weights come from.

The weights are random: what is compared is what is done with them.
"""

from __future__ import annotations

import http.server
import pickle
import re
import threading
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest

from zoo import ZooError
from zoo.pictures import to_uint8

if find_spec("torch_fidelity") is None:
    pytest.skip("needs the extra perceptual", allow_module_level=True)

from zoo_perceptual.dists import DISTS
from zoo_perceptual.features import FeatureChoice, extractor
from zoo_perceptual.fid import FID
from zoo_perceptual.libraries import imported
from zoo_perceptual.lpips import LPIPS
from zoo_perceptual.precision_recall import Precision

torch = imported("torch")
torch_fidelity = imported("torch_fidelity")
models = imported("torchvision.models")
SQUEEZE = "squeezenet1_1-b8a52dc0.pth"
VGG = "vgg16-397923af.pth"
INCEPTION = "weights-inception-2015-12-05-6726825d.pth"


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Tests run beside each other: threads that wait for a processor make PyTorch many times slower."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def random_pictures(seed, count=3, size=40):
    return np.random.default_rng(seed).uniform(-1, 1, (count, size, size, 3)).astype("float32")


def as_torch(pictures):
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy())


def random_weights(shapes, head):
    """Weights that keep a signal's size; of the layers that `head` names, which take no part, one number each."""
    generator = torch.Generator().manual_seed(0)
    weights = {}
    for name, tensor in shapes.items():
        if name.startswith(head):
            weights[name] = torch.zeros(1).expand(tensor.shape)
        elif tensor.dim() > 1:
            scale = (2 / tensor[0].numel()) ** 0.5
            weights[name] = scale * torch.randn(tensor.shape, generator=generator)
        elif name.endswith("num_batches_tracked"):
            weights[name] = torch.zeros(tensor.shape, dtype=torch.int64)
        else:  # variances and scales are positive
            weights[name] = torch.rand(tensor.shape, generator=generator) + 0.1
    return weights


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """A cache of PyTorch's that holds VGG16 and SqueezeNet, as TORCH_HOME names it."""
    home = tmp_path_factory.mktemp("torch")
    folder = home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    for name, kind in ((SQUEEZE, models.squeezenet1_1), (VGG, models.vgg16)):
        with torch.device("meta"):
            shapes = kind(weights=None).state_dict()
        torch.save(random_weights(shapes, "classifier"), folder / name)
    return home


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache that holds nothing yet."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


def distances(metric, target, translated):
    found = metric.per_picture(target, translated)
    metric.update_state(target, translated)
    assert float(metric.result()) == pytest.approx(found.mean(), rel=1e-5)
    return found


# === As the libraries themselves ===


@pytest.mark.one_backend
@pytest.mark.parametrize("named", [True, False])
def test_lpips_is_torchmetrics(cache, monkeypatch, tmp_path, named):
    target, translated = random_pictures(0), random_pictures(1)
    monkeypatch.setenv("TORCH_HOME", str(cache))
    library = imported("torchmetrics.functional.image.lpips")
    expected = library.learned_perceptual_image_patch_similarity(
        as_torch(translated), as_torch(target), net_type="squeeze", reduction="none"
    ).flatten()
    weights = None
    if named:
        # The file of the user's is taken, whatever is in the cache, or is not.
        monkeypatch.setenv("TORCH_HOME", str(tmp_path))
        weights = str(cache / "hub" / "checkpoints" / SQUEEZE)
    found = distances(LPIPS(net="squeeze", weights=weights), target, translated)
    assert (expected > 1e-3).all()
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-5)
    assert Path(torch.hub.get_dir()) == Path(tmp_path if named else cache) / "hub"


@pytest.mark.one_backend
def test_dists_is_torchmetrics(cache, monkeypatch):
    target, translated = random_pictures(2), random_pictures(3)
    monkeypatch.setenv("TORCH_HOME", str(cache))
    library = imported("torchmetrics.functional.image.dists")
    expected = library.deep_image_structure_and_texture_similarity(
        (as_torch(translated) + 1) / 2, (as_torch(target) + 1) / 2
    ).detach()
    metric = DISTS(weights=str(cache / "hub" / "checkpoints" / VGG))
    assert (expected > 1e-3).all()
    np.testing.assert_allclose(distances(metric, target, translated), expected.numpy(), rtol=1e-4)
    one = metric.per_picture(target[:1], translated[:1])
    np.testing.assert_allclose(one, expected.numpy()[:1], rtol=1e-4)
    assert metric.per_picture(target, target) == pytest.approx(0, abs=1e-5)


def features(network, layer, weights, pictures):
    return extractor(FeatureChoice(network, layer, str(weights), None, "cpu"))(pictures)


@pytest.mark.one_backend
def test_inception_is_torch_fidelitys(tmp_path, monkeypatch):
    kind = torch_fidelity.FeatureExtractorInceptionV3
    with torch.device("meta"), monkeypatch.context() as patch:
        module = imported("torch_fidelity.feature_extractor_inceptionv3")
        patch.setattr(module, "load_state_dict_from_url", lambda *_, **__: {})
        patch.setattr(kind, "load_state_dict", lambda *_: None)
        shapes = kind("shapes", ["2048"]).state_dict()
    torch.save(random_weights(shapes, "fc."), tmp_path / INCEPTION)
    target, translated = (random_pictures(seed, 4, 32) for seed in (4, 5))
    library = kind("inception", ["64", "2048"], feature_extractor_weights_path=tmp_path / INCEPTION)
    small, large = library(torch.from_numpy(to_uint8(target).transpose(0, 3, 1, 2).copy()))
    found = features("inception", "2048", tmp_path / INCEPTION, to_uint8(target))
    np.testing.assert_allclose(found, large.numpy(), rtol=1e-4, atol=1e-6)
    found = features("inception", "64", tmp_path / INCEPTION, to_uint8(target))
    np.testing.assert_allclose(found, small.numpy(), rtol=1e-4, atol=1e-6)
    metric = FID(layer=64, weights=str(tmp_path / INCEPTION))
    metric.update_state(target, translated)
    assert np.isfinite(metric.result())


@pytest.mark.one_backend
@pytest.mark.slow
def test_precisions_features_are_torch_fidelitys(cache):
    file = cache / "with_head.pth"
    with torch.device("meta"):
        shapes = models.vgg16(weights=None).state_dict()
    torch.save(random_weights(shapes, "classifier.6"), file)
    pictures = to_uint8(random_pictures(6))
    library = torch_fidelity.FeatureExtractorVGG16(
        "vgg16", ["fc2_relu"], feature_extractor_weights_path=file
    )
    (expected,) = library(torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()))
    found = features("vgg16", "fc2_relu", file, pictures)
    assert found.std() > 1e-3
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-6)
    assert np.isfinite(
        figure(Precision(weights=str(file)), random_pictures(7, 5), random_pictures(8, 5))
    )


def figure(metric, target, translated):
    metric.update_state(target, translated)
    return metric.result()


# === Pairs: what they take ===


@pytest.fixture
def lpips(cache):
    return LPIPS(net="squeeze", weights=str(cache / "hub" / "checkpoints" / SQUEEZE))


def test_pieces_and_batches_do_not_matter(lpips, monkeypatch):
    target, translated = random_pictures(9, 5), random_pictures(10, 5)
    expected = lpips.per_picture(target, translated)
    monkeypatch.setattr("zoo_perceptual.pairs.PIXELS", 2 * 40 * 40)
    np.testing.assert_allclose(lpips.per_picture(target, translated), expected, rtol=1e-5)
    lpips.update_state(target[:3], translated[:3])
    lpips.update_state(target[3:], translated[3:])
    assert float(lpips.result()) == pytest.approx(expected.mean(), rel=1e-5)
    lpips.reset_state()
    tensors = keras.ops.convert_to_tensor(target), torch.tensor(translated, requires_grad=True)
    lpips.update_state(*tensors, np.array([1, 0, 0, 0, 1]))
    assert float(lpips.result()) == pytest.approx(expected[[0, 4]].mean(), rel=1e-5)


def test_holes_count_as_equal(lpips):
    target, translated = random_pictures(11), random_pictures(12)
    mask = np.ones((3, 40, 40, 1), "float32")
    mask[1, :20] = 0
    mask[2] = 0
    filled = np.where(mask > 0, translated, target)
    expected = lpips.per_picture(target, filled)
    with_nan = np.where(mask > 0, translated, np.nan)
    np.testing.assert_allclose(lpips.per_picture(target, with_nan, mask), expected, rtol=1e-6)
    assert expected[2] == 0
    lpips.update_state(target, with_nan, mask)
    assert float(lpips.result()) == pytest.approx(expected[:2].mean(), rel=1e-5)


@pytest.mark.one_backend
def test_grey_is_repeated(lpips):
    grey = random_pictures(13)[..., :1], random_pictures(14)[..., :1]
    expected = lpips.per_picture(*(np.repeat(part, 3, axis=-1) for part in grey))
    np.testing.assert_allclose(lpips.per_picture(*grey), expected)


@pytest.mark.one_backend
def test_pictures_that_are_too_small_are_refused(lpips):
    with pytest.raises(
        ZooError, match=r"^lpips cannot compare pictures of 4 x 4: .*Output size is too small$"
    ):
        lpips.per_picture(random_pictures(0, size=4), random_pictures(1, size=4))


def test_it_is_eager_and_survives_a_file(lpips):
    for metric in (lpips, DISTS(device="cuda")):
        assert metric.eager
        assert metric._direction == "down"
        assert metric.note(28) == "over 28 pictures"
        config = keras.saving.serialize_keras_object(metric)
        restored = keras.saving.deserialize_keras_object(config)
        assert type(restored) is type(metric)
        assert restored.get_config() == metric.get_config()


# === Where weights come from ===


@pytest.fixture
def server(cache):
    """Serves the cache's files, and tells its address."""
    handler = partial(Quiet, directory=str(cache / "hub" / "checkpoints"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def lpips_from(monkeypatch, address):
    monkeypatch.setattr(models.SqueezeNet1_1_Weights.DEFAULT.value, "url", address)
    return LPIPS(net="squeeze").per_picture(random_pictures(0), random_pictures(1))


@pytest.mark.one_backend
def test_weights_are_downloaded_once(cache, empty_cache, monkeypatch, server, lpips):
    import hashlib

    content = (cache / "hub" / "checkpoints" / SQUEEZE).read_bytes()
    name = f"squeezenet-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (cache / "hub" / "checkpoints" / name).write_bytes(content)
    found = lpips_from(monkeypatch, f"{server}/{name}")
    np.testing.assert_allclose(
        found, lpips.per_picture(random_pictures(0), random_pictures(1)), rtol=1e-6
    )
    assert (empty_cache / name).read_bytes() == content
    again = lpips_from(monkeypatch, f"http://127.0.0.1:9/{name}")
    np.testing.assert_array_equal(again, found)


@pytest.mark.one_backend
def test_weights_that_cannot_be_downloaded_are_named(empty_cache, monkeypatch):
    address = f"http://127.0.0.1:9/{SQUEEZE}"
    message = (
        f"the weights of SqueezeNet 1.1 cannot be downloaded ([Errno 111] Connection refused); fetch {address} and put "
        f"it at {empty_cache / SQUEEZE}, or name the file with weights"
    )
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        lpips_from(monkeypatch, address)
    assert not list(empty_cache.glob("*"))


@pytest.mark.one_backend
def test_a_download_with_another_checksum_is_not_kept(empty_cache, monkeypatch, server):
    with pytest.raises(ZooError, match=r"cannot be downloaded \(invalid hash value"):
        lpips_from(monkeypatch, f"{server}/{SQUEEZE}")
    assert not list(empty_cache.glob("*"))


class Hostile:
    def __reduce__(self):
        return Path.touch, (Path("executed"),)


@pytest.mark.one_backend
def test_a_file_that_would_run_code_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Path("hostile.pth").open("wb") as file:
        pickle.dump({"features.0.weight": Hostile()}, file)
    message = f"hostile.pth is no file of PyTorch weights, or a damaged one; expected {INCEPTION}"
    with pytest.raises(ZooError, match=f"^{re.escape(message)}$"):
        figure(FID(weights="hostile.pth"), random_pictures(0), random_pictures(1))
    assert not Path("executed").exists()


@pytest.mark.one_backend
def test_weights_of_another_network_are_refused(cache):
    file = str(cache / "hub" / "checkpoints" / SQUEEZE)
    for metric, title in ((FID(weights=file), "InceptionV3"), (DISTS(weights=file), "VGG16")):
        message = f"^{re.escape(f'{file} does not hold the weights of {title}')}$"
        with pytest.raises(ZooError, match=message):
            metric.update_state(random_pictures(0), random_pictures(1))


@pytest.mark.one_backend
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_told(cache):
    metric = LPIPS(
        net="squeeze", weights=str(cache / "hub" / "checkpoints" / SQUEEZE), device="cuda"
    )
    with pytest.raises(ZooError, match=r"^PyTorch finds no device cuda: .*; use device: cpu$"):
        metric.per_picture(random_pictures(0), random_pictures(1))
