import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

export interface NetworkArgs {
  /** An existing network. Without it the stack makes a VPC: two public subnets, no NAT gateway. */
  existing?: { vpcId: string; subnetIds: string[]; assignPublicIp: boolean } | undefined;
}

/** Makes the network of the tasks: public subnets without any ingress rule. A NAT gateway costs more than the reconciler
 * itself (docs/costs.md), and neither the reconciler nor a worker accepts connections. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly subnetIds: pulumi.Output<string>[];
  readonly assignPublicIp: boolean;
  /** The security group of the tasks. They may call AWS by HTTPS; nobody may call them. */
  readonly securityGroupId: pulumi.Output<string>;

  constructor(name: string, { existing }: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super('sluice:index:Network', name, {}, opts);
    const parent = { parent: this };
    if (existing) {
      this.vpcId = pulumi.output(existing.vpcId);
      this.subnetIds = existing.subnetIds.map((id) => pulumi.output(id));
      this.assignPublicIp = existing.assignPublicIp;
    } else {
      const made = makeVpc(name, parent);
      this.vpcId = made.vpcId;
      this.subnetIds = made.subnetIds;
      this.assignPublicIp = true;
    }
    const group = new aws.ec2.SecurityGroup(
      `${name}-tasks`,
      {
        vpcId: this.vpcId,
        description: 'Sluice tasks: HTTPS to AWS, nothing in',
        ingress: [],
        egress: [
          { protocol: 'tcp', fromPort: 443, toPort: 443, cidrBlocks: ['0.0.0.0/0'], description: 'AWS endpoints' },
        ],
      },
      parent,
    );
    this.securityGroupId = group.id;
    this.registerOutputs({ vpcId: this.vpcId, subnetIds: this.subnetIds, securityGroupId: group.id });
  }
}

function makeVpc(name: string, parent: pulumi.CustomResourceOptions) {
  const zones = aws.getAvailabilityZonesOutput({ state: 'available' }, parent);
  const vpc = new aws.ec2.Vpc(name, { cidrBlock: '10.20.0.0/24', enableDnsHostnames: true }, parent);
  const gateway = new aws.ec2.InternetGateway(name, { vpcId: vpc.id }, parent);
  const routes = new aws.ec2.RouteTable(
    name,
    { vpcId: vpc.id, routes: [{ cidrBlock: '0.0.0.0/0', gatewayId: gateway.id }] },
    parent,
  );
  const subnetIds = ['10.20.0.0/26', '10.20.0.64/26'].map((cidrBlock, i) => {
    const subnet = new aws.ec2.Subnet(
      `${name}-${i}`,
      { vpcId: vpc.id, cidrBlock, availabilityZone: zones.apply(({ names }) => names[i % names.length] ?? '') },
      parent,
    );
    new aws.ec2.RouteTableAssociation(`${name}-${i}`, { subnetId: subnet.id, routeTableId: routes.id }, parent);
    return subnet.id;
  });
  return { vpcId: vpc.id, subnetIds };
}
