"""JupyterHub for a room: one machine, a system user for each learner, one read-only cache of the course's files.

Used as ``jupyterhub -f course/classroom/jupyterhub_config.py``; README.md in this folder says what comes before.
"""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub gives it)
HERE = Path(__file__).resolve().parent

# The files that lessons use: fetched and drawn once by whoever sets the room up, then closed for writing.
CACHE = os.environ.get("SYNSCENES_ROOM_CACHE", "/srv/synscenes/cache")
# Learners' processes share the cores: one thread each, or they slow each other down a hundredfold.
THREADS = os.environ.get("SYNSCENES_ROOM_THREADS", "1")

c.JupyterHub.bind_url = os.environ.get("SYNSCENES_ROOM_ADDRESS", "http://:8000")
# Whoever has an account on this machine may come in, with its password.
c.Authenticator.allow_all = True
c.PAMAuthenticator.open_sessions = False

# Each learner's server begins by laying fresh copies of the lessons into the learner's home, as that user.
c.Spawner.cmd = [sys.executable, str(HERE / "learner_server.py")]
c.Spawner.default_url = "/lab/tree/from-synsets-to-scenes/00_start_here.ipynb"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.Spawner.environment = {
    "SYNSCENES_HOME": CACHE,
    "SYNSCENES_OFFLINE": "1",
    "OMP_NUM_THREADS": THREADS,
    "OPENBLAS_NUM_THREADS": THREADS,
    "MKL_NUM_THREADS": THREADS,
}
