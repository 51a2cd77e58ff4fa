/** The parameters of the template: everything that differs between accounts and is no grant. */
import { RECONCILERS } from '../blueprint/containers.ts';
import type { Value } from './substitute.ts';

export const PARAMETERS: Record<string, Value> = {
  Image: { Type: 'String', Description: 'The image of the reconciler, such as REPOSITORY:TAG', MinLength: 1 },
  RepositoryArn: {
    Type: 'String',
    Default: '',
    Description: 'The ARN of the ECR repository of the image; empty for a public image',
  },
  Architecture: { Type: 'String', Default: 'ARM64', AllowedValues: ['ARM64', 'X86_64'] },
  Cluster: { Type: 'String', Description: 'The name of the ECS cluster that the reconciler runs in', MinLength: 1 },
  VpcId: { Type: 'AWS::EC2::VPC::Id' },
  SubnetIds: {
    Type: 'List<AWS::EC2::Subnet::Id>',
    Description: 'Subnets with a way out to AWS: a NAT gateway, VPC endpoints, or public ones with AssignPublicIp',
  },
  AssignPublicIp: { Type: 'String', Default: 'DISABLED', AllowedValues: ['ENABLED', 'DISABLED'] },
  Reconcilers: {
    Type: 'Number',
    Default: RECONCILERS,
    AllowedValues: [1, 2],
    Description: 'Tasks of the reconciler: one leads, a second one stands by',
  },
  Cpu: { Type: 'String', Default: '256', AllowedValues: ['256', '512', '1024'] },
  Memory: { Type: 'String', Default: '512', AllowedValues: ['512', '1024', '2048', '3072', '4096'] },
  AlarmEmail: { Type: 'String', Default: '', Description: 'An address that alarms write to; empty for none' },
  OldestAgeAlarm: { Type: 'Number', Default: 600, MinValue: 60, Description: 'Seconds' },
  LogRetentionDays: { Type: 'Number', Default: 30, AllowedValues: [1, 3, 5, 7, 14, 30, 60, 90, 180, 365] },
  RolePath: { Type: 'String', Default: '/' },
  PermissionsBoundary: {
    Type: 'String',
    Default: '',
    Description: 'The ARN of a policy that bounds the roles; empty for none',
  },
};

const given = (parameter: string): Value => ({ 'Fn::Not': [{ 'Fn::Equals': [{ Ref: parameter }, ''] }] });

export const CONDITIONS: Record<string, Value> = {
  HasRepository: given('RepositoryArn'),
  HasAlarmEmail: given('AlarmEmail'),
  HasBoundary: given('PermissionsBoundary'),
  HasStandby: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Reconcilers' }, '1'] }] },
};
