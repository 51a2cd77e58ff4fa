"""Calls every operation of ECS and CloudWatch with boto3, and holds each reply against the official service model.

Prints one JSON object: the operations called, and what was wrong.

Usage: botocore_ecs.py ENDPOINT ACCESS_KEY SECRET_KEY
"""
import datetime
import json
import sys
import time

from botocore_checks import called, client, expect, fails, problems

DEADLINE_S = 60
CLUSTER, SERVICE = "shapes", "web"
CONTAINER = {
    "name": "main",
    "image": "local",
    "command": [sys.executable, "-c", "import time; time.sleep(600)"],
    "essential": True,
    "environment": [{"name": "A", "value": "b"}],
    "stopTimeout": 2,
}


def until(what, condition):
    """Waits for a condition with a deadline; processes start and stop in their own time."""
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    problems.append(f"waited {DEADLINE_S} s in vain for {what}")
    return None


def ecs_all(ecs):
    ecs.create_cluster(clusterName=CLUSTER, tags=[{"key": "k", "value": "v"}])
    clusters = ecs.describe_clusters(clusters=[CLUSTER, "nope"], include=["STATISTICS", "TAGS"])
    expect(clusters["failures"][0]["reason"] == "MISSING", "ecs", f"{clusters['failures']}")
    ecs.list_clusters(maxResults=1)
    network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}}
    first = ecs.register_task_definition(
        family="web", containerDefinitions=[CONTAINER], networkMode="awsvpc", cpu="256", memory="512",
        requiresCompatibilities=["FARGATE"], taskRoleArn="arn:aws:iam::000000000000:role/worker")["taskDefinition"]
    second = ecs.register_task_definition(family="web", containerDefinitions=[{**CONTAINER, "command": [*CONTAINER["command"]]}],
                                          networkMode="awsvpc")["taskDefinition"]
    ecs.describe_task_definition(taskDefinition="web", include=["TAGS"])
    ecs.list_task_definitions(familyPrefix="web", sort="DESC", maxResults=1)
    ecs.list_task_definition_families(status="ALL")
    ecs.create_service(cluster=CLUSTER, serviceName=SERVICE, taskDefinition=first["taskDefinitionArn"], desiredCount=2,
                       launchType="FARGATE", networkConfiguration=network, propagateTags="SERVICE",
                       deploymentConfiguration={"minimumHealthyPercent": 0, "maximumPercent": 200})
    ecs.list_services(cluster=CLUSTER, maxResults=10)

    def running():
        found = ecs.describe_services(cluster=CLUSTER, services=[SERVICE, "nope"], include=["TAGS"])
        expect(found["failures"][0]["reason"] == "MISSING", "ecs", f"{found['failures']}")
        service = found["services"][0]
        steady = service["deployments"][0].get("rolloutState") == "COMPLETED" and len(service["deployments"]) == 1
        return service if steady and service["runningCount"] == service["desiredCount"] else None

    until("two running tasks", running)
    arns = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, desiredStatus="RUNNING", maxResults=1)
    arns = arns["taskArns"] + ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE, nextToken=arns["nextToken"])["taskArns"]
    expect(len(set(arns)) == 2, "ecs", f"two pages of tasks hold {arns}")
    ecs.list_tasks(cluster=CLUSTER, family="web", launchType="FARGATE")
    ecs.list_tasks(cluster=CLUSTER, startedBy="nobody")
    fails("InvalidParameterException", ecs.list_tasks, cluster=CLUSTER, family="web", startedBy="nobody")
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=[*arns, "0" * 32], include=["TAGS"])
    expect(tasks["failures"][0]["reason"] == "MISSING", "ecs", f"{tasks['failures']}")
    hosts = ecs.list_container_instances(cluster=CLUSTER, maxResults=10)["containerInstanceArns"]
    ecs.describe_container_instances(cluster=CLUSTER, containerInstances=[*hosts, "0" * 32])
    ecs.update_task_protection(cluster=CLUSTER, tasks=[arns[0]], protectionEnabled=True, expiresInMinutes=5)
    ecs.get_task_protection(cluster=CLUSTER, tasks=arns)
    ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    until("the scale-in to one task", running)
    left = ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"]
    expect(left == [arns[0]], "ecs", f"the protected task should be the one left, there is {left}")
    ecs.update_task_protection(cluster=CLUSTER, tasks=[arns[0]], protectionEnabled=False)
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=second["taskDefinitionArn"], forceNewDeployment=True)
    until("the deployment", running)
    stopped = ecs.stop_task(cluster=CLUSTER, task=ecs.list_tasks(cluster=CLUSTER, serviceName=SERVICE)["taskArns"][0], reason="a test")["task"]
    until("the stopped task", lambda: ecs.describe_tasks(cluster=CLUSTER, tasks=[stopped["taskArn"]])["tasks"][0]["lastStatus"] == "STOPPED")
    ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")
    single = ecs.run_task(cluster=CLUSTER, taskDefinition="web", count=1, startedBy="me", networkConfiguration=network,
                          overrides={"containerOverrides": [{"name": "main", "command": [sys.executable, "-c", "raise SystemExit(3)"]}]})["tasks"][0]
    ended = until("the single task", lambda: next(
        (t for t in ecs.describe_tasks(cluster=CLUSTER, tasks=[single["taskArn"]])["tasks"] if t["lastStatus"] == "STOPPED"), None))
    expect(ended and ended["containers"][0]["exitCode"] == 3, "ecs", f"exit code of {ended}")
    service_arn = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]["serviceArn"]
    ecs.tag_resource(resourceArn=service_arn, tags=[{"key": "x", "value": "y"}])
    ecs.list_tags_for_resource(resourceArn=service_arn)
    ecs.untag_resource(resourceArn=service_arn, tagKeys=["x"])
    ecs_errors(ecs)
    ecs.delete_service(cluster=CLUSTER, service=SERVICE, force=True)
    ecs.deregister_task_definition(taskDefinition=first["taskDefinitionArn"])
    until("an empty cluster", lambda: cluster_is_empty(ecs))
    ecs.delete_cluster(cluster=CLUSTER)


def cluster_is_empty(ecs):
    """A service that drains, or a task that was told to stop and has not yet, still belongs to its cluster."""
    service = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    arns = [arn for wanted in ("RUNNING", "STOPPED") for arn in ecs.list_tasks(cluster=CLUSTER, desiredStatus=wanted)["taskArns"]]
    tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"] if arns else []
    return service["status"] == "INACTIVE" and all(task["lastStatus"] == "STOPPED" for task in tasks)


def ecs_errors(ecs):
    fails("ClusterNotFoundException", ecs.describe_services, cluster="nope", services=["x"])
    fails("ClusterNotFoundException", ecs.list_tasks, cluster="nope")
    fails("ServiceNotFoundException", ecs.update_service, cluster=CLUSTER, service="nope", desiredCount=1)
    fails("InvalidParameterException", ecs.update_service, cluster=CLUSTER, service=SERVICE, desiredCount=-1)
    fails("InvalidParameterException", ecs.stop_task, cluster=CLUSTER, task="0" * 32)
    fails("ClientException", ecs.describe_task_definition, taskDefinition="nope:1")
    fails("InvalidParameterException", ecs.describe_services, cluster=CLUSTER, services=["x"] * 11)
    fails("ClusterContainsServicesException", ecs.delete_cluster, cluster=CLUSTER)


def cloudwatch_all(cw):
    now = datetime.datetime.now(datetime.timezone.utc)
    window = {"StartTime": now - datetime.timedelta(hours=1), "EndTime": now + datetime.timedelta(minutes=1)}
    dimensions = [{"Name": "Policy", "Value": "jobs"}]
    cw.put_metric_data(Namespace="Sluice", MetricData=[
        {"MetricName": "Desired", "Dimensions": dimensions, "Timestamp": now, "Value": 4, "Unit": "Count"},
        {"MetricName": "Desired", "Dimensions": dimensions, "Timestamp": now, "Values": [1, 2], "Counts": [3, 1]},
    ])
    cw.list_metrics(Namespace="Sluice")
    stat = {"Metric": {"Namespace": "Sluice", "MetricName": "Desired", "Dimensions": dimensions}, "Period": 60, "Stat": "Maximum"}
    found = cw.get_metric_data(MetricDataQueries=[
        {"Id": "m", "MetricStat": stat, "ReturnData": True}, {"Id": "e", "Expression": "m * 2"}], ScanBy="TimestampDescending", **window)
    values = {r["Id"]: r["Values"] for r in found["MetricDataResults"]}
    expect(values == {"m": [4.0], "e": [8.0]}, "cloudwatch", f"{values}")
    cw.get_metric_statistics(Namespace="Sluice", MetricName="Desired", Dimensions=dimensions, Period=60, Statistics=["Sum", "Average"], **window)
    alarm = {"AlarmName": "high", "Namespace": "Sluice", "MetricName": "Desired", "Dimensions": dimensions, "Period": 60,
             "EvaluationPeriods": 1, "Threshold": 3, "ComparisonOperator": "GreaterThanThreshold", "Statistic": "Maximum"}
    cw.put_metric_alarm(**alarm)
    cw.describe_alarms(AlarmNames=["high"])
    cw.set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="a test")
    state = cw.describe_alarms(StateValue="ALARM")["MetricAlarms"]
    expect([a["AlarmName"] for a in state] == ["high"], "cloudwatch", f"{state}")
    cw.describe_alarm_history(AlarmName="high")
    cw.disable_alarm_actions(AlarmNames=["high"])
    cw.enable_alarm_actions(AlarmNames=["high"])
    fails("InvalidParameterValue", cw.put_metric_data, Namespace="AWS/SQS", MetricData=[{"MetricName": "x", "Value": 1}])
    fails("ResourceNotFound", cw.set_alarm_state, AlarmName="nope", StateValue="OK", StateReason="x")
    cw.delete_alarms(AlarmNames=["high"])


ecs_all(client("ecs"))
cloudwatch_all(client("cloudwatch"))
print(json.dumps({"called": sorted(called), "problems": problems}))
