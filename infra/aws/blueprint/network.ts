/** The network rules of a stack's tasks, as data. */

export interface EgressRule {
  protocol: 'tcp' | 'udp';
  port: number;
  cidrBlocks: string[];
  description: string;
}

/** Private addresses (RFC 1918 and RFC 6598): a DNS server of one's own is at one of them. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'];

/**
 * The connections that a task may open: HTTPS, and DNS within private networks. Security groups do not filter Amazon's
 * own resolver, but a VPC may have other servers (DHCP options); without the DNS rules no name would resolve there.
 */
export const EGRESS: readonly EgressRule[] = [
  { protocol: 'tcp', port: 443, cidrBlocks: ['0.0.0.0/0'], description: 'AWS endpoints' },
  { protocol: 'udp', port: 53, cidrBlocks: PRIVATE, description: 'DNS servers of the VPC' },
  { protocol: 'tcp', port: 53, cidrBlocks: PRIVATE, description: 'DNS servers of the VPC, long answers' },
];

/** The address ranges of a network that a stack makes: two subnets, in two zones. */
export const VPC_CIDR = '10.20.0.0/24';
export const SUBNET_CIDRS = ['10.20.0.0/26', '10.20.0.64/26'];

/**
 * Availability zones without Fargate, by id, since names differ between accounts. Source: Amazon ECS Developer Guide,
 * "Supported Regions for Amazon ECS on AWS Fargate"; it lists the zones that have it.
 */
export const ZONES_WITHOUT_FARGATE = ['use1-az3', 'usw1-az2', 'apne1-az3', 'cac1-az3', 'cnn1-az3'];

/** The zones that may be asked for: open to every account, and no local or wavelength zones. */
export const ZONE_FILTERS = [
  { name: 'opt-in-status', values: ['opt-in-not-required'] },
  { name: 'zone-type', values: ['availability-zone'] },
];

/** Interface endpoints that a private subnet without a NAT gateway needs; S3 has a gateway endpoint, which is free. */
export const INTERFACE_ENDPOINTS = ['ecr.api', 'ecr.dkr', 'logs', 'ssm', 'sqs', 'ecs', 'monitoring'];
