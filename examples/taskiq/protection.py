"""Task scale-in protection for ECS workers: while work is in hand, ECS does not choose this task when the count is lowered.

Nothing but the standard library, so that any worker (TaskIQ, Celery, a plain loop) can take this file as it is. Source:
Amazon ECS Developer Guide, "Task scale-in protection endpoint".
"""

import json
import logging
import os
import threading
import urllib.error
import urllib.request

log = logging.getLogger("protection")


class Protection:
    """Counts jobs in hand. The first one protects the task, the last one to end releases it.

    Does nothing where there is no ECS agent. Never raises: a job is not lost because ECS could not be told.
    """

    def __init__(self, agent_uri: str | None = None, minutes: int = 10) -> None:
        """`minutes` (1 to 2880): protection ends by itself after so long, should the worker hang. More than a job takes."""
        self._uri = agent_uri if agent_uri is not None else os.environ.get("ECS_AGENT_URI")
        self._minutes = minutes
        self._jobs = 0
        self._protected = False
        self._lock = threading.Lock()

    def begin(self) -> None:
        """Before a job is worked on. Blocks until ECS has answered, for at most five seconds."""
        self._change(+1)

    def end(self) -> None:
        """After a job, however it went."""
        self._change(-1)

    def _change(self, by: int) -> None:
        # The lock is held while ECS is told, so that a release cannot overtake the protection that follows it.
        with self._lock:
            self._jobs = max(0, self._jobs + by)
            wanted = self._jobs > 0
            if self._uri and wanted != self._protected and self._tell(wanted):
                self._protected = wanted

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
        except OSError as error:
            answer = {"error": {"Code": type(error).__name__, "Message": str(error)}}
        if "protection" in answer:
            return True
        log.warning("task protection was not set to %s: %s", protect, answer.get("failure") or answer.get("error"))
        return False
