import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { EGRESS, SUBNET_CIDRS, VPC_CIDR, ZONE_FILTERS, ZONES_WITHOUT_FARGATE } from '../blueprint/network.ts';

export interface NetworkArgs {
  /** An existing network. Without it the stack makes a VPC: two public subnets, no NAT gateway. */
  existing?: { vpcId: string; subnetIds: string[]; assignPublicIp: boolean } | undefined;
}

/**
 * Makes the network of the tasks: public subnets without any ingress rule. A NAT gateway costs more than the reconciler
 * itself (docs/costs.md), and neither the reconciler nor a worker accepts connections.
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string>[];
  readonly assignPublicIp: boolean;
  readonly securityGroupId: pulumi.Output<string>;
  /**
   * The ways out of the subnets. A service starts after them, so that its first image can be pulled, and ends before
   * them, so that a task that is stopped can still revert its experiments.
   */
  readonly routes: pulumi.Resource[];

  constructor(name: string, { existing }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Network', name, {}, opts);
    const parent = { parent: this };
    if (existing) {
      this.vpcId = pulumi.output(existing.vpcId);
      this.subnetIds = existing.subnetIds.map((id) => pulumi.output(id));
      this.assignPublicIp = existing.assignPublicIp;
      this.routes = [];
    } else {
      const made = makeVpc(name, parent);
      this.vpcId = made.vpcId;
      this.subnetIds = made.subnetIds;
      this.assignPublicIp = true;
      this.routes = made.routes;
    }
    const group = new aws.ec2.SecurityGroup(
      `${name}-tasks`,
      {
        vpcId: this.vpcId,
        description: 'Sluice tasks: HTTPS to AWS and DNS, nothing in',
        ingress: [],
        egress: EGRESS.map(({ port, ...rule }) => ({ ...rule, fromPort: port, toPort: port })),
      },
      parent,
    );
    this.securityGroupId = group.id;
    this.registerOutputs({ vpcId: this.vpcId, subnetIds: this.subnetIds, securityGroupId: group.id });
  }
}

function makeVpc(name: string, parent: pulumi.CustomResourceOptions) {
  const zones = aws.getAvailabilityZonesOutput(
    { state: 'available', filters: ZONE_FILTERS, excludeZoneIds: ZONES_WITHOUT_FARGATE },
    parent,
  );
  const vpc = new aws.ec2.Vpc(name, { cidrBlock: VPC_CIDR, enableDnsHostnames: true }, parent);
  const gateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id }, parent);
  const table = new aws.ec2.RouteTable(
    name,
    { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] },
    parent,
  );
  const subnets = SUBNET_CIDRS.map(
    (cidrBlock, i) =>
      new aws.ec2.Subnet(
        `${name}-${i}`,
        { vpcId: vpc.id, cidrBlock, availabilityZone: zones.apply(({ names }) => names[i % names.length] ?? '') },
        parent,
      ),
  );
  const routes = subnets.map(
    (subnet, i) =>
      new aws.ec2.RouteTableAssociation(`${name}-${i}`, { subnetId: subnet.id, routeTableId: table.id }, parent),
  );
  return { vpcId: vpc.id, subnetIds: subnets.map((subnet) => subnet.id), routes };
}
