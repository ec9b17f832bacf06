"""Cuts a Python process from the network; put this folder on PYTHONPATH and any interpreter obeys.

Sockets to this machine itself stay open, because Jupyter's kernels talk to their client through them. An
audit hook cannot be removed once it is set, so nothing a notebook does can reach around it from Python.
"""

import sys

_LOCAL = {"localhost", "127.0.0.1", "::1", "0.0.0.0", "", None}


def _refuse_remote(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # Unix sockets have a path where others have (host, port).
        host = address[0] if isinstance(address, tuple) else None
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host not in _LOCAL and not str(host).startswith("127."):
        raise ConnectionError(f"the network is cut here: no connection to {host}")


sys.addaudithook(_refuse_remote)
