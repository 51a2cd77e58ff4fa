"""Calls AWS with boto3, which checks every parameter against AWS's own service models.

One JSON line in: {"service", "operation", "params"}; one out: {"ok": reply} or {"error": "Code: message"}.
The endpoint is the first argument.
"""
import json
import re
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

clients = {}


def call(service, operation, params):
    if service not in clients:
        clients[service] = boto3.client(
            service,
            endpoint_url=sys.argv[1],
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
    method = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()
    reply = getattr(clients[service], method)(**params)
    reply.pop("ResponseMetadata", None)
    return reply


for line in sys.stdin:
    try:
        answer = {"ok": call(**json.loads(line))}
    except (BotoCoreError, ClientError, AttributeError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=str), flush=True)
