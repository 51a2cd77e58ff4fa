"""Calls every operation of SQS, SSM and STS with boto3, and holds each reply against the official service model.

Prints one JSON object: the operations called, and what was wrong.

Usage: botocore_shapes.py ENDPOINT ACCESS_KEY SECRET_KEY
"""
import json

from botocore_checks import called, client, expect, fails, problems


def sqs_standard(sqs):
    dead = sqs.create_queue(QueueName="shapes-dead", tags={"a": "b"})["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url = sqs.create_queue(QueueName="shapes", Attributes={"RedrivePolicy": redrive, "VisibilityTimeout": "0"})["QueueUrl"]
    sqs.get_queue_url(QueueName="shapes")
    sqs.list_queues(QueueNamePrefix="shapes", MaxResults=1)
    sqs.list_dead_letter_source_queues(QueueUrl=dead)
    attributes = {
        "s": {"DataType": "String", "StringValue": "grün"},
        "b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
        "n": {"DataType": "Number", "StringValue": "1"},
    }
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes, MessageSystemAttributes=trace)
    message = sqs.receive_message(
        QueueUrl=url, MessageSystemAttributeNames=["All"], AttributeNames=["All"], MessageAttributeNames=["All"]
    )["Messages"][0]
    expect(message["MessageAttributes"] == attributes, "sqs", "attributes came back different")
    sqs.receive_message(QueueUrl=url)
    sqs.start_message_move_task(SourceArn=dead_arn, DestinationArn=sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"], MaxNumberOfMessagesPerSecond=1)
    sqs.list_message_move_tasks(SourceArn=dead_arn, MaxResults=10)
    fails("ResourceNotFoundException", sqs.cancel_message_move_task, TaskHandle="nope")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60", "RedrivePolicy": ""})
    entries = [{"Id": "1", "MessageBody": "a"}, {"Id": "2", "MessageBody": "\x01"}]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    got = sqs.receive_message(QueueUrl=url)["Messages"][0]["ReceiptHandle"]
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=got, VisibilityTimeout=5)
    sqs.change_message_visibility_batch(
        QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": got, "VisibilityTimeout": 9}, {"Id": "2", "ReceiptHandle": "x", "VisibilityTimeout": 9}]
    )
    sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "1", "ReceiptHandle": got}, {"Id": "2", "ReceiptHandle": "x"}])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=got)
    sqs.tag_queue(QueueUrl=url, Tags={"k": "v"})
    sqs.list_queue_tags(QueueUrl=url)
    sqs.untag_queue(QueueUrl=url, TagKeys=["k"])
    sqs.add_permission(QueueUrl=url, Label="l", AWSAccountIds=["123456789012"], Actions=["SendMessage"])
    sqs.remove_permission(QueueUrl=url, Label="l")
    sqs.purge_queue(QueueUrl=url)
    sqs_errors(sqs, url, got)
    sqs.delete_queue(QueueUrl=url)
    fails("AWS.SimpleQueueService.NonExistentQueue", sqs.send_message, QueueUrl=url, MessageBody="x")


def sqs_errors(sqs, url, handle):
    fails("AWS.SimpleQueueService.PurgeQueueInProgress", sqs.purge_queue, QueueUrl=url)
    fails("QueueAlreadyExists", sqs.create_queue, QueueName="shapes", Attributes={"VisibilityTimeout": "7"})
    fails("InvalidAttributeName", sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["ApproximateAgeOfOldestMessage"])
    fails("InvalidAttributeValue", sqs.set_queue_attributes, QueueUrl=url, Attributes={"VisibilityTimeout": "999999"})
    fails("ReceiptHandleIsInvalid", sqs.delete_message, QueueUrl=url, ReceiptHandle="x")
    fails("InvalidParameterValue", sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)
    fails("AWS.SimpleQueueService.EmptyBatchRequest", sqs.send_message_batch, QueueUrl=url, Entries=[])
    fails("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", sqs.send_message_batch, QueueUrl=url,
          Entries=[{"Id": "1", "MessageBody": "a"}] * 2)
    fails("InvalidMessageContents", sqs.send_message, QueueUrl=url, MessageBody="\x00")
    deny = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage"}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(deny)})
    fails("AccessDenied", sqs.send_message, QueueUrl=url, MessageBody="x")


def sqs_fifo(sqs):
    url = sqs.create_queue(QueueName="shapes.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x", MessageGroupId="g")
    sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": "1", "MessageBody": "y", "MessageGroupId": "g"}])
    got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["All"], ReceiveRequestAttemptId="r")["Messages"]
    expect([m["Body"] for m in got] == ["x", "y"], "sqs fifo", "order")
    sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])


def ssm_all(ssm):
    tags = [{"Key": "k", "Value": "v"}]
    ssm.put_parameter(Name="/s/a", Value="1", Type="String", Tags=tags, Description="d", AllowedPattern="\\d+")
    ssm.put_parameter(Name="/s/a", Value="2", Overwrite=True, Tier="Advanced")
    ssm.put_parameter(Name="/s/b/c", Value="geheim", Type="SecureString")
    ssm.put_parameter(Name="flat", Value="a,b", Type="StringList", DataType="text")
    ssm.label_parameter_version(Name="/s/a", ParameterVersion=1, Labels=["good", "1bad"])
    ssm.get_parameter(Name="/s/a:1")
    ssm.get_parameter(Name="/s/a:good")
    arn = ssm.get_parameter(Name="flat")["Parameter"]["ARN"]
    expect(ssm.get_parameter(Name=arn)["Parameter"]["Name"] == "flat", "ssm", "not found by ARN")
    hidden = ssm.get_parameter(Name="/s/b/c")["Parameter"]["Value"]
    shown = ssm.get_parameter(Name="/s/b/c", WithDecryption=True)["Parameter"]["Value"]
    expect(hidden != "geheim" and shown == "geheim", "ssm", "decryption")
    ssm.get_parameters(Names=["/s/a", "/nope"])
    ssm.get_parameters_by_path(Path="/s", Recursive=True, MaxResults=1)
    ssm.get_parameter_history(Name="/s/a", MaxResults=1)
    ssm.describe_parameters(ParameterFilters=[{"Key": "Name", "Option": "BeginsWith", "Values": ["/s"]}], MaxResults=1)
    ssm.unlabel_parameter_version(Name="/s/a", ParameterVersion=1, Labels=["good", "no"])
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId="/s/a", Tags=[{"Key": "x", "Value": ""}])
    ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/s/a")
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId="/s/a", TagKeys=["x"])
    ssm_errors(ssm)
    ssm.delete_parameter(Name="/s/a")
    ssm.delete_parameters(Names=["/s/b/c", "/nope"])


def ssm_errors(ssm):
    fails("ParameterAlreadyExists", ssm.put_parameter, Name="/s/a", Value="1", Type="String")
    fails("ParameterNotFound", ssm.get_parameter, Name="/nope")
    fails("ParameterNotFound", ssm.delete_parameter, Name="/nope")
    fails("ParameterVersionNotFound", ssm.get_parameter, Name="/s/a:9")
    fails("ValidationException", ssm.put_parameter, Name="/s/big", Value="x" * 4097, Type="String")
    fails("ValidationException", ssm.put_parameter, Name="/s/nest", Value="{{x}}", Type="String")
    fails("ParameterPatternMismatchException", ssm.put_parameter, Name="/s/p", Value="x", Type="String", AllowedPattern="^\\d+$")
    fails("HierarchyLevelLimitExceededException", ssm.put_parameter, Name="/a" * 16, Value="x", Type="String")
    fails("InvalidResourceId", ssm.list_tags_for_resource, ResourceType="Parameter", ResourceId="/nope")
    fails("InvalidFilterKey", ssm.get_parameters_by_path, Path="/s", ParameterFilters=[{"Key": "Tier", "Values": ["Standard"]}])
    fails("InvalidNextToken", ssm.describe_parameters, NextToken="x")


sqs, ssm, sts = client("sqs"), client("ssm"), client("sts")
sqs_standard(sqs)
sqs_fifo(sqs)
ssm_all(ssm)
identity = sts.get_caller_identity()
expect(identity["Arn"] == "arn:aws:iam::000000000000:root", "sts", f"{identity}")

models = [f"{c.meta.service_model.service_name}.{o}" for c in (sqs,) for o in c.meta.service_model.operation_names]
print(json.dumps({"called": sorted(called), "problems": problems, "all_sqs": sorted(models)}))
