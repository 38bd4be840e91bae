import pytest
from ruamel.yaml import YAML

from zoo.data.inspection.proposal import Proposal, Size, propose_size

SQUEEZED = "the pictures are not square, and will be squeezed to one that is"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([(256, 256)], Size(256)),
        ([(1000, 1000)], Size(256)),
        ([(100, 100)], Size(96)),
        ([(28, 28)], Size(32)),
        ([(286, 280)], Size(256)),
        ([(400, 300)] * 3, Size(256, "scale_width_and_crop", "the pictures are higher than wide")),
        ([(300, 400)] * 3, Size(256, "crop", "the pictures are not square; nothing is squeezed")),
        ([(1080, 1920)] * 3, Size(256, None, SQUEEZED)),
        ([(300, 400)] * 3 + [(100, 400)], Size(256, None, SQUEEZED)),
    ],
)
def test_sizes(sizes, expected):
    assert propose_size(sizes) == expected


def test_yaml_has_comments_and_reads_back_as_it_was():
    dataset = {
        "name": "folder",
        "path": "strange # name: [1]",
        "paired": False,
        "source_format": {"classes": [[0, 0, 0], [1, 2, 3]]},
        "size": 64,
    }
    proposal = Proposal(dataset, {"paired": "different names"})
    assert proposal.to_yaml() == (
        "dataset:\n"
        "  name: folder\n"
        "  path: 'strange # name: [1]'\n"
        "  paired: false # different names\n"
        "  source_format: {classes: [[0, 0, 0], [1, 2, 3]]}\n"
        "  size: 64\n"
    )
    assert YAML(typ="safe").load(proposal.to_yaml()) == {"dataset": dataset}
