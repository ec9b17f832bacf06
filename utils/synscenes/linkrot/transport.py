"""One request, one answer: HTTP from the standard library, to an address that was looked at before.

The environment's proxy settings are not used, because a proxy would connect where we have not looked.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from collections.abc import Iterator

from synscenes.linkrot.addresses import Target
from synscenes.linkrot.policy import Trouble


class _Direct(http.client.HTTPConnection):
    """A connection to the target's vetted address; the host's name serves for TLS and for the Host header."""

    def __init__(self, target: Target, timeout: float) -> None:
        super().__init__(target.host, target.port, timeout=timeout)
        self.target = target

    def connect(self) -> None:
        try:
            self.sock = socket.create_connection((self.target.address, self.target.port), self.timeout)
        except TimeoutError:
            raise
        except OSError as error:
            raise Trouble(
                "unreachable", f"no connection to {self.target.host} ({error})", again=True
            ) from None
        if self.target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.target.host)


@contextlib.contextmanager
def ask(target: Target, headers: dict[str, str], timeout: float) -> Iterator[http.client.HTTPResponse]:
    """Send a GET and yield the response with its body unread; the connection is closed afterwards.

    Raises Trouble for whatever the network does.
    """
    connection = _Direct(target, timeout)
    try:
        with _send(connection, target, headers) as response:
            yield response
    finally:
        connection.close()


def read_some(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return what has arrived of the body, at least one byte and at most ``most``; b"" at its end. Raises Trouble."""
    with _network_errors():
        return response.read1(most)


def _send(connection: _Direct, target: Target, headers: dict[str, str]) -> http.client.HTTPResponse:
    default = {"http": 80, "https": 443}[target.scheme]
    host = f"[{target.host}]" if ":" in target.host else target.host
    if target.port != default:
        host = f"{host}:{target.port}"
    with _network_errors():
        connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
        # "identity": the bytes as they are; a checksum of a compressed transfer would be the transfer's.
        for name, value in {
            "Host": host,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **headers,
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse()


@contextlib.contextmanager
def _network_errors() -> Iterator[None]:
    """Turn what http.client and sockets raise into Trouble."""
    try:
        yield
    except TimeoutError:
        raise Trouble("time-out", "the server fell silent", again=True) from None
    except ssl.SSLCertVerificationError as error:
        raise Trouble("unreachable", f"the certificate does not hold: {error.verify_message}") from None
    except (OSError, http.client.HTTPException) as error:
        said = str(error) or type(error).__name__
        raise Trouble("cut short", f"the connection broke off ({said})", again=True) from None
    except ValueError as error:
        raise Trouble("refused", f"the request can't be written: {error}") from None
