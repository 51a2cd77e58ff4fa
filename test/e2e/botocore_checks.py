"""Holds each raw reply against the official service model in botocore.

boto3 itself forgives a lot: it drops members that it does not know and does not miss those that are required. So the
raw body is looked at before it is parsed. The endpoint and the key are the first three arguments of the program.
"""
import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, access_key, secret_key = sys.argv[1:4]
called, errors, problems = set(), {}, []

# Errors that AWS sends without listing them with each operation (or at all).
COMMON = {
    "AccessDeniedException", "InvalidParameterValueException", "MissingRequiredParameterException",
    "ValidationException", "SerializationException", "UnknownOperationException", "ValidationError",
}


def expect(condition, where, what):
    if not condition:
        problems.append(f"{where}: {what}")


def check(shape, value, where):
    kind = shape.type_name
    if kind == "structure":
        expect(isinstance(value, dict), where, f"{value!r} is no structure")
        if not isinstance(value, dict):
            return
        for name in shape.required_members:
            expect(name in value, where, f"lacks {name}")
        for name, member in value.items():
            expect(name in shape.members, where, f"has the unknown member {name}")
            if name in shape.members:
                check(shape.members[name], member, f"{where}.{name}")
    elif kind == "list":
        expect(isinstance(value, list), where, f"{value!r} is no list")
        for i, item in enumerate(value if isinstance(value, list) else []):
            check(shape.member, item, f"{where}[{i}]")
    elif kind == "map":
        expect(isinstance(value, dict), where, f"{value!r} is no map")
        for key, item in (value.items() if isinstance(value, dict) else []):
            check(shape.key, key, f"{where} key")
            check(shape.value, item, f"{where}[{key}]")
    elif kind in ("integer", "long"):
        expect(type(value) is int, where, f"{value!r} is no {kind}")
    elif kind in ("double", "float", "timestamp"):
        expect(type(value) in (int, float), where, f"{value!r} is no {kind}")
    elif kind == "boolean":
        expect(type(value) is bool, where, f"{value!r} is no boolean")
    elif kind == "blob":
        try:
            base64.b64decode(value, validate=True)
        except Exception:
            problems.append(f"{where}: {value!r} is no base64")
    elif kind == "string":
        expect(isinstance(value, str), where, f"{value!r} is no string")
        enum = getattr(shape, "enum", None)
        if enum:
            expect(value in enum, where, f"{value!r} is not one of {enum}")
    else:
        problems.append(f"{where}: unexpected kind of shape {kind}")


def inspect(operation_model, response_dict, **_):
    name = f"{operation_model.service_model.service_name}.{operation_model.name}"
    called.add(name)
    if operation_model.service_model.service_name == "sts":
        return
    body = json.loads(response_dict["body"] or b"{}")
    if response_dict["status_code"] < 300:
        if operation_model.output_shape is not None:
            check(operation_model.output_shape, body, name)
        else:
            expect(body == {}, name, f"should be empty, is {body}")
        return
    code = body.get("__type", "").split("#")[-1]
    modelled = {shape.name for shape in operation_model.error_shapes}
    expect(code in modelled | COMMON, name, f"error {code} is not modelled")
    expect(isinstance(body.get("message"), str) and body["message"], name, "error without message")


def client(name):
    made = boto3.client(
        name, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=access_key,
        aws_secret_access_key=secret_key, config=Config(retries={"max_attempts": 0, "mode": "standard"}),
    )
    made.meta.events.register(f"before-parse.{name}", inspect)
    return made


def fails(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        actual = error.response["Error"]["Code"]
        expect(actual == code, call.__name__, f"failed with {actual}, not {code}")
    else:
        problems.append(f"{call.__name__}: should have failed with {code}")
