"""Task scale-in protection for ECS workers: while work is in hand, ECS does not choose this task when the count is lowered.

Nothing but the standard library, so that any worker can take this file as it is. Source: Amazon ECS Developer Guide,
"Task scale-in protection endpoint".
"""

import json
import logging
import os
import threading
import time
import urllib.error
import urllib.request

log = logging.getLogger("protection")


class Protection:
    """Protects the task from the first job in hand to the last one.

    Does nothing where there is no ECS agent. Never raises: a job is not lost because ECS could not be told.
    """

    def __init__(self, agent_uri: str | None = None, minutes: int = 60) -> None:
        """`minutes` (1 to 2880): protection ends by itself after so long, should the worker hang. At least twice what
        the longest job takes, since a job that begins renews it only when half of the time is over."""
        self._uri = agent_uri if agent_uri is not None else os.environ.get("ECS_AGENT_URI")
        self._minutes = minutes
        self._jobs: set[str] = set()
        self._until = 0.0  # monotonic seconds; 0 when not protected
        self._lock = threading.Lock()

    def begin(self, job: str) -> None:
        """Notes that a job is in hand. Blocks until ECS has answered, for at most five seconds."""
        with self._lock:
            self._jobs.add(job)
            self._settle()

    def end(self, job: str) -> None:
        """Notes that a job has ended, however it went."""
        with self._lock:
            self._jobs.discard(job)
            self._settle()

    def _settle(self) -> None:
        # The lock is held while ECS is told, so that a release cannot overtake the protection that follows it.
        if not self._uri:
            return
        now = time.monotonic()
        if self._jobs and self._until - now < self._minutes * 30 and self._tell(True):
            self._until = now + self._minutes * 60
        elif not self._jobs and self._until and self._tell(False):
            self._until = 0.0

    def _tell(self, protect: bool) -> bool:
        body: dict[str, object] = {"ProtectionEnabled": protect}
        if protect:
            body["ExpiresInMinutes"] = self._minutes
        request = urllib.request.Request(
            f"{self._uri}/task-protection/v1/state",
            data=json.dumps(body).encode(),
            headers={"content-type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as error:
            # DEPLOYMENT_BLOCKED and the like are told in the body.
            answer = {"error": {"Code": error.code, "Message": error.read(500).decode(errors="replace")}}
        except (OSError, ValueError) as error:
            answer = {"error": {"Code": type(error).__name__, "Message": str(error)}}
        if "protection" in answer:
            return True
        log.warning("task protection was not set to %s: %s", protect, answer.get("failure") or answer.get("error"))
        return False
