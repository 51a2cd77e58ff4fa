/** The names of a stack that CloudFormation makes; each holds the name that the stack will have. */
// biome-ignore-start lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
import { pathsOf, rootOf } from '../blueprint/names.ts';

/** CloudFormation's own name for the stack. */
export const STACK_NAME = '${AWS::StackName}';
export const PATHS = pathsOf(rootOf(STACK_NAME));
export const LOG_GROUP = `/sluice/${STACK_NAME}`;
export const NAMESPACE = `Sluice/${STACK_NAME}`;
export const WAKE_QUEUE = `${STACK_NAME}-changes`;
export const LEASES = `${STACK_NAME}-leases`;
export const REGION = '${AWS::Region}';

/** A stack's name has at most this many characters. Role documents are measured with as many. */
const LONGEST_STACK_NAME = 128;
const STAND_IN = '-'.repeat(LONGEST_STACK_NAME);

/** Returns the text with a stand-in for the stack's name that is as long as the name may be. */
export const atItsLongest = (text: string): string => text.replaceAll(STACK_NAME, STAND_IN);
/** Returns the text with the stack's name in the place of its stand-in. */
export const asNamed = (text: string): string => text.replaceAll(STAND_IN, STACK_NAME);
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: CloudFormation fills these in
