"""What a server allows: how large, how many, how long, and whom."""

from __future__ import annotations

from dataclasses import dataclass

from zoo import ZooError


@dataclass(frozen=True)
class Settings:
    """Limits of a server, and who may use it.

    Args:
        batch_size: most pictures, or tiles of larger ones, in one call of the network.
        queue: most requests that wait; a further one is answered 503.
        timeout: seconds from a request's head to its answer.
        most_bytes: of one request's body.
        most_pixels: of the pictures of one request together.
        token: what `Authorization: Bearer` must hold; None lets everybody in.
        hosts: names that the `Host` header may have, without a port; `*.example.org` is every name below that one, and
            `*`, or none, lets it have any.
        origins: of pages elsewhere that may use this server from a browser; `*` is every one.

    Raises:
        ZooError: if a number is out of its range, the token empty, or a host no name.
    """

    batch_size: int = 4
    queue: int = 64
    timeout: float = 60.0
    most_bytes: int = 20_000_000
    most_pixels: int = 4096 * 4096
    token: str | None = None
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("batch_size", "queue", "most_bytes", "most_pixels"):
            if getattr(self, name) < 1:
                raise ZooError(f"{name} is {getattr(self, name)}; expected 1 or more")
        if not self.timeout > 0:
            raise ZooError(f"timeout is {self.timeout}; expected more than 0 seconds")
        if self.token is not None and not self.token.strip():
            raise ZooError("the token is empty; give one, or leave it out to let everybody in")
        for host in self.hosts:
            if host != "*" and "*" in host.removeprefix("*."):
                raise ZooError(
                    f"the host {host} is no name; expected one such as zoo.example.org or *.example.org"
                )

    @property
    def workers(self) -> int:
        """Requests that are worked at: as many as fill a batch, and some to prepare the next one meanwhile."""
        return self.batch_size + 2

    @property
    def most_held(self) -> int:
        """Bytes of request bodies in memory at a time, all requests together."""
        return max(2**29, 2 * self.most_bytes)
