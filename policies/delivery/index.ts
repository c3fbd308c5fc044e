import { deliveryReleaseGates } from "./release-gates";
import { deliveryReleaseSingle } from "./release-single";
import { deliveryWorkloadRelease } from "./workload-release";

export const deliveryPolicies = [deliveryReleaseGates, deliveryReleaseSingle, deliveryWorkloadRelease];
