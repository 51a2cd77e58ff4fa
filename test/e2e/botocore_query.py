"""Calls every SQS operation as clients of before November 2023 do: a form in, XML out (botocore 1.28's own model).

botocore drops elements that it does not know, so each raw reply is held against the model before it is parsed. The endpoint
and the key are the first three arguments of the program.
"""
import json
import sys
import xml.etree.ElementTree as ElementTree

import botocore.session
from botocore.exceptions import ClientError

endpoint, access_key, secret_key = sys.argv[1:4]
called, problems = set(), []


def expect(condition, where, what):
    if not condition:
        problems.append(f"{where}: {what}")


def local(element):
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def name_of(name, shape):
    """The name of the elements that hold a member. A flat list's are called after its entries."""
    entries = shape.member.serialization.get("name") if shape.type_name == "list" else None
    return entries or shape.serialization.get("name", name)


def check(shape, element, where):
    """Checks an element and all below it. SQS's lists and maps are flat: their entries stand among the members."""
    if shape.type_name == "structure":
        members = {name_of(name, member): member for name, member in shape.members.items()}
        for child in element:
            expect(local(child) in members, where, f"has the unknown element {local(child)}")
            if local(child) in members:
                check(members[local(child)], child, f"{where}.{local(child)}")
    elif shape.type_name == "list":
        expect(shape.serialization.get("flattened"), where, "is no flat list in the model")
        check(shape.member, element, where)
    elif shape.type_name == "map":
        names = (shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value"))
        expect(tuple(map(local, element)) == names, where, f"is no entry of a map: {[local(child) for child in element]}")
        if len(element) == 2:
            check(shape.value, element[1], where)
    else:
        expect(len(element) == 0, where, "is no text")
        if shape.type_name == "integer":
            expect((element.text or "").lstrip("-").isdigit(), where, f"{element.text!r} is no whole number")


def on_reply(http_response, parsed, model, **_):
    called.add(f"sqs.{model.name}")
    root = ElementTree.fromstring(http_response.content)
    if http_response.status_code >= 400:
        expect(local(root) == "ErrorResponse", model.name, f"an error in {local(root)}")
        expect([local(child) for child in root] == ["Error", "RequestId"], model.name, "an error of another shape")
        return
    expect(local(root) == f"{model.name}Response", model.name, f"a reply in {local(root)}")
    names = [local(child) for child in root]
    wrapper = model.output_shape.serialization["resultWrapper"] if model.output_shape else None
    expect(names == ([wrapper] if wrapper else []) + ["ResponseMetadata"], model.name, f"a reply of {names}")
    if wrapper and names[0] == wrapper:
        check(model.output_shape, root[0], model.name)


def fails(code, operation, **arguments):
    try:
        operation(**arguments)
        problems.append(f"{code}: the call did not fail")
    except ClientError as error:
        expect(error.response["Error"]["Code"] == code, code, f"got {error.response['Error']}")
        expect(error.response["Error"]["Type"] == "Sender", code, "is not the sender's fault")


sqs = botocore.session.get_session().create_client(
    "sqs", region_name="us-east-1", endpoint_url=endpoint, aws_access_key_id=access_key, aws_secret_access_key=secret_key
)
sqs.meta.events.register("after-call.sqs", on_reply)
expect(sqs.meta.service_model.metadata["protocol"] == "query", "botocore", "does not speak the query protocol")

dead = sqs.create_queue(QueueName="query-dead")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 5})
url = sqs.create_queue(QueueName="query", Attributes={"RedrivePolicy": redrive}, tags={"a": "b"})["QueueUrl"]
expect(sqs.get_queue_url(QueueName="query")["QueueUrl"] == url, "GetQueueUrl", "another URL")
expect(set(sqs.list_queues(QueueNamePrefix="query")["QueueUrls"]) == {url, dead}, "ListQueues", "not both queues")
expect(len(sqs.list_queues(QueueNamePrefix="query", MaxResults=1)["QueueUrls"]) == 1, "ListQueues", "no page of one")
expect(sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url], "dead letters", "not its source")
sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7", "DelaySeconds": "0"})
attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
expect(attributes["VisibilityTimeout"] == "7", "GetQueueAttributes", f"{attributes}")
sqs.tag_queue(QueueUrl=url, Tags={"k": "v", "n": "1"})
sqs.untag_queue(QueueUrl=url, TagKeys=["n"])
expect(sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"a": "b", "k": "v"}, "ListQueueTags", "other tags")
sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["123456789012"], Actions=["SendMessage"])
sqs.remove_permission(QueueUrl=url, Label="l")

BODY = '<a b="c">&\r\n\té€\U0001f600]]></a>'
values = {"text": {"DataType": "String", "StringValue": "v"}, "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
sqs.send_message(QueueUrl=url, MessageBody=BODY, MessageAttributes=values)
got = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"], WaitTimeSeconds=1)["Messages"]
expect([each["Body"] for each in got] == [BODY], "ReceiveMessage", f"{got}")
expect(got[0]["MessageAttributes"]["bytes"]["BinaryValue"] == b"\x00\xff", "ReceiveMessage", "other bytes")
handle = got[0]["ReceiptHandle"]
sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)
two = [{"Id": "1", "ReceiptHandle": handle}, {"Id": "2", "ReceiptHandle": "x"}]
changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[each | {"VisibilityTimeout": 9} for each in two])
expect([each["Id"] for each in changed["Successful"]] == ["1"], "ChangeMessageVisibilityBatch", f"{changed}")
expect([each["Code"] for each in changed["Failed"]] == ["ReceiptHandleIsInvalid"], "ChangeMessageVisibilityBatch", f"{changed}")
sqs.delete_message_batch(QueueUrl=url, Entries=two)
sent = sqs.send_message_batch(
    QueueUrl=url, Entries=[{"Id": str(n), "MessageBody": str(n), "MessageAttributes": values} for n in range(10)]
)
expect([each["Id"] for each in sent["Successful"]] == [str(n) for n in range(10)], "SendMessageBatch", f"{sent}")
one = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
sqs.delete_message(QueueUrl=url, ReceiptHandle=one)
left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
expect(left == {"ApproximateNumberOfMessages": "9"}, "GetQueueAttributes", f"{left}")

fails("AWS.SimpleQueueService.NonExistentQueue", sqs.get_queue_url, QueueName="nope")
fails("QueueAlreadyExists", sqs.create_queue, QueueName="query", Attributes={"VisibilityTimeout": "9"})
fails("InvalidAttributeName", sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Nonsense"])
fails("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes={"VisibilityTimeout": "999999"})
fails("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="x")
fails("InvalidMessageContents", sqs.send_message, QueueUrl=url, MessageBody="\x01")
fails("AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])
twice = [{"Id": "1", "MessageBody": "a"}] * 2
fails("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", sqs.send_message_batch, QueueUrl=url, Entries=twice)
sqs.purge_queue(QueueUrl=url)
fails("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)
sqs.delete_queue(QueueUrl=url)

fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
url = sqs.create_queue(QueueName="query.fifo", Attributes=fifo)["QueueUrl"]
number = sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")["SequenceNumber"]
got = sqs.receive_message(QueueUrl=url, AttributeNames=["All"], ReceiveRequestAttemptId="r")["Messages"][0]
expect(got["Attributes"]["SequenceNumber"] == number and got["Attributes"]["MessageGroupId"] == "g", "FIFO", f"{got}")

everything = [f"sqs.{name}" for name in sqs.meta.service_model.operation_names]
print(json.dumps({"called": sorted(called), "problems": problems, "all_sqs": sorted(everything)}))
